import { inflateSync } from 'node:zlib';
import type { Gap, Member, UnpackBudget, Unpacked } from './unpack';

const MAX_STREAMS = 2_000;
const DICTIONARY_WINDOW = 4_096;

/**
 * Takes the streams out of a PDF that one Flate filter (or none) hides: embedded files, object streams, scripts.
 * Images and fonts are skipped. An encrypted document is a gap: its streams say nothing. Other filters are not
 * undone yet; their bytes were scanned as they stand.
 */
export function openPdf(data: Uint8Array, budget: UnpackBudget): Unpacked {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const members: Member[] = [];
  const gaps = new Set<Gap>();
  let left = budget.totalBytes;
  let count = 0;
  for (const { dictionary, start } of streamsOf(bytes)) {
    if (++count > Math.min(MAX_STREAMS, budget.members)) {
      gaps.add('limit_reached');
      break;
    }
    if (/\/Encrypt\b/.test(dictionary)) gaps.add('encrypted');
    if (/\/Subtype\s*\/Image\b|\/FontFile|\/Length1\b/.test(dictionary)) continue;
    const end = bytes.indexOf('endstream', start);
    const raw = bytes.subarray(start, end < 0 ? bytes.length : end);
    const embedded = /\/EmbeddedFile\b/.test(dictionary);
    const unpacked = /\/FlateDecode\b|\/Fl\b/.test(dictionary) ? inflate(raw, Math.min(left, budget.memberBytes)) : raw;
    if (unpacked === 'over') gaps.add('limit_reached');
    else if (unpacked === 'damaged') {
      if (embedded) gaps.add('malformed');
    } else {
      left -= unpacked.length;
      members.push({ name: embedded ? `embedded-file-${count}` : `stream-${count}`, data: unpacked });
    }
  }
  if (/\/Encrypt\s+\d{1,10}\s+\d{1,5}\s+R/.test(trailerOf(bytes))) gaps.add('encrypted');
  return { members, gaps };
}

function* streamsOf(bytes: Buffer): Generator<{ dictionary: string; start: number }> {
  let from = 0;
  for (;;) {
    const at = bytes.indexOf('stream', from);
    if (at < 0) return;
    from = at + 6;
    if (bytes.toString('latin1', at - 3, at) === 'end') continue;
    const window = bytes.toString('latin1', Math.max(0, at - DICTIONARY_WINDOW), at);
    const opening = window.lastIndexOf(' obj') >= 0 ? window.lastIndexOf(' obj') : window.lastIndexOf('obj');
    const start =
      bytes[from] === 0x0d ? from + (bytes[from + 1] === 0x0a ? 2 : 1) : from + (bytes[from] === 0x0a ? 1 : 0);
    yield { dictionary: window.slice(Math.max(0, opening)), start };
  }
}

/** Trailers stand at the end, and once more at the front of a linearised document. */
function trailerOf(bytes: Buffer): string {
  const text: string[] = [];
  for (let at = bytes.indexOf('trailer'); at >= 0 && text.length < 50; at = bytes.indexOf('trailer', at + 7)) {
    text.push(bytes.toString('latin1', at, at + 2_048));
  }
  return text.join('\n');
}

function inflate(raw: Buffer, limit: number): Buffer | 'over' | 'damaged' {
  if (limit <= 0) return 'over';
  try {
    // Z_SYNC_FLUSH: a stream without its last bytes still gives what it holds, as PDF readers do.
    return inflateSync(raw, { maxOutputLength: limit, finishFlush: 2 });
  } catch (error) {
    return error instanceof RangeError ? 'over' : 'damaged';
  }
}
