import { deflateSync } from 'node:zlib';
import { decideVerdict } from '../../domain/inspection';
import type { ScanTarget } from '../../scanners';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import { openPdf } from '../../scanners/embedded/pdf';
import { onOpen, samples, stream } from '../detection/kinds/pdf';
import { encryptedPdf, type Revision } from './pdf-encrypt';
import { eicar, pdf, report } from './samples';

// The limits under test decide, never the load of the machine.
jest.setTimeout(200_000);
let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await createEmbeddedEngine({ processes: 1, limits: { wallMs: 100_000 } });
});
afterAll(() => engine.close());

const all = samples();
if (all instanceof Promise) throw new Error('these are made at once');

describe('a PDF is judged by what it holds', () => {
  test.each(all.map((sample) => [sample.name, sample.expect, sample.bytes] as const))(
    '%s is %s',
    async (name, expected, bytes) => {
      const answer = await report(engine, name, bytes);
      const { verdict } = decideVerdict([answer], []);
      const rules = answer.findings.map(({ rule, severity }) => `${rule} ${severity}`);
      expect({ verdict, rules }).toEqual({ verdict: expected, rules });
    },
  );
});

describe('the finding names what was met', () => {
  test.each<[string, string]>([
    ['Pdf_Launch', '/S /Launch /F (a.exe)'],
    ['Pdf_Script_Hidden', '/S /JavaScript /JS (eval\\(unescape\\("%61"\\)\\))'],
    ['Pdf_Script_Uses_Hole', '/S /JavaScript /JS (util.printf\\("%45000f", 1\\))'],
    ['Pdf_Opens_Address', '/S /URI /URI (https://a.example/)'],
    ['Pdf_Imports_Data', '/S /ImportData /F (https://a.example/a.fdf)'],
    ['Pdf_Submits_On_Open', '/S /SubmitForm /F (https://a.example/)'],
  ])('%s', async (rule, action) => {
    const { findings } = await report(engine, 'a.pdf', onOpen(action));
    expect(findings.map((finding) => finding.rule)).toContain(rule);
  });
});

describe('an encrypted PDF is read with a password of the conversation', () => {
  test.each<Revision>([2, 3, 4, 5])('revision %i', async (revision) => {
    const target: ScanTarget = { fileName: 'a.pdf', passwords: ['wrong', 'Secret-77'] };
    const { findings } = await report(engine, target, encryptedPdf(revision, 'Secret-77', eicar()));
    expect(findings.map(({ path }) => path)).toContainEqual(['a.pdf', 'note.txt']);
  });
});

test('links of annotations and actions are passed on', async () => {
  const data = pdf('8 0 obj\n<< /A << /S /URI /URI (https://a.example/1) >> >>\nendobj\n');
  expect((await report(engine, 'a.pdf', data)).links).toMatchObject([{ url: 'https://a.example/1' }]);
});

describe('pictures come out as files that others read', () => {
  const open = (...objects: Buffer[]) =>
    openPdf(pdf(...objects), { budget: { totalBytes: 1e8, memberBytes: 3e7, members: 100 }, passwords: [] }).members;
  const side = '/Subtype /Image /Width 32 /Height 32';
  test.each<[string, string, Buffer, RegExp]>([
    ['grey', `${side} /BitsPerComponent 8 /ColorSpace /DeviceGray`, Buffer.alloc(32 * 32, 9), /^picture-1\.png$/],
    ['colours', `${side} /BitsPerComponent 8 /ColorSpace /DeviceRGB`, Buffer.alloc(32 * 96, 9), /^picture-1\.png$/],
    ['a mask of bits', `${side} /ImageMask true`, Buffer.alloc(128, 9), /^picture-1\.png$/],
    [
      'a palette',
      `${side} /BitsPerComponent 4 /ColorSpace [/Indexed /DeviceRGB 1 <000000ffffff>]`,
      Buffer.alloc(512, 1),
      /^picture-1\.png$/,
    ],
  ])('%s', (_title, dictionary, body, name) => {
    const [member] = open(stream(5, `${dictionary} /Filter /FlateDecode`, deflateSync(body)));
    expect(member?.name).toMatch(name);
    expect(Buffer.from(member?.data ?? []).toString('latin1', 1, 4)).toBe('PNG');
  });

  test('JPEG as it is, fax in a TIFF, one that is too small not at all', () => {
    const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex');
    const members = open(
      stream(5, `${side} /ColorSpace /DeviceGray /Filter /DCTDecode`, jpeg),
      stream(
        6,
        `${side} /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 32 >>`,
        Buffer.alloc(9),
      ),
      stream(7, '/Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceGray', Buffer.alloc(16)),
    );
    expect(members.map(({ name }) => name).sort()).toEqual(['picture-1.jpg', 'picture-2.tif']);
    expect(Buffer.from(members.find(({ name }) => name.endsWith('jpg'))?.data ?? [])).toEqual(jpeg);
  });
});
