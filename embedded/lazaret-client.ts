import { setTimeout as pause } from 'node:timers/promises';

/** A scan as the API lists it; the fields that the demonstration looks at. */
export interface ScanView {
  id: string;
  sha256: string | null;
  fileName: string;
  verdict: string;
  state: string;
  stateReason: string | null;
  releasedFrom: string | null;
  attachmentId: string;
  commentId: string;
}

/** Speaks to Lazaret's API with one key, as an outside program would. */
export class LazaretClient {
  private readonly url: string;
  private readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  /** One call. @throws Error with status and problem when the answer is none of 2xx */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** The scans of one ticket, newest first. */
  async scansOf(ticketId: number | string): Promise<ScanView[]> {
    return (await this.call<{ scans: ScanView[] }>('GET', `/api/v1/scans?ticket=${ticketId}`)).scans;
  }
}

/** Asks again until the answer is there. @throws Error saying what was waited for, after `limitMs` */
export async function until<T>(what: string, look: () => Promise<T | undefined>, limitMs = 60_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (let wait = 10; ; wait = Math.min(wait * 1.5, 200)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
    await pause(wait);
  }
}
