import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { createStructureViewer, LookFailed } from '../../scanners/embedded/structure/viewer';
import type { StructureAnswer, StructureQuestion } from '../../scanners/embedded/structure/viewer';
import { docx, zip } from './samples';

const viewer = createStructureViewer({ processes: 2 });
afterAll(() => viewer.close());

const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const sourceOf = (data: Buffer, fileName = 'a.zip') => {
  const key = `${fileName} ${sha(data)}`;
  return { key, open: async () => ({ key, fileName, body: Readable.from([data], { objectMode: false }) }) };
};
const treeOf = (data: Buffer, fileName?: string) => {
  const { key, open } = sourceOf(data, fileName);
  return viewer.tree(key, open);
};
async function ask(data: Buffer, part: Uint8Array, question: StructureQuestion): Promise<StructureAnswer | undefined> {
  const { key, open } = sourceOf(data);
  return viewer.ask(key, open, sha(part), question);
}

const letter = docx('a letter');
const inner = zip([
  { name: 'letter.docx', data: letter },
  { name: 'note.txt', data: Buffer.from('see http://ship.example/ and open the letter') },
]);
const outer = zip([
  { name: 'inner.zip', data: inner },
  { name: 'twin.zip', data: inner },
]);

it('shows the parts of nested containers with sizes, types and places', async () => {
  const tree = await treeOf(outer);
  const paths = tree?.nodes.map(({ path, kind }) => `${kind} ${path.join(' › ')}`);
  expect(paths).toEqual(
    expect.arrayContaining([
      'file a.zip',
      'member a.zip › twin.zip › letter.docx › word/document.xml',
      'member a.zip › twin.zip › note.txt',
    ]),
  );
  expect(paths?.filter((line) => line.startsWith('same'))).toHaveLength(1);
  expect(tree?.nodes[0]).toMatchObject({
    id: 0,
    parent: null,
    size: outer.length,
    sha256: sha(outer),
    type: 'application/zip',
  });
  expect(tree?.nodes.slice(1).every(({ id, parent }) => parent !== null && parent < id)).toBe(true);
  expect(tree).toMatchObject({ more: false });
});

it('says why it does not see everything', async () => {
  const cut = outer.subarray(0, outer.length - 40);
  expect((await treeOf(Buffer.from(cut)))?.reason).toBeDefined();
});

it('finds an archive behind a picture, and where it begins', async () => {
  const picture = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const tree = await treeOf(Buffer.concat([picture, inner]), 'ship.png');
  expect(tree?.nodes.find(({ kind }) => kind === 'cut')).toMatchObject({ parent: 0, at: picture.length });
});

it('gives bytes page by page, to the end and not beyond', async () => {
  const text = Buffer.from('see http://ship.example/ and open the letter');
  const page = await ask(outer, text, { what: 'bytes', offset: 4, length: 7 });
  expect(page).toEqual({ what: 'bytes', size: text.length, bytes: new Uint8Array(text.subarray(4, 11)) });
  const past = await ask(outer, text, { what: 'bytes', offset: 1000, length: 7 });
  expect(past).toMatchObject({ bytes: new Uint8Array() });
});

it('gives readable runs in ASCII and UTF-16 with their places, page by page', async () => {
  const wide = Buffer.from('powershell -enc', 'utf16le');
  const data = Buffer.concat([
    Buffer.from([0, 1, 2]),
    Buffer.from('autoopen'),
    Buffer.from([0, 0]),
    wide,
    Buffer.from([0, 0]),
  ]);
  const many = Buffer.from(Array.from({ length: 250 }, (_, at) => `line number ${at}\0`).join(''));
  const file = zip([
    { name: 'a.bin', data },
    { name: 'b.bin', data: many },
  ]);
  expect(await ask(file, data, { what: 'strings', from: 0, least: 6 })).toEqual({
    what: 'strings',
    strings: [
      { at: 3, encoding: 'ascii', text: 'autoopen' },
      { at: 13, encoding: 'utf-16', text: 'powershell -enc' },
    ],
    next: null,
  });
  const first = await ask(file, many, { what: 'strings', from: 0, least: 6 });
  if (first?.what !== 'strings') throw new Error('expected strings');
  expect(first.strings).toHaveLength(200);
  const rest = await ask(file, many, { what: 'strings', from: first.next ?? 0, least: 6 });
  expect(rest).toMatchObject({ next: null, strings: { length: 50 } });
});

it('tells what a document, a mail, a PDF and a program say about themselves', async () => {
  const core =
    '<cp:coreProperties><dc:creator>Mallory &amp; Co</dc:creator><dcterms:created xsi:type="x">2024-01-02</dcterms:created></cp:coreProperties>';
  const office = zip([
    { name: 'docProps/core.xml', data: Buffer.from(core) },
    { name: 'word/document.xml', data: Buffer.from('<a/>') },
  ]);
  const program = Buffer.alloc(512);
  program.write('MZ');
  program.writeUInt32LE(0x80, 0x3c);
  program.write('PE\0\0', 0x80, 'latin1');
  program.writeUInt16LE(0x8664, 0x84);
  program.writeUInt16LE(1, 0x86);
  program.write('.text', 0x98);
  const pdf = Buffer.from(
    '%PDF-1.4\n1 0 obj\n<</Title(A \\(bill\\))/Author<FEFF00410042>>>\nendobj\ntrailer<</Info 1 0 R>>\n%%EOF\n',
  );
  const mail = Buffer.from(
    'From: a@b.example\r\nTo: c@d.example\r\nSubject: A\r\n bill\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nMIME-Version: 1.0\r\n\r\nHello\r\n',
  );
  const file = zip([
    { name: 'a.docx', data: office },
    { name: 'a.exe', data: program },
    { name: 'a.pdf', data: pdf },
    { name: 'a.eml', data: mail },
  ]);
  const factsOf = async (part: Buffer) => {
    const answer = await ask(file, part, { what: 'facts' });
    return answer?.what === 'facts' ? answer.facts.map(({ name, value }) => `${name}: ${value}`) : [];
  };
  expect(await factsOf(office)).toEqual(expect.arrayContaining(['creator: Mallory & Co', 'created: 2024-01-02']));
  expect(await factsOf(program)).toEqual(expect.arrayContaining(['machine: x64', 'sections: .text']));
  expect(await factsOf(pdf)).toEqual(expect.arrayContaining(['version: 1.4', 'Title: A (bill)', 'Author: AB']));
  expect(await factsOf(mail)).toEqual(expect.arrayContaining(['From: a@b.example', 'Subject: A bill']));
  expect(await factsOf(mail)).toContain(`md5: ${createHash('md5').update(mail).digest('hex')}`);
});

it('draws a picture anew, without what stood in it besides', async () => {
  const secret = 'hidden in the comment';
  const picture = await sharp({ create: { width: 3000, height: 20, channels: 3, background: 'red' } })
    .withExif({ IFD0: { ImageDescription: secret } })
    .jpeg()
    .toBuffer();
  expect(picture.includes(secret)).toBe(true);
  const file = zip([{ name: 'a.jpg', data: picture }]);
  const answer = await ask(file, picture, { what: 'picture' });
  if (answer?.what !== 'picture') throw new Error('expected a picture');
  const png = Buffer.from(answer.png);
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 1024 });
  expect(png.includes(secret)).toBe(false);
});

it.each([
  ['a script', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'), 'no_picture'],
  ['a damaged picture', Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(60, 7)]), 'no_picture'],
])('draws nothing of %s', async (_, data, why) => {
  expect(await ask(zip([{ name: 'x.svg', data }]), data, { what: 'picture' })).toEqual({ what: 'refused', why });
});

it('knows no part that the file does not have, and opens nothing where no copy is kept', async () => {
  expect(await ask(outer, Buffer.from('other'), { what: 'facts' })).toEqual({ what: 'refused', why: 'no_such_part' });
  expect(await viewer.tree('none', async () => undefined)).toBeUndefined();
});

it('shows nothing of a copy whose seal does not hold', async () => {
  const broken = new Readable({ read: () => undefined });
  const open = async () => ({ key: 'broken', fileName: 'a', body: broken });
  const looked = viewer.tree('broken', open);
  broken.push(outer);
  broken.destroy(new Error('the seal is broken'));
  await expect(looked).rejects.toThrow('the seal is broken');
});

it('ends a process that takes too long or too much, and the next look begins anew', async () => {
  const strict = createStructureViewer({ memoryMb: 32 });
  const { key, open } = sourceOf(outer);
  await expect(strict.tree(key, open)).rejects.toEqual(new LookFailed('memory'));
  await strict.close();
  const broken = createStructureViewer({ modulePath: require.resolve('./samples') });
  await expect(broken.tree(key, open)).rejects.toBeInstanceOf(LookFailed);
  await broken.close();
});
