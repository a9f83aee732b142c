import { openCompound } from '../../scanners/embedded/ole/compound';
import { decompressRtf } from '../../scanners/embedded/ole/rtf-compressed';
import { htmlOfRtf } from '../../scanners/embedded/ole/rtf-html';
import type { Opened } from '../../scanners/embedded/opener';
import { createUnpacker } from '../../scanners/embedded/unpack';
import { compound, long, short } from './ole-build';
import { compressRtf, msg, wide } from './ole-documents';

const unpacker = createUnpacker();

function open(data: Buffer): Opened {
  const budget = { totalBytes: 10_000_000, memberBytes: 5_000_000, members: 1_000 };
  const type = { mime: 'application/vnd.ms-outlook', container: 'compound' as const };
  return openCompound(data, { name: 'a.msg', type, passwords: [], budget, unpacker });
}
const contents = ({ members }: Opened): Record<string, string> =>
  Object.fromEntries(members.map(({ name, data }) => [name, Buffer.from(data).toString()]));
const file = (name: string, data: string): { properties: Record<string, Buffer> } => ({
  properties: { '3707001F': wide(name), '37010102': Buffer.from(data) },
});

describe('messages of Outlook', () => {
  test('attachments, bodies and messages inside come out under their names', () => {
    const inner = { properties: { '1000001F': wide('inner') }, attachments: [file('deep.txt', 'deep')] };
    const message = msg({
      properties: { '1000001F': wide('héllo'), '10130102': Buffer.from('<b>hello</b>') },
      attachments: [file('one.txt', '1'), { properties: { '3001001F': wide('Forwarded') }, message: inner }],
    });
    const opened = open(message);
    expect([...opened.gaps]).toEqual([]);
    expect(contents(opened)).toMatchObject({
      'body.txt': 'héllo',
      'body.html': '<b>hello</b>',
      'one.txt': '1',
      'Forwarded.msg/body.txt': 'inner',
      'Forwarded.msg/deep.txt': 'deep',
    });
  });

  test('names of one byte a letter are read in the code page of the message', () => {
    const properties = {
      '3704001E': Buffer.from([0xcf, 0xf0, 0xe8, 0x2e, 0x74, 0x78, 0x74]),
      '37010102': Buffer.from('x'),
    };
    const data = msg({ properties: {}, attachments: [{ properties }] });
    expect(Object.keys(contents(open(data)))).toContain('Ïðè.txt');
  });

  test('thousands of small properties are one part', () => {
    const properties: Record<string, Buffer> = {};
    for (let id = 0x4000; id < 0x4800; id += 1) properties[`${id.toString(16)}001F`] = wide(`value ${id}`);
    const { members } = open(msg({ properties }));
    expect(members.length).toBeLessThan(5);
    expect(Buffer.from(members.find(({ name }) => name === 'properties')?.data ?? []).toString('utf16le')).toContain(
      'value',
    );
  });

  test('an attachment by reference is shown, with its address', () => {
    const table = Buffer.concat([Buffer.alloc(8), short(3), short(0x3705), long(0), long(7), long(0)]);
    const base = '__attach_version1.0_#00000000/';
    const opened = open(
      compound([
        { path: '__properties_version1.0', data: Buffer.alloc(32) },
        { path: `${base}__properties_version1.0`, data: table },
        { path: `${base}__substg1.0_3707001F`, data: wide('book.xlsx') },
        { path: `${base}__substg1.0_370D001F`, data: wide('https://example.com/book.xlsx') },
      ]),
    );
    expect(opened.findings?.map(({ rule }) => rule)).toEqual(['Msg_Attachment_By_Reference']);
    expect(opened.links).toEqual([{ url: 'https://example.com/book.xlsx', place: ['book.xlsx'] }]);
  });

  test('a reminder whose sound is on a network share is malicious', () => {
    const named = Buffer.concat([long(0x851f), short(4), short(2)]);
    const data = (sound: string): Opened =>
      open(
        compound([
          { path: '__properties_version1.0', data: Buffer.alloc(32) },
          { path: '__nameid_version1.0/__substg1.0_00030102', data: named },
          { path: '__substg1.0_8002001F', data: wide(sound) },
        ]),
      );
    expect(data('\\\\203.0.113.7\\share\\a.wav').findings?.map(({ rule }) => rule)).toEqual([
      'Msg_Reminder_Loads_From_Network',
    ]);
    expect(data('reminder.wav').findings).toEqual([]);
  });

  test('a body that does not decompress is a gap', () => {
    expect([...open(msg({ properties: { '10090102': Buffer.alloc(64, 1) } })).gaps]).toEqual(['malformed']);
  });
});

describe('compressed RTF', () => {
  // The example of [MS-OXRTFCP] 4.1.1.
  test('decompresses the published example', () => {
    const hex =
      '2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af32068656c090020627705b06c647d0a800fa0'.replace(
        ' ',
        '',
      );
    expect(decompressRtf(Buffer.from(hex, 'hex'), 10_000)?.toString()).toBe(
      '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n',
    );
  });

  test('gives back what was packed, whatever its length', () => {
    for (const text of ['{\\rtf1 a}', '{\\rtf1 abcdefg}', 'x'.repeat(9_000)]) {
      expect(decompressRtf(compressRtf(text), 100_000)?.toString()).toBe(text);
    }
  });

  test('HTML inside is taken out, without what is for readers of RTF', () => {
    const rtf =
      '{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\fonttbl{\\f0 Arial;}}{\\*\\htmltag19 <html>}{\\*\\htmltag84 <a href="http://example.com/\\\'e9">}\\htmlrtf {\\htmlrtf0 Here\\htmlrtf }\\htmlrtf0 \\u8364 ?{\\*\\mhtmltag84 <a>}{\\*\\htmltag92 </a>}}';
    expect(htmlOfRtf(Buffer.from(rtf, 'latin1'))).toBe('<html><a href="http://example.com/é">Here€</a>');
    expect(htmlOfRtf(Buffer.from('{\\rtf1 plain}'))).toBeUndefined();
  });
});
