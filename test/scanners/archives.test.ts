import { gzipSync } from 'node:zlib';
import { readTar } from '../../scanners/embedded/tar';
import { readZip } from '../../scanners/embedded/zip';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import { pack } from './compress';
import { eicar, encryptedZip, report, zip } from './samples';

jest.setTimeout(100_000);
let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await createEmbeddedEngine({ processes: 1, limits: { wallMs: 100_000 } });
});
afterAll(() => engine.close());

const budget = { totalBytes: 1_000_000, memberBytes: 100_000, members: 100 };
const text = Buffer.from('Dear support');
const names = (members: readonly { name: string }[]): string[] => members.map(({ name }) => name);

test('an ordinary zip is read without gaps, by names and bytes', async () => {
  const content = await readZip(
    zip([
      { name: 'a.txt', data: text },
      { name: 'b/c.txt', data: text, store: true },
    ]),
    [],
    budget,
  );
  expect(names(content?.members ?? [])).toEqual(['a.txt', 'b/c.txt']);
  expect(content?.members.every(({ data }) => text.equals(data))).toBe(true);
  expect(content).toMatchObject({ foreign: false, hidden: false });
  expect(content?.gaps.size).toBe(0);
});

test('a member over its bound is cut and is a gap', async () => {
  const content = await readZip(zip([{ name: 'a', data: Buffer.alloc(200_000) }]), [], budget);
  expect(content?.members[0]?.data.length).toBe(100_000);
  expect([...(content?.gaps ?? [])]).toEqual(['limit_reached']);
});

test('a member whose checksum is wrong is seen and is a gap', async () => {
  const damaged = zip([{ name: 'a', data: text, store: true }]);
  damaged.write('D3ar', damaged.indexOf('Dear'));
  const content = await readZip(damaged, [], budget);
  expect([names(content?.members ?? []), [...(content?.gaps ?? [])]]).toEqual([['a'], ['malformed']]);
});

test.each([1, 10, 40, 80, 120, 140])('a zip cut after %i bytes is never whole', async (length) => {
  const cut = zip([{ name: 'a.txt', data: Buffer.from('a text of some length, for a zip of some length') }]).subarray(
    0,
    length,
  );
  const content = await readZip(cut, [], budget);
  expect(content === undefined || content.gaps.size > 0).toBe(true);
});

test('a tar is left alone where its header has a wrong sum', () => {
  expect(readTar(Buffer.alloc(1_024), budget)).toBeUndefined();
});

test('a gzip over the bound is a gap', async () => {
  const answer = await report(engine, 'a.gz', gzipSync(Buffer.alloc(40 * 1024 * 1024)));
  expect(answer).toMatchObject({ result: 'unscannable', reason: 'limit_reached' });
});

/** A mail with a text and one attachment. */
function mail(body: string, name: string, attachment: Buffer): Buffer {
  return Buffer.from(
    [
      'From: a@example.com',
      'To: b@example.com',
      'Subject: Files',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=frontier',
      '',
      '--frontier',
      'Content-Type: text/plain; charset=utf-8',
      '',
      body,
      '--frontier',
      `Content-Type: application/octet-stream; name=${name}`,
      `Content-Disposition: attachment; filename=${name}`,
      'Content-Transfer-Encoding: base64',
      '',
      attachment.toString('base64'),
      '--frontier--',
      '',
    ].join('\r\n'),
  );
}

const locked = (): Buffer => encryptedZip('bill.com', eicar(), 'Herbst77');

test.each<[string, () => Buffer | Promise<Buffer>]>([
  ['an archive attached to it', locked],
  ['an archive in an attached archive', () => zip([{ name: 'inner.zip', data: locked() }])],
  ['a 7z with encrypted names', () => pack('7z', 'bill.com', eicar(), '-pHerbst77', '-mhe=on')],
])('a password in a mail opens %s', async (_title, data) => {
  const answer = await report(engine, 'a.eml', mail('Hi,\r\nthe password is Herbst77.', 'files.zip', await data()));
  expect(answer.findings).toMatchObject([{ rule: 'EICAR_Test_File' }]);
});

test('what no candidate opens stays encrypted', async () => {
  const answer = await report(engine, { fileName: 'a.zip', text: 'The password is Winter78.' }, locked());
  expect(answer).toMatchObject({ result: 'unscannable', reason: 'encrypted', findings: [] });
});

test('no word of the conversation enters the report', async () => {
  const answer = await report(engine, { fileName: 'a.zip', text: 'The password is Herbst77.' }, locked());
  expect(answer.findings).toHaveLength(1);
  expect(JSON.stringify(answer)).not.toContain('Herbst77');
});
