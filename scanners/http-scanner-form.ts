import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

/** A multipart/form-data body (RFC 7578) of known length, made while it is sent. */
export interface FormBody {
  contentType: string;
  stream: Readable;
  length: number;
}

/** Puts text fields before the file. The file's name is ours: the sender's name stays in the house. */
export function formBody(
  fields: Readonly<Record<string, string>>,
  fileField: string,
  file: { stream: Readable; length: number },
): FormBody {
  const boundary = `lazaret-${randomBytes(18).toString('hex')}`;
  const texts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"\r\n\r\n${value}\r\n`,
  );
  const open = Buffer.from(
    `${texts.join('')}--${boundary}\r\n` +
      `Content-Disposition: form-data; name="${escaped(fileField)}"; filename="sample"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    stream: Readable.from(joined(open, file.stream, end), { objectMode: false }),
    length: open.length + file.length + end.length,
  };
}

async function* joined(open: Buffer, file: Readable, end: Buffer): AsyncGenerator<Buffer> {
  yield open;
  for await (const chunk of file) yield chunk as Buffer;
  yield end;
}

const escaped = (name: string): string => name.replace(/["\r\n]/g, (sign) => `%${Buffer.from(sign).toString('hex')}`);
