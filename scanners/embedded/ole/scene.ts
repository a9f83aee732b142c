import type { ContentType } from '../content-type';
import type { OpenContext } from '../opener';
import type { CompoundEntry, CompoundFile } from './cfb';
import type { Haul } from './haul';

/** What everybody who looks at a compound file works with. */
export interface Scene {
  file: CompoundFile;
  haul: Haul;
  context: OpenContext;
  /** Streams whose content was given as a part already, under a better name. */
  taken: Set<CompoundEntry>;
  /** A stream's bytes, as far as they could be read. */
  bytes(entry: CompoundEntry): Buffer;
  /** The stream of that path, or an empty buffer. */
  stream(...path: string[]): Buffer;
}

const BINARY: ContentType = { mime: 'application/octet-stream', container: 'none' };

/** Streams that Office and its like fill with records of their own. */
const RECORDS =
  /^(WordDocument|[01]Table|Data|Workbook|Book|PowerPoint Document|Current User|Pictures|_VBA_PROJECT|dir|PROJECT(wm|lk)?|__SRP_[0-9a-f]+|\x01(CompObj|Ole|CompObjStream)|\x03ObjInfo|\x05(Document)?SummaryInformation|__properties_version1\.0|__nameid_version1\.0|Equation Native|f|o|VBFrame|EncryptedPackage|EncryptionInfo|Ctls|ObjInfo|EscherDelayStm|Escher(Stm)?|QuillSub|VisioDocument|Catalog)$/;

/** First bytes of what may be a file of its own, whatever stream it stands in. */
const FILES =
  /^(504b|4d5a|d0cf11e0|377abcaf|52617221|1f8b|1f9d|425a68|fd377a58|28b52ffd|4c5a4950|4d534346|49536328|49545346|213c6172|30373037|89504e47|ffd8ff|47494638|424d|49492a00|4d4d002a|52494646|25504446|7b5c7274|7b5c2a|4c00000001140200|e4525c7b|789f3e22|7f454c46|cafebabe|3026b275|00000100|41637469)/;

/**
 * The type of a stream where it is plain that it is no file: a look at its type takes longer than everything else.
 * Undefined for what may be one: text, and anything that begins like a file.
 */
export function streamType(name: string, data: Buffer): ContentType | undefined {
  const head = data.subarray(0, 64);
  if (FILES.test(head.toString('hex', 0, 16))) return undefined;
  if (RECORDS.test(name)) return BINARY;
  let controls = 0;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32)) controls += 1;
  if (controls * 8 < head.length) return undefined;
  // Signatures that stand further on: tar, disk images, LHA, scripts behind a few zeros.
  const late = data.toString('latin1', 257, 262) === 'ustar' || data.toString('latin1', 32_769, 32_774) === 'CD001';
  const boot = data[510] === 0x55 && data[511] === 0xaa;
  return late || boot || data.subarray(0, 1_029).includes('%PDF-') ? undefined : BINARY;
}
