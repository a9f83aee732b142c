import { openBinhex } from '../../scanners/embedded/web/binhex';
import { eicar } from './samples';

const ALPHABET = '!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr';

/** A text as old programs of the Macintosh write it. */
function binhex(name: string, data: Buffer): string {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(data.length, 0);
  const head = Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(`${name}\0TEXTttxt\0\0`),
    lengths,
    Buffer.alloc(2),
  ]);
  const plain = Buffer.concat([head, data, Buffer.alloc(4)]);
  const packed = [...plain].flatMap((byte) => (byte === 0x90 ? [byte, 0] : [byte]));
  const bits = packed.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = (bits.match(/.{1,6}/g) ?? []).map((six) => ALPHABET[parseInt(six.padEnd(6, '0'), 2)]).join('');
  const lines = (`:${letters}:`.match(/.{1,64}/g) ?? []).join('\r\n');
  return `(This file must be converted with BinHex 4.0)\r\n\r\n${lines}\r\n`;
}

test.each([
  ['a test file', eicar()],
  ['bytes that stand for runs', Buffer.from('a\x90b\x90\x90c', 'latin1')],
])('BinHex gives back %s', (_title, data) => {
  const [member] = openBinhex(`Hello\r\n${binhex('order.com', data)}`, 1_000).members;
  expect(member?.name).toBe('order.com');
  expect(Buffer.from(member?.data ?? []).equals(data)).toBe(true);
});

test('BinHex cut off or too large is a gap', () => {
  const text = binhex('a', Buffer.alloc(600, 0x41));
  expect([...openBinhex(text.slice(0, 400), 1_000).gaps]).toEqual(['malformed']);
  const { members, gaps } = openBinhex(text, 50);
  expect([...gaps]).toEqual(['limit_reached']);
  expect(members.every((member) => member.data.length <= 50)).toBe(true);
});

test('a text about BinHex gives nothing', () => {
  expect(openBinhex('(This file must be converted with BinHex 4.0) is its first line: so they say.', 1_000)).toEqual({
    members: [],
    gaps: new Set(),
  });
});
