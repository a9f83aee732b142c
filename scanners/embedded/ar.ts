import { KeptMembers } from './kept-members';
import type { UnpackBudget, Unpacked } from './unpack';

const MAGIC = '!<arch>\n';
const HEADER = 60;
const HEADER_END = '`\n';
const MAX_NAME_BYTES = 1_024;
const OUTSIDE = 'bytes outside the entries';
/** Where `read` ended up: what follows cannot be told apart any more. */
const LOST = -1;

/**
 * Reads an ar archive (Debian packages, libraries) with the long names of BSD (`#1/LENGTH`) and GNU (`//`, `/OFFSET`).
 * 7-Zip shows only the `data.tar` of a Debian package, and neither its control scripts nor what else stands there.
 * Undefined where the data does not begin as one.
 */
export function readAr(data: Uint8Array, budget: UnpackBudget): Unpacked | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return bytes.toString('latin1', 0, MAGIC.length) === MAGIC ? new ArReader(bytes, budget).read() : undefined;
}

class ArReader {
  private readonly bytes: Buffer;
  private readonly kept: KeptMembers;
  /** GNU's table of names that do not fit into 15 bytes. */
  private longNames: Buffer = Buffer.alloc(0);

  constructor(bytes: Buffer, budget: UnpackBudget) {
    this.bytes = bytes;
    this.kept = new KeptMembers(budget);
  }

  read(): Unpacked {
    let at = MAGIC.length;
    while (at !== LOST && at < this.bytes.length && !this.kept.gaps.has('limit_reached')) at = this.entry(at);
    return this.kept;
  }

  /** Takes one member and says where the next one begins. */
  private entry(at: number): number {
    const { bytes } = this;
    const header = bytes.toString('latin1', at, at + HEADER);
    const size = decimal(header.slice(48, 58));
    if (header.slice(58) !== HEADER_END || size === undefined) return this.lose(at);
    const start = at + HEADER;
    const end = start + size;
    if (end > bytes.length) this.kept.gaps.add('malformed');
    this.member(header.slice(0, 16).trimEnd(), bytes.subarray(start, end));
    // Members begin at even places. Some writers leave the byte between out: a header then stands right there.
    return size % 2 === 1 && !this.isHeader(end) ? end + 1 : end;
  }

  private isHeader(at: number): boolean {
    return this.bytes.toString('latin1', at + 58, at + HEADER) === HEADER_END;
  }

  private member(name: string, body: Buffer): void {
    if (name === '//') this.longNames = body;
    const bsd = /^#1\/(\d{1,10})$/.exec(name);
    if (!bsd) return this.kept.take(this.gnuName(name), body);
    const length = Number(bsd[1]);
    if (length <= Math.min(body.length, MAX_NAME_BYTES)) {
      return this.kept.take(text(body.subarray(0, length)), body.subarray(length));
    }
    this.kept.gaps.add('malformed');
    this.kept.take(name, body);
  }

  /** `/OFFSET` leads into the table; a slash ends a short name, and the table of names or symbols is called by slashes only. */
  private gnuName(name: string): string {
    const offset = /^\/(\d{1,10})$/.exec(name)?.[1];
    if (offset === undefined) return /[^/]/.test(name) ? name.replace(/\/$/, '') : name;
    const rest = this.longNames.subarray(Number(offset));
    if (rest.length === 0) this.kept.gaps.add('malformed');
    const end = rest.indexOf('\n');
    return text(rest.subarray(0, end < 0 ? rest.length : end)).replace(/\/$/, '');
  }

  /** No header stands where one must: the rest comes out as one part. A few bytes of padding at the end are none. */
  private lose(at: number): typeof LOST {
    const rest = this.bytes.subarray(at);
    if (rest.every((byte) => byte === 0 || byte === 0x0a)) return LOST;
    this.kept.gaps.add('malformed');
    this.kept.take(OUTSIDE, rest);
    return LOST;
  }
}

/** Zeros pad the names of BSD. */
function text(bytes: Buffer): string {
  return bytes
    .subarray(0, MAX_NAME_BYTES)
    .toString('utf8')
    .replace(/\0[^]*$/, '');
}

function decimal(field: string): number | undefined {
  const digits = field.trimEnd();
  return /^\d{1,10}$/.test(digits) ? Number(digits) : undefined;
}
