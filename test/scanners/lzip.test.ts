import { createUnpacker } from '../../scanners/embedded/unpack';
import { readLzip } from '../../scanners/embedded/lzip';

const budget = { totalBytes: 100_000, memberBytes: 10_000, members: 10 };
/** Made by lzip 1.23. */
const first = Buffer.from('TFpJUAEMACIZSCdTGmri7+1/JDRdmB7D6P//T8wAAFzXCloOAAAAAAAAADMAAAAAAAAA', 'base64');
const second = Buffer.from('TFpJUAEMADoaCM522Y3366BUW4lxozc7v4Zcf//npQAAVEmJIRAAAAAAAAAANQAAAAAAAAA=', 'base64');

async function textsOf(data: Buffer): Promise<string[]> {
  const unpacker = createUnpacker();
  const texts: string[] = [];
  for (const { data: part } of readLzip(data, budget)?.members ?? []) {
    const { members, gaps } = await unpacker.unpack(part, [], budget);
    texts.push(...members.map((member) => Buffer.from(member.data).toString()), ...gaps);
  }
  return texts;
}

test('members of an lzip file are read one by one', async () => {
  expect(await textsOf(first)).toEqual(['Dear support,\n']);
  expect(await textsOf(Buffer.concat([first, second]))).toEqual(['Dear support,\n', 'the second part\n']);
});

test('a file that is cut off or followed by anything else is read from its beginning', async () => {
  expect(await textsOf(Buffer.concat([first, Buffer.from('junk')]))).toContain('Dear support,\n');
  expect(await textsOf(first.subarray(0, 30))).toContain('malformed');
});

test('anything else is left to others', () => {
  expect(readLzip(Buffer.from('LZIQ, a letter'), budget)).toBeUndefined();
});
