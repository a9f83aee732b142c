import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** How a document of a test is encrypted: RC4 (revision 2 and 3), AES-128 (4), AES-256 (5). */
export type Revision = 2 | 3 | 4 | 5;

const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');
const md5 = (...parts: Buffer[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();
const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Array.from({ length: 256 }, (_unused, index) => index);
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
    [state[i], state[j]] = [state[j] ?? 0, state[i] ?? 0];
  }
  let [i, j] = [0, 0];
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) & 255;
      j = (j + (state[i] ?? 0)) & 255;
      [state[i], state[j]] = [state[j] ?? 0, state[i] ?? 0];
      return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 255] ?? 0);
    }),
  );
}

function aes(key: Buffer, data: Buffer): Buffer {
  const vector = randomBytes(16);
  const cipher = createCipheriv(key.length === 32 ? 'aes-256-cbc' : 'aes-128-cbc', key, vector);
  return Buffer.concat([vector, cipher.update(data), cipher.final()]);
}

interface Sealed {
  dictionary: string;
  seal(data: Buffer, id: number): Buffer;
}

/** The standard security handler (ISO 32000-1, 7.6.3; AES-256 as Adobe's extension level 3), made for one document. */
function handler(revision: Revision, password: string, id: Buffer): Sealed {
  if (revision === 5) {
    const key = randomBytes(32);
    const [check, salt] = [randomBytes(8), randomBytes(8)];
    const bytes = Buffer.from(password);
    const cipher = createCipheriv('aes-256-cbc', sha256(bytes, salt), Buffer.alloc(16)).setAutoPadding(false);
    const user = Buffer.concat([sha256(bytes, check), check, salt]).toString('hex');
    const dictionary = `/Filter /Standard /V 5 /R 5 /Length 256 /P -4 /U <${user}> /O <${randomBytes(48).toString('hex')}> /UE <${cipher.update(key).toString('hex')}> /OE <${randomBytes(32).toString('hex')}> /CF << /StdCF << /CFM /AESV3 >> >> /StmF /StdCF /StrF /StdCF`;
    return { dictionary, seal: (data) => aes(key, data) };
  }
  const owner = randomBytes(32);
  const length = revision === 2 ? 5 : 16;
  const padded = Buffer.concat([Buffer.from(password, 'latin1'), PADDING]).subarray(0, 32);
  let key = md5(padded, owner, Buffer.from('fcffffff', 'hex'), id);
  for (let round = 0; revision > 2 && round < 50; round += 1) key = md5(key.subarray(0, length));
  key = key.subarray(0, length);
  let user = revision === 2 ? rc4(key, PADDING) : rc4(key, md5(PADDING, id));
  for (let round = 1; revision > 2 && round < 20; round += 1)
    user = rc4(Buffer.from(key.map((byte) => byte ^ round)), user);
  const proof = Buffer.concat([user, Buffer.alloc(32)]).subarray(0, 32);
  const kind = {
    2: '/V 1',
    3: '/V 2 /Length 128',
    4: '/V 4 /Length 128 /CF << /StdCF << /CFM /AESV2 >> >> /StmF /StdCF /StrF /StdCF',
  }[revision];
  const dictionary = `/Filter /Standard ${kind} /R ${revision} /P -4 /O <${owner.toString('hex')}> /U <${proof.toString('hex')}>`;
  const seal = (data: Buffer, object: number): Buffer => {
    const own = md5(
      key,
      Buffer.from([object, object >> 8, 0, 0, 0]),
      revision === 4 ? Buffer.from('sAlT') : Buffer.alloc(0),
    );
    const cut = own.subarray(0, Math.min(16, length + 5));
    return revision === 4 ? aes(cut, data) : rc4(cut, data);
  };
  return { dictionary, seal };
}

/**
 * A PDF with an embedded file and a script on opening, all encrypted.
 * @param password the user's password; empty as in documents that only forbid printing
 */
export function encryptedPdf(revision: Revision, password: string, file: Buffer, script = 'app.alert(1)'): Buffer {
  const id = randomBytes(16);
  const { dictionary, seal } = handler(revision, password, id);
  const stream = seal(file, 5);
  const text = (value: string, object: number): string => `<${seal(Buffer.from(value), object).toString('hex')}>`;
  return Buffer.concat([
    Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction 6 0 R >>\nendobj\n'),
    Buffer.from(
      '2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n',
    ),
    Buffer.from(`4 0 obj\n<< /Type /Filespec /UF ${text('note.txt', 4)} /EF << /F 5 0 R >> >>\nendobj\n`),
    Buffer.from(`5 0 obj\n<< /Type /EmbeddedFile /Length ${stream.length} >>\nstream\n`),
    stream,
    Buffer.from(`\nendstream\nendobj\n6 0 obj\n<< /S /JavaScript /JS ${text(script, 6)} >>\nendobj\n`),
    Buffer.from(`9 0 obj\n<< ${dictionary} >>\nendobj\n`),
    Buffer.from(`trailer\n<< /Size 10 /Root 1 0 R /Encrypt 9 0 R /ID [<${id.toString('hex')}> <00>] >>\n%%EOF\n`),
  ]);
}
