/** What the bytes of a stream say about how far clamd's `OK` can be trusted. */
export interface StreamSigns {
  container: boolean;
  mayBeEncrypted: boolean;
  /** Bytes: the largest size that a zip's own headers promise for a member. */
  largestMember: number;
}

const CONTAINERS = [
  '504b0304',
  '504b0506',
  '1f8b',
  '1f9d',
  '425a68',
  'fd377a585a00',
  '377abcaf271c',
  '526172211a07',
  '28b52ffd',
  '4d534346',
  '4c5a4950',
  'd0cf11e0a1b11ae1',
  '255044462d',
];
/** Formats whose encryption cannot be told from a few bytes. */
const OPAQUE = ['377abcaf271c', '526172211a07'];
const LOCAL_HEADER = Buffer.from('504b0304', 'hex');
const CENTRAL_HEADER = Buffer.from('504b0102', 'hex');
const MARKS = [Buffer.from('/Encrypt'), Buffer.from('EncryptedPackage', 'utf16le')];
/** Longest mark less one: what may be cut by a chunk's end. */
const OVERLAP = 31;

/** Looks at a stream as it passes; keeps at most 31 bytes back. */
export class StreamSniffer {
  private head = Buffer.alloc(0);
  private tail = Buffer.alloc(0);
  private encrypted = false;
  private tar = false;
  private seen = 0;
  private largest = 0;

  push(chunk: Buffer): void {
    if (this.head.length < 300) this.head = Buffer.concat([this.head, chunk.subarray(0, 300 - this.head.length)]);
    this.seen += chunk.length;
    if (this.seen >= 262) this.tar ||= this.head.toString('latin1', 257, 262) === 'ustar';
    const window = Buffer.concat([this.tail, chunk]);
    this.encrypted ||= MARKS.some((mark) => window.includes(mark)) || hasEncryptedEntry(window);
    this.largest = Math.max(this.largest, largestPromise(window));
    this.tail = window.subarray(Math.max(0, window.length - OVERLAP));
  }

  signs(): StreamSigns {
    const start = this.head.toString('hex', 0, 8);
    const begins = (signature: string): boolean => start.startsWith(signature);
    return {
      container: this.tar || CONTAINERS.some(begins),
      mayBeEncrypted: this.encrypted || OPAQUE.some(begins),
      largestMember: this.largest,
    };
  }
}

/** General purpose bit 0 of a local file header (APPNOTE 4.4.4). */
function hasEncryptedEntry(window: Buffer): boolean {
  for (let at = window.indexOf(LOCAL_HEADER); at >= 0; at = window.indexOf(LOCAL_HEADER, at + 4)) {
    if (((window[at + 6] ?? 0) & 1) === 1) return true;
  }
  return false;
}

/** Uncompressed sizes in local headers and directory entries (APPNOTE 4.3.7, 4.3.12); ffffffff is zip64, so unknown and large. */
function largestPromise(window: Buffer): number {
  let largest = 0;
  for (const [header, offset] of [[LOCAL_HEADER, 22] as const, [CENTRAL_HEADER, 24] as const]) {
    for (let at = window.indexOf(header); at >= 0; at = window.indexOf(header, at + 4)) {
      if (at + offset + 4 <= window.length) largest = Math.max(largest, window.readUInt32LE(at + offset));
    }
  }
  return largest;
}
