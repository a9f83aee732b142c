import { deflateRawSync, deflateSync } from 'node:zlib';
import { hiddenInside } from '../../scanners/embedded/walk-hidden';
import { fromBase32, fromBase85, rot13 } from '../../scanners/embedded/web/decode';
import { findHidden } from '../../scanners/embedded/web/hidden';
import { longRuns } from '../../scanners/embedded/web/runs';
import { writtenFiles } from '../../scanners/embedded/web/written';
import { isRawDeflate } from '../../scanners/embedded/zlib-stream';
import { zip } from './samples';
import { base32, base85, dump, intelHex, motorola, rot13 as turned } from './write-text';

const letter = zip([{ name: 'letter.txt', data: Buffer.from('Dear support, this is a letter of some length.\n') }]);
const files = (text: string): string[] => writtenFiles(text).map(({ data }) => data.toString('hex'));

test('dumps, records and lists of numbers are read as their tools wrote them', () => {
  for (const text of [
    dump(letter),
    intelHex(letter),
    motorola(letter),
    [...letter].join(', '),
    [...letter].join(';\n'),
  ]) {
    expect(files(`Before.\n${text}\nBehind.\n`)).toContain(letter.toString('hex'));
  }
});

test('base85 is read in both dialects, in one word and in lines', () => {
  const adobe = base85(letter, 'ascii');
  for (const text of [
    `<~${adobe}~>`,
    `See <~${adobe.replace(/(.{50})/g, '$1\n')}~>.`,
    adobe,
    base85(letter, 'plain'),
  ]) {
    expect(files(text)).toContain(letter.toString('hex'));
  }
  expect(fromBase85('~~~~~', 'ascii')).toBeUndefined();
  expect(fromBase85('uuuuu', 'ascii')).toBeUndefined();
});

test('base32 and letters moved by thirteen are read', () => {
  expect(fromBase32(base32(letter))).toEqual(letter);
  expect(fromBase32(base32(letter).toLowerCase())).toEqual(letter);
  expect(fromBase32('THIS IS A SENTENCE, NOT BASE32')).toBeUndefined();
  expect(rot13('Uryyb, Jbeyq!')).toBe('Hello, World!');
  for (const text of [base32(letter), turned(letter.toString('base64'))]) {
    expect(findHidden(longRuns(text), '').map(({ data }) => data.toString('hex'))).toContain(letter.toString('hex'));
  }
});

test('a word behind the padding of base64 belongs to no file', () => {
  const [run] = longRuns(`<<EOF\n${Buffer.alloc(100, 'letter').toString('base64')}\nEOF\n`);
  expect(run?.endsWith('==')).toBe(true);
});

test('a file whose digits touch others is found by its first ones', () => {
  const [found] = findHidden([`OpusTags${letter.toString('base64')}`], '');
  expect(found?.data.subarray(0, letter.length)).toEqual(letter);
});

test('numbers, tables and code are no files', () => {
  const table = Array.from({ length: 400 }, (_unused, at) => (at * 37) % 256).join(', ');
  for (const text of [table, 'deadbeef '.repeat(60), `<~${'a letter '.repeat(20)}~>`, 'x'.repeat(500)]) {
    expect(files(text)).toEqual([]);
  }
});

test('base64 and whole zlib streams are found in what is no text', () => {
  const noise = Buffer.from(Array.from({ length: 700 }, (_unused, at) => (at * 7_919) % 251));
  const inside = (data: Buffer): string[] =>
    hiddenInside(Buffer.concat([noise, data, noise]), 'none').map((member) => Buffer.from(member.data).toString('hex'));
  expect(inside(Buffer.from(letter.toString('base64')))).toEqual([letter.toString('hex')]);
  expect(inside(deflateSync(letter))).toEqual([letter.toString('hex')]);
  expect(inside(Buffer.concat([deflateSync(letter), deflateSync(noise)]))).toHaveLength(2);
  expect(inside(deflateSync(letter).subarray(0, 60))).toEqual([]);
  expect(hiddenInside(Buffer.from(letter.toString('base64')), 'text')).toEqual([]);
});

test('a deflate stream without header must end where its bytes end', () => {
  const stream = deflateRawSync(letter);
  expect(isRawDeflate(stream)).toBe(true);
  expect(isRawDeflate(Buffer.concat([stream, Buffer.from('more')]))).toBe(false);
  expect(isRawDeflate(stream.subarray(0, 40))).toBe(false);
});
