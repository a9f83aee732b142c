import type { Json } from './model';
import { idOf, isRecord, recordOf, Refusal, textOf } from './http';

/** Something that goes wrong for the next calls that match. Kept in memory only. */
export interface Fault {
  id: number;
  account: string | null;
  method: string | null;
  path: string;
  /** Calls that are still spoilt; -1 for ever. */
  times: number;
  /** Matching calls that are left alone first. */
  skip: number;
  status: number | null;
  body: Json | null;
  bodyText: string | null;
  html: string | null;
  retryAfter: string | null;
  /** Cuts the answer after this share of its bytes. */
  truncateAt: number | null;
  /** Waits before the request is handled. */
  delayMs: number;
  /** Waits after the request was handled and before the answer leaves, so that events overtake it. */
  delayAnswerMs: number;
  dropConnection: boolean;
  dropConnectionAfterHandling: boolean;
}

export class Faults {
  private faults: Fault[] = [];
  private lastId = 0;

  /** @throws Refusal 400 when the path is missing or is not a regular expression */
  add(input: Json): Fault {
    const match = recordOf(input['match']);
    const path = textOf(match['path']) ?? '';
    try {
      if (path === '') throw new Error('match.path is required');
      new RegExp(path);
    } catch (error) {
      throw new Refusal(400, { error: error instanceof Error ? error.message : String(error) });
    }
    this.lastId += 1;
    const fault: Fault = {
      id: this.lastId,
      account: textOf(input['account']) ?? null,
      method: textOf(match['method'])?.toUpperCase() ?? null,
      path,
      times: typeof input['times'] === 'number' ? input['times'] : 1,
      skip: idOf(input['skip']) ?? 0,
      status: idOf(input['status']) ?? null,
      body: isRecord(input['body']) ? input['body'] : null,
      bodyText: textOf(input['bodyText']) ?? null,
      html: textOf(input['html']) ?? null,
      retryAfter: input['retryAfter'] === undefined ? null : String(input['retryAfter']),
      truncateAt: typeof input['truncateAt'] === 'number' ? input['truncateAt'] : null,
      delayMs: idOf(input['delayMs']) ?? 0,
      delayAnswerMs: idOf(input['delayAnswerMs']) ?? 0,
      dropConnection: input['dropConnection'] === true,
      dropConnectionAfterHandling: input['dropConnectionAfterHandling'] === true,
    };
    this.faults.push(fault);
    return fault;
  }

  list(): Fault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }

  /** The fault that this call meets, used up by one. */
  take(account: string | null, method: string, path: string): Fault | undefined {
    for (const fault of this.faults) {
      if (fault.times === 0 || (fault.account !== null && fault.account !== account)) continue;
      if ((fault.method !== null && fault.method !== method) || !new RegExp(fault.path).test(path)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      if (fault.times > 0) fault.times -= 1;
      return fault;
    }
    return undefined;
  }
}

/** Whether the fault answers by itself, so that the request is never handled. */
export const answersItself = (fault: Fault): boolean =>
  fault.status !== null || fault.bodyText !== null || fault.html !== null || fault.body !== null;
