import { candidates } from './encrypted';
import { u16, u32, utf16 } from './bytes';
import { urlMonikers } from './monikers';
import { openRc4 } from './rc4';
import type { Scene } from './scene';
import { judgeFields } from './word-fields';
import { readText } from './word-text';

const IDENT = new Set([0xa5ec, 0xa5dc, 0xa59b, 0xa59c]);
const ENCRYPTED = 0x0100;
const SECOND_TABLE = 0x0200;
const OBFUSCATED = 0x8000;
/** Where the names of associated files stand ([MS-DOC] 2.5.6, fcSttbfAssoc); the second is the template. */
const ASSOCIATED = 0x9a + 32 * 8;
const FIB_BYTES = 68;
const BLOCK = 512;

/** Looks at documents of Word 97 to 2003 (and 6, 95): fields, template, links; decrypts where a candidate fits. */
export function lookAtWord(scene: Scene): void {
  const { haul } = scene;
  const document = scene.stream('WordDocument');
  if (document.length < 32 || !IDENT.has(u16(document, 0))) return;
  const flags = u16(document, 0x0a);
  const table = scene.stream(flags & SECOND_TABLE ? '1Table' : '0Table');
  if (flags & ENCRYPTED) {
    const open = flags & OBFUSCATED ? undefined : decrypted(scene, document, table);
    if (!open) return haul.gap('encrypted');
    haul.member('WordDocument (decrypted)', open.document);
    haul.member('Data (decrypted)', open.data);
    return judgeDocument(scene, open.document, open.table);
  }
  judgeDocument(scene, document, table);
}

function judgeDocument({ haul, stream }: Scene, document: Buffer, table: Buffer): void {
  const text = readText(document, table);
  const fields = judgeFields(text);
  for (const rule of fields.rules) haul.find(rule);
  for (const url of [...fields.links, ...urlMonikers(stream('Data')), ...urlMonikers(table)]) haul.link(url);
  const template = templateOf(document, table);
  if (/^https?:|^\\\\[^\\]{1,255}(@ssl|@\d+|\\davwwwroot)/i.test(template)) haul.find('Word_Remote_Template');
  if (/^https?:/i.test(template)) haul.link(template);
}

/** STTB ([MS-DOC] 2.2.4) with two-byte characters: strings with their lengths. */
function templateOf(document: Buffer, table: Buffer): string {
  const start = u32(document, ASSOCIATED);
  const size = u32(document, ASSOCIATED + 4);
  const sttb = table.subarray(start, start + Math.min(size, 65_536));
  if (u16(sttb, 0) !== 0xffff) return '';
  let at = 6;
  for (let index = 0; index < 2 && at < sttb.length; index += 1) {
    const end = at + 2 + u16(sttb, at) * 2;
    if (index === 1) return utf16(sttb.subarray(at + 2, end));
    at = end + u16(sttb, 4);
  }
  return '';
}

/** The table stream begins with the header of the encryption ([MS-DOC] 2.2.6). */
function decrypted(
  { context, stream }: Scene,
  document: Buffer,
  table: Buffer,
): { document: Buffer; table: Buffer; data: Buffer } | undefined {
  for (const password of candidates(context.passwords)) {
    const cipher = openRc4(table, password);
    if (!cipher) continue;
    const open = (bytes: Buffer, clear: number): Buffer => {
      const out = Buffer.from(bytes);
      for (let at = 0, block = 0; at < out.length; at += BLOCK, block += 1) {
        const mask = cipher(block, BLOCK);
        const end = Math.min(at + BLOCK, out.length);
        for (let index = Math.max(at, clear); index < end; index += 1)
          out[index] = (out[index] ?? 0) ^ (mask[index - at] ?? 0);
      }
      return out;
    };
    return { document: open(document, FIB_BYTES), table: open(table, 0), data: open(stream('Data'), 0) };
  }
  return undefined;
}
