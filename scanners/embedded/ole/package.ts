import { u16, u32, zeroEnded } from './bytes';

/** What Object Packager keeps of a file. `data` is empty where the package only names a command. */
export interface PackagedFile {
  /** The label, which people see. */
  name: string;
  /** Where the file came from on the writer's computer. */
  source: string;
  /** Where it is unpacked to; for a package without data the command line. */
  command: string;
  data: Buffer;
}

/**
 * Reads the native data of a package, with or without its leading length (`\1Ole10Native` stream, OLE 1 objects of RTF).
 * Undefined where the bytes are no package. The layout is not published; this is what Windows writes.
 */
export function readPackage(bytes: Buffer): PackagedFile | undefined {
  return packageAt(bytes, 4) ?? packageAt(bytes, 0);
}

function packageAt(bytes: Buffer, start: number): PackagedFile | undefined {
  if (u16(bytes, start) !== 2) return undefined;
  const label = zeroEnded(bytes, start + 2);
  const source = label && zeroEnded(bytes, label.next);
  if (!label || !source) return undefined;
  // Two words: zero and 3 for a file, 1 for a link.
  const kind = u16(bytes, source.next + 2);
  if (kind === 1) {
    const command = zeroEnded(bytes, source.next + 4);
    return { name: label.text, source: source.text, command: command?.text ?? '', data: Buffer.alloc(0) };
  }
  if (kind !== 3) return undefined;
  const length = u32(bytes, source.next + 4);
  const at = source.next + 8;
  const temporary = zeroEnded(bytes, at, Math.min(length, 4_096));
  const sizeAt = at + length;
  if (length > 4_096 || sizeAt + 4 > bytes.length) {
    const rest = bytes.subarray(temporary?.next ?? at);
    return { name: label.text, source: source.text, command: '', data: rest };
  }
  const size = u32(bytes, sizeAt);
  // A writer that lies about the size loses nothing here.
  const data = bytes.subarray(sizeAt + 4, size > bytes.length - sizeAt - 4 ? undefined : sizeAt + 4 + size);
  return { name: label.text, source: source.text, command: temporary?.text ?? '', data };
}
