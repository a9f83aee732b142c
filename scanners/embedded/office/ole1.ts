/** An object as OLE 1 stores it ([MS-OLEDS] 2.2): class, topic of a link, and its own data. */
export interface Ole1Object {
  className: string;
  linked: boolean;
  topic: string;
  data: Buffer;
}

/** Reads an OLE 1 object. Undefined where the bytes are none. Word does not check the version, so neither does this. */
export function readOle1(bytes: Buffer): Ole1Object | undefined {
  if (bytes.length < 12) return undefined;
  const format = bytes.readUInt32LE(4);
  if (format !== 1 && format !== 2) return undefined;
  const strings: string[] = [];
  let at = 8;
  for (let index = 0; index < 3; index += 1) {
    if (at + 4 > bytes.length) return undefined;
    const size = bytes.readUInt32LE(at);
    if (size > 4_096 || at + 4 + size > bytes.length) return undefined;
    strings.push(bytes.toString('latin1', at + 4, at + 4 + size).replace(/\0[^]*$/, ''));
    at += 4 + size;
  }
  const [className = '', topic = ''] = strings;
  if (format === 1) return { className, linked: true, topic, data: bytes.subarray(at) };
  if (at + 4 > bytes.length) return undefined;
  const size = bytes.readUInt32LE(at);
  // A size that lies ends with the object.
  return { className, linked: false, topic, data: bytes.subarray(at + 4, at + 4 + Math.max(size, 0)) };
}

/** The file in a package of Windows' Packager, with the name it shows. Undefined where there is none. */
export function readPackage(data: Buffer): { name: string; data: Buffer; whole: boolean } | undefined {
  for (const at of [0, 4]) {
    const file = packageAt(data, at);
    if (file) return file;
  }
  return undefined;
}

/** Mark, label, path, two numbers, a path for the temporary copy, then size and bytes. */
function packageAt(data: Buffer, start: number): { name: string; data: Buffer; whole: boolean } | undefined {
  if (start + 2 > data.length || data.readUInt16LE(start) !== 2) return undefined;
  const label = zeroEnded(data, start + 2);
  const path = label && zeroEnded(data, label.end);
  if (!path || path.end + 8 > data.length) return undefined;
  const temporary = path.end + 8 + data.readUInt32LE(path.end + 4);
  if (temporary + 4 > data.length) return undefined;
  const size = data.readUInt32LE(temporary);
  const from = temporary + 4;
  const name = label.text.split(/[\\/]/).at(-1) || path.text.split(/[\\/]/).at(-1) || 'package';
  return { name, data: data.subarray(from, from + size), whole: from + size <= data.length };
}

function zeroEnded(data: Buffer, from: number): { text: string; end: number } | undefined {
  const end = data.subarray(from, from + 1_024).indexOf(0);
  return end < 0 ? undefined : { text: data.toString('latin1', from, from + end), end: from + end + 1 };
}
