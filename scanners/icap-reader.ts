import { createHash } from 'node:crypto';
import type { IcapHeaders, IcapReply } from './icap-protocol';

/** Longest head, and longest line of a chunk's size: a service that writes more is not one. */
const MAX_HEAD = 65_536;
const MAX_LINE = 1_024;

type Stage = 'head' | 'inner' | 'size' | 'data' | 'data end' | 'trailer' | 'done';

/** Reads one reply as its pieces arrive. Keeps heads only; of the body it knows length and SHA-256. */
export class IcapReader {
  private stage: Stage = 'head';
  private waiting: Buffer = Buffer.alloc(0);
  private left = 0;
  /** Where the encapsulated response's head begins, and where the encapsulated heads end. */
  private innerFrom = 0;
  private innerBytes = 0;
  private hasBody = false;
  private status = 0;
  private headers: IcapHeaders = new Map();
  private inner: { status: number; headers: IcapHeaders } | undefined;
  private readonly hash = createHash('sha256');
  private bodyLength = 0;
  private readonly maxBodyBytes: number;

  constructor(maxBodyBytes: number) {
    this.maxBodyBytes = maxBodyBytes;
  }

  /**
   * @returns the reply with its last byte
   * @throws when what came is no ICAP reply, or goes on behind its end
   */
  push(chunk: Buffer): IcapReply | undefined {
    this.waiting = this.waiting.length === 0 ? chunk : Buffer.concat([this.waiting, chunk]);
    while (this.stage !== 'done' && this.step());
    if (this.stage !== 'done') return undefined;
    if (this.waiting.length > 0) throw new Error('bytes behind the reply');
    return {
      status: this.status,
      headers: this.headers,
      ...(this.inner && { inner: this.inner }),
      ...(this.hasBody && { body: { sha256: this.hash.digest('hex'), length: this.bodyLength } }),
    };
  }

  /** Takes the next part off what waits; false when more bytes are needed. */
  private step(): boolean {
    switch (this.stage) {
      case 'head':
        return this.takeHead();
      case 'inner':
        return this.takeInner();
      case 'size':
        return this.takeSize();
      case 'data':
        return this.takeData();
      case 'data end':
        return this.takeLine(MAX_LINE, (line) => {
          if (line !== '') throw new Error('a chunk longer than its size');
          this.stage = 'size';
        });
      case 'trailer':
        return this.takeLine(MAX_HEAD, (line) => {
          if (line === '') this.stage = 'done';
        });
      case 'done':
        return false;
    }
  }

  private takeHead(): boolean {
    const end = this.waiting.indexOf('\r\n\r\n');
    if (end < 0) return this.mustWait(MAX_HEAD);
    const { first, headers } = parseHead(this.waiting.toString('latin1', 0, end));
    this.waiting = this.waiting.subarray(end + 4);
    const status = /^ICAP\/1\.\d (\d{3})( |$)/.exec(first)?.[1];
    if (status === undefined) throw new Error('no status line');
    this.status = Number(status);
    this.headers = headers;
    // Only the answers 200 and 206 say something behind their head; other bodies end with the connection.
    if (this.status !== 200) this.stage = 'done';
    else this.readEncapsulated(headers.get('encapsulated'));
    return true;
  }

  private readEncapsulated(text: string | undefined): void {
    const parts = (text ?? '').split(',').map((part) => /^\s*([a-z]+-[a-z]+)=(\d{1,6})\s*$/.exec(part));
    const last = parts.at(-1);
    const offset = Number(last?.[2]);
    if (!last?.[1] || parts.includes(null) || offset > MAX_HEAD) throw new Error('no readable Encapsulated header');
    this.hasBody = last[1] !== 'null-body';
    const head = parts.find((part) => part?.[1] === 'res-hdr');
    this.innerFrom = head ? Number(head[2]) : offset;
    this.innerBytes = offset;
    if (this.innerFrom > offset) throw new Error('Encapsulated parts out of order');
    this.stage = offset > 0 ? 'inner' : this.hasBody ? 'size' : 'done';
  }

  private takeInner(): boolean {
    if (this.waiting.length < this.innerBytes) return false;
    const { first, headers } = parseHead(this.waiting.toString('latin1', this.innerFrom, this.innerBytes).trimEnd());
    this.waiting = this.waiting.subarray(this.innerBytes);
    const status = /^HTTP\/\d\.\d (\d{3})( |$)/.exec(first)?.[1];
    if (status === undefined) throw new Error('no inner status line');
    this.inner = { status: Number(status), headers };
    this.stage = this.hasBody ? 'size' : 'done';
    return true;
  }

  private takeSize(): boolean {
    return this.takeLine(MAX_LINE, (line) => {
      const size = /^([0-9a-f]{1,8})\s*(;|$)/i.exec(line)?.[1];
      if (size === undefined) throw new Error('no chunk size');
      this.left = parseInt(size, 16);
      this.stage = this.left === 0 ? 'trailer' : 'data';
    });
  }

  private takeData(): boolean {
    const part = this.waiting.subarray(0, this.left);
    if (part.length === 0) return false;
    this.hash.update(part);
    this.bodyLength += part.length;
    if (this.bodyLength > this.maxBodyBytes) throw new Error('a body without end');
    this.left -= part.length;
    this.waiting = this.waiting.subarray(part.length);
    if (this.left === 0) this.stage = 'data end';
    return true;
  }

  private takeLine(longest: number, take: (line: string) => void): boolean {
    const end = this.waiting.indexOf('\r\n');
    if (end < 0) return this.mustWait(longest);
    const line = this.waiting.toString('latin1', 0, end);
    this.waiting = this.waiting.subarray(end + 2);
    take(line);
    return true;
  }

  private mustWait(longest: number): boolean {
    if (this.waiting.length > longest) throw new Error('a line without end');
    return false;
  }
}

function parseHead(text: string): { first: string; headers: IcapHeaders } {
  const lines = text.split('\r\n');
  const headers = new Map<string, string>();
  let name = '';
  for (const line of lines.slice(1)) {
    const [, key, value] = /^([\w-]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (/^[ \t]/.test(line) && name !== '') headers.set(name, `${headers.get(name) ?? ''}\n${line.trim()}`);
    else if (key !== undefined && value !== undefined) {
      name = key.toLowerCase();
      headers.set(name, headers.has(name) ? `${headers.get(name)}\n${value.trimEnd()}` : value.trimEnd());
    } else throw new Error('a header that is none');
  }
  return { first: lines[0] ?? '', headers };
}
