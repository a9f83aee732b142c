import { readAr } from '../../scanners/embedded/ar';
import { ar, member } from './ar-build';

const budget = { totalBytes: 100_000, memberBytes: 10_000, members: 10 };
const text = Buffer.from('Dear support, a letter');
const odd = Buffer.from('odd');
const seen = (data: Buffer, bounds = budget): [[string, string][], string[]] => {
  const { members, gaps } = readAr(data, bounds) ?? { members: [], gaps: ['no archive'] };
  return [members.map((one) => [one.name, Buffer.from(one.data).toString()]), [...gaps]];
};

test('members of odd and even length are read without gaps', () => {
  const both: [string, Buffer][] = [
    ['odd', odd],
    ['letter/', text],
  ];
  const expected = [
    [
      ['odd', 'odd'],
      ['letter', text.toString()],
    ],
    [],
  ];
  expect(seen(ar(both))).toEqual(expected);
  expect(seen(ar(both, '\0'))).toEqual(expected);
  expect(seen(ar(both, ''))).toEqual(expected);
});

test('long names of BSD stand before the bytes', () => {
  const name = 'a name of more than sixteen bytes';
  expect(seen(ar([[`#1/${name.length + 3}`, Buffer.from(`${name}\0\0\0${text}`)]]))).toEqual([
    [[name, text.toString()]],
    [],
  ]);
});

test('long names of GNU stand in a table', () => {
  const table = Buffer.from('first long file name/\nsecond long file name/\n');
  const [members, gaps] = seen(
    ar([
      ['//', table],
      ['/0', odd],
      ['/22', text],
    ]),
  );
  expect(members.slice(1)).toEqual([
    ['first long file name', 'odd'],
    ['second long file name', text.toString()],
  ]);
  expect(gaps).toEqual([]);
});

test.each([
  ['a long name beyond the table', ar([['/99', text]])],
  ['a long name longer than its member', ar([['#1/99', text]])],
  ['a size beyond the end', Buffer.concat([Buffer.from('!<arch>\n'), ...member('a', text, '', '9999999999')])],
  ['a size too small', Buffer.concat([ar([]), ...member('a', text, '', '4'), ...member('b', text)])],
  ['a size that is no number', Buffer.concat([ar([]), ...member('a', text, '', '-5')])],
  ['bytes behind the last member', Buffer.concat([ar([['a', text]]), text])],
])('%s is a gap, and the bytes are still seen', (_what, data) => {
  const [members, gaps] = seen(data);
  expect(gaps).toEqual(['malformed']);
  expect(members.some(([, bytes]) => bytes.includes('Dear') || bytes.includes(' support'))).toBe(true);
});

test('an archive cut anywhere inside its only member is never whole', () => {
  const whole = ar([['letter', text]]);
  for (let length = 9; length < whole.length; length += 1) {
    expect([length, seen(whole.subarray(0, length))[1]]).toEqual([length, ['malformed']]);
  }
});

test('each bound of the budget is a gap', () => {
  const many = ar(Array.from({ length: 20 }, (_unused, at): [string, Buffer] => [`n${at}`, text]));
  expect(seen(many)[1]).toEqual(['limit_reached']);
  expect(seen(many)[0]).toHaveLength(10);
  const large = ar([['large', Buffer.alloc(20_000, 'a')]]);
  expect(seen(large)[1]).toEqual(['limit_reached']);
  expect(seen(large, { ...budget, totalBytes: 15_000 })).toEqual([[], ['limit_reached']]);
});

test('other data is left alone', () => {
  expect(readAr(Buffer.from('!<thin>\n'), budget)).toBeUndefined();
  expect(readAr(Buffer.alloc(0), budget)).toBeUndefined();
});
