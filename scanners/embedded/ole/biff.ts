import { u16 } from './bytes';

/** One record of a workbook stream ([MS-XLS] 2.1.4). `at`: where its data stands in the stream. */
export interface BiffRecord {
  type: number;
  data: Buffer;
  at: number;
}

export const BIFF = {
  formula: 0x0006,
  name: 0x0018,
  externalName: 0x0023,
  filePass: 0x002f,
  boundSheet: 0x0085,
  supBook: 0x01ae,
  externSheet: 0x0017,
  hyperlink: 0x01b8,
  bof: 0x0809,
} as const;

const MAX_RECORDS = 2_000_000;

/** The records of a workbook stream, to its end or to the first that cannot be one. */
export function* biffRecords(stream: Buffer): Generator<BiffRecord> {
  for (let at = 0, count = 0; at + 4 <= stream.length && count < MAX_RECORDS; count += 1) {
    const [type, length] = [u16(stream, at), u16(stream, at + 2)];
    yield { type, data: stream.subarray(at + 4, at + 4 + length), at: at + 4 };
    at += 4 + length;
  }
}

/** Characters behind a flag byte ([MS-XLS] 2.5.293): one byte each, or two. Also says where they end. */
export function biffText(bytes: Buffer, at: number, characters: number): { text: string; next: number } {
  const wide = ((bytes[at] ?? 0) & 1) === 1;
  const end = at + 1 + characters * (wide ? 2 : 1);
  return { text: bytes.toString(wide ? 'utf16le' : 'latin1', at + 1, Math.max(at + 1, end)), next: end };
}
