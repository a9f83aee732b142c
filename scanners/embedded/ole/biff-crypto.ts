import { BIFF, biffRecords } from './biff';
import { u16, u8 } from './bytes';
import { openRc4 } from './rc4';
import { xorKey } from './xor-obfuscation';

const BLOCK = 1_024;
/** Records that stay readable ([MS-XLS] 2.2.10). */
const CLEAR = new Set<number>([BIFF.bof, BIFF.filePass, 0x00e1, 0x0194, 0x0195, 0x0193, 0x0196]);

/** A workbook stream without its encryption; undefined when the password is wrong or the way unknown. */
export function decryptWorkbook(stream: Buffer, filePass: Buffer, password: string): Buffer | undefined {
  if (u16(filePass, 0) === 0) return decryptXor(stream, filePass, password);
  const cipher = openRc4(filePass.subarray(2), password);
  if (!cipher) return undefined;
  const out = Buffer.from(stream);
  let index = -1;
  let mask: Buffer = Buffer.alloc(0);
  forEachSecret(stream, (at) => {
    const block = Math.floor(at / BLOCK);
    if (block !== index) {
      index = block;
      mask = cipher(block, BLOCK);
    }
    out[at] = u8(stream, at) ^ u8(mask, at % BLOCK);
  });
  return unmarked(out);
}

function decryptXor(stream: Buffer, filePass: Buffer, password: string): Buffer | undefined {
  const array = xorKey(password, u16(filePass, 2), u16(filePass, 4));
  if (!array) return undefined;
  const out = Buffer.from(stream);
  forEachSecret(stream, (at, length) => {
    const byte = u8(stream, at) ^ u8(array, (at + length) % 16);
    out[at] = (byte << 3) | (byte >> 5);
  });
  return unmarked(out);
}

/** Calls for every encrypted byte, with the length of its record's data. */
function forEachSecret(stream: Buffer, act: (at: number, length: number) => void): void {
  for (const { type, data, at } of biffRecords(stream)) {
    if (CLEAR.has(type)) continue;
    // The position of a sheet stays readable.
    const from = type === BIFF.boundSheet ? 4 : 0;
    for (let index = from; index < data.length; index += 1) act(at + index, data.length);
  }
}

/** The mark of encryption is taken away: what is a part now is in the clear. */
function unmarked(stream: Buffer): Buffer {
  for (const { type, at } of biffRecords(stream)) {
    if (type !== BIFF.filePass) continue;
    stream.writeUInt16LE(0xffff, at - 4);
    break;
  }
  return stream;
}
