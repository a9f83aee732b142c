import { ansi, u16, u32, u8 } from './bytes';

const CLX = 0x01a2;
const MAX_PIECES = 100_000;
const MAX_TEXT = 8 * 1024 * 1024;

/**
 * The document's text in reading order, with its field marks, by the piece table ([MS-DOC] 2.4.1). Where there is none
 * that holds, the whole stream read as one-byte text and as UTF-16.
 */
export function readText(document: Buffer, table: Buffer): string {
  const start = u32(document, CLX);
  const pieces = pieceTable(table.subarray(start, start + u32(document, CLX + 4)));
  const parts: string[] = [];
  let length = 0;
  for (const { characters, at, wide } of pieces ?? []) {
    if (length > MAX_TEXT) break;
    const bytes = document.subarray(at, at + characters * (wide ? 2 : 1));
    parts.push(wide ? bytes.toString('utf16le') : ansi(bytes));
    length += characters;
  }
  if (length > 0) return parts.join('');
  const bytes = document.subarray(0, MAX_TEXT);
  return [ansi(bytes), bytes.toString('utf16le'), bytes.subarray(1).toString('utf16le')].join('\n');
}

interface Piece {
  characters: number;
  at: number;
  wide: boolean;
}

function pieceTable(clx: Buffer): Piece[] | undefined {
  let at = 0;
  // Property modifiers stand before the pieces.
  while (u8(clx, at) === 1 && at < clx.length) at += 3 + u16(clx, at + 1);
  if (u8(clx, at) !== 2) return undefined;
  const size = Math.min(u32(clx, at + 1), clx.length - at - 5);
  const count = Math.min(MAX_PIECES, Math.floor((size - 4) / 12));
  if (count < 1) return undefined;
  const base = at + 5;
  const pieces: Piece[] = [];
  for (let index = 0; index < count; index += 1) {
    const characters = u32(clx, base + index * 4 + 4) - u32(clx, base + index * 4);
    const where = u32(clx, base + (count + 1) * 4 + index * 8 + 2);
    const narrow = (where & 0x4000_0000) !== 0;
    if (characters <= 0 || characters > MAX_TEXT) continue;
    pieces.push({ characters, at: narrow ? (where & 0x3fff_ffff) >>> 1 : where & 0x3fff_ffff, wide: !narrow });
  }
  return pieces;
}
