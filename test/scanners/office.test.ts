import { decideVerdict } from '../../domain/inspection';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import type { Sample, SampleMaker } from '../detection/sample';
import { field, odf, rels, samples as office, word } from '../detection/kinds/office';
import { samples as onenote, section } from '../detection/kinds/onenote';
import { ole1, packaged, samples as rtf } from '../detection/kinds/rtf';
import { eicar, report } from './samples';

// The limits under test decide, never the load of the machine.
jest.setTimeout(200_000);
let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await createEmbeddedEngine({ processes: 1, limits: { wallMs: 100_000 } });
});
afterAll(() => engine.close());

const made = (maker: SampleMaker): Sample[] => {
  const samples = maker();
  if (samples instanceof Promise) throw new Error('these are made at once');
  return samples;
};

describe('a document is judged by what it holds', () => {
  const all = [...made(office), ...made(rtf), ...made(onenote)];
  test.each(all.map((sample) => [sample.kind, sample.name, sample.expect, sample] as const))(
    '%s: %s is %s',
    async (_kind, name, expected, { bytes }) => {
      const answer = await report(engine, name, bytes);
      const { verdict } = decideVerdict([answer], []);
      const rules = answer.findings.map(({ rule, severity }) => `${rule} ${severity}`);
      expect({ verdict, rules }).toEqual({ verdict: expected, rules });
    },
  );
});

/** Rules that a file meets, without those of other areas. */
async function rulesOf(name: string, data: Buffer): Promise<string[]> {
  const { findings } = await report(engine, name, data);
  return findings.map(({ rule }) => rule);
}

describe('the finding names what was met', () => {
  test.each<[string, string, Buffer]>([
    [
      'Ooxml_Remote_Template',
      'a.docx',
      word('', { 'word/_rels/settings.xml.rels': rels(['attachedTemplate', 'http://a.example/t']) }),
    ],
    [
      'Ooxml_Remote_Object',
      'a.docx',
      word('', { 'word/_rels/document.xml.rels': rels(['oleObject', 'http://a.example/t.html!']) }),
    ],
    [
      'Ooxml_Remote_Picture',
      'a.docx',
      word('', { 'word/_rels/document.xml.rels': rels(['image', '\\\\203.0.113.9\\a\\b.png']) }),
    ],
    [
      'Office_Link_To_Handler',
      'a.docx',
      word('', { 'word/_rels/document.xml.rels': rels(['hyperlink', 'ms-msdt:/id x']) }),
    ],
    ['Office_Dde_Field', 'a.docx', word(field('D', 'DE', ' cmd "/c calc"'))],
    ['Office_Includes_Remote_Text', 'a.docx', word(field('INCLUDETEXT "http://a.example/t.docx"'))],
    ['Odf_Remote_Object', 'a.odt', odf('<draw:object-ole xlink:href="http://a.example/x"/>')],
    ['OneNote_Runnable_File', 'a.one', section([Buffer.from('MZ\x90\0')])],
    [
      'Rtf_Package_Program',
      'a.rtf',
      Buffer.from(
        `{\\rtf1{\\object{\\*\\objdata ${ole1('Package', packaged('a.hta', Buffer.from('text'))).toString('hex')}}}}`,
      ),
    ],
  ])('%s', async (rule, name, data) => {
    expect(await rulesOf(name, data)).toContain(rule);
  });
});

describe('members keep the names that the document gives them', () => {
  test('a package of RTF', async () => {
    const hex = ole1('Package', packaged('bill.com', eicar())).toString('hex');
    const { findings } = await report(engine, 'a.rtf', Buffer.from(`{\\rtf1{\\object{\\*\\objdata ${hex}}}}`));
    expect(findings.map(({ path }) => path)).toContainEqual(['a.rtf', 'bill.com']);
  });
  test('a file of a notebook', async () => {
    const { findings } = await report(engine, 'a.one', section([eicar()], ['bill.com']));
    expect(findings.map(({ path }) => path)).toContainEqual(['a.one', 'bill.com']);
  });
});

describe('links are passed on', () => {
  test('of fields with what is shown, of relationships, of OpenDocument', async () => {
    const data = word(field('HYPERLINK "https://a.example/1"'), {
      'word/_rels/document.xml.rels': rels(['hyperlink', 'https://b.example/2']),
    });
    const { links } = await report(engine, 'a.docx', data);
    expect(links?.map(({ url, shown }) => ({ url, shown }))).toEqual(
      expect.arrayContaining([
        { url: 'https://a.example/1', shown: 'text' },
        { url: 'https://b.example/2', shown: undefined },
      ]),
    );
    const other = await report(
      engine,
      'a.odt',
      odf('<text:a xlink:href="https://c.example/">our <b>bank</b></text:a>'),
    );
    expect(other.links).toMatchObject([{ url: 'https://c.example/', shown: 'our bank' }]);
  });
});
