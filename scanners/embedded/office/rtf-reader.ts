/** What a reader of RTF meets, in order. `data` is text and raw bytes alike. */
export interface RtfHandler {
  open(): void;
  close(): void;
  /** A control word without backslash. `star`: it stands behind `\*`, so readers who do not know it skip its group. */
  word(name: string, parameter: number | undefined, star: boolean): void;
  /** Bytes of text from `start` to `end`. */
  text(start: number, end: number): void;
  /** Bytes behind `\bin`. */
  binary(start: number, end: number): void;
  /** A character written as `\'hh` or `\uN`. */
  character(code: number, escaped: boolean): void;
}

const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x27;
const MAX_WORD = 64;

/** Walks through RTF once, as Word does (Rich Text Format 1.9.1): whatever stands there, something is passed on. */
export function readRtf(bytes: Buffer, handler: RtfHandler, stop: () => boolean): void {
  let star = false;
  for (let at = 0; at < bytes.length && !stop();) {
    const byte = bytes[at];
    if (byte === OPEN) {
      handler.open();
      at += 1;
    } else if (byte === CLOSE) {
      handler.close();
      at += 1;
    } else if (byte === BACKSLASH) {
      if (bytes[at + 1] === 0x2a) {
        star = true;
        at += 2;
        continue;
      }
      at = control(bytes, at + 1, star, handler);
    } else {
      const start = at;
      while (at < bytes.length && bytes[at] !== OPEN && bytes[at] !== CLOSE && bytes[at] !== BACKSLASH) at += 1;
      // White space between `\*` and its word changes nothing.
      if (star && isBlank(bytes, start, at)) continue;
      handler.text(start, at);
    }
    star = false;
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  return end - start < 1_000 && /^\s*$/.test(bytes.toString('latin1', start, end));
}

const isLetter = (byte: number | undefined): boolean =>
  byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

function control(bytes: Buffer, start: number, star: boolean, handler: RtfHandler): number {
  const first = bytes[start];
  if (first === QUOTE) {
    const code = parseInt(bytes.toString('latin1', start + 1, start + 3), 16);
    if (!Number.isNaN(code)) handler.character(code, true);
    return start + 3;
  }
  if (!isLetter(first)) {
    if (first === BACKSLASH || first === OPEN || first === CLOSE) handler.text(start, start + 1);
    return start + 1;
  }
  let at = start;
  while (isLetter(bytes[at]) && at - start < MAX_WORD) at += 1;
  const name = bytes.toString('latin1', start, at).toLowerCase();
  const digits = at;
  if (bytes[at] === 0x2d) at += 1;
  while (isDigit(bytes[at]) && at - digits < 12) at += 1;
  if (at === digits + 1 && bytes[digits] === 0x2d) at = digits;
  const parameter = at > digits ? Number(bytes.toString('latin1', digits, at)) : undefined;
  if (bytes[at] === 0x20) at += 1;
  if (name === 'bin') {
    const end = Math.min(bytes.length, at + Math.max(0, parameter ?? 0));
    handler.binary(at, end);
    return end;
  }
  if (name === 'u' && parameter !== undefined) handler.character(parameter & 0xffff, false);
  else handler.word(name, parameter, star);
  return at;
}
