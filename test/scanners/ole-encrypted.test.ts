import { openCompound } from '../../scanners/embedded/ole/compound';
import { readEncryptionInfo } from '../../scanners/embedded/ole/package-crypto';
import { openRc4, rc4Mask } from '../../scanners/embedded/ole/rc4';
import { xorKey } from '../../scanners/embedded/ole/xor-obfuscation';
import type { Opened } from '../../scanners/embedded/opener';
import { createUnpacker } from '../../scanners/embedded/unpack';
import { long, short } from './ole-build';
import { macroCall, macroSheet, xls } from './ole-documents';
import { agile, encryptedPackage, rc4Workbook, standard } from './ole-encrypt';

const unpacker = createUnpacker();
const content = Buffer.from('PK a package of more than one segment '.repeat(300));

function open(data: Buffer, passwords: readonly string[] = []): Opened {
  const budget = { totalBytes: 10_000_000, memberBytes: 5_000_000, members: 1_000 };
  const type = { mime: 'application/x-ole-storage', container: 'compound' as const };
  return openCompound(data, { name: 'mail/order.docx', type, passwords, budget, unpacker });
}
const rules = ({ findings }: Opened): string[] => (findings ?? []).map(({ rule }) => rule);

describe('encrypted packages', () => {
  test.each<[string, (data: Buffer, password: string) => Buffer]>([
    ['agile', agile],
    ['standard', standard],
  ])('%s: opens with the password that Office tries itself, and with a candidate', (_title, encrypt) => {
    const opened = open(encrypt(content, 'VelvetSweatshop'));
    expect([...opened.gaps]).toEqual([]);
    expect(rules(opened)).toEqual(['Ole_Default_Password']);
    const found = opened.members.find(({ name }) => name === 'order.docx');
    expect(Buffer.from(found?.data ?? []).equals(content)).toBe(true);
    const told = open(encrypt(content, 'Winter2026!'), ['Winter2026!']);
    expect(told.members.map(({ name }) => name)).toContain('order.docx');
  });

  test('the password that Office tries itself is suspicious around macros', () => {
    const severity = (data: Buffer): unknown =>
      open(agile(data, 'VelvetSweatshop')).findings?.find(({ rule }) => rule === 'Ole_Default_Password')?.severity;
    expect(severity(content)).toBe('low');
    expect(severity(Buffer.concat([content, Buffer.from('PK\x01\x02 xl/vbaProject.bin')]))).toBe('medium');
  });

  test('what no password opens is a gap', () => {
    expect([...open(agile(content, 'unknown'), ['wrong']).gaps]).toEqual(['encrypted']);
    const rights = encryptedPackage(Buffer.alloc(0), Buffer.alloc(64));
    expect([...open(rights).gaps]).toEqual(['encrypted']);
    const slow = agile(content, 'VelvetSweatshop').toString('latin1').replace('spinCount="1000"', 'spinCount="9999"');
    expect([...open(Buffer.from(slow, 'latin1')).gaps]).toEqual(['encrypted']);
  });

  // From the documentation of msoffcrypto-tool, a file that Office wrote.
  test('checks a password as Office 2007 does', () => {
    const verifier = Buffer.from('516f732e966fac17b1c5d7d8cc36c928', 'hex');
    const hash = Buffer.from('2b6168dabe2911ad2bd37c1746745c14d3cf1bb140a48f4e6f3d23880872b16a', 'hex');
    const header = Buffer.concat([0x24, 0, 0x660e, 0x8004, 128, 0x18, 0, 0].map(long));
    const salt = Buffer.from('e88266490c5bd1eebd2b4394e3f830ef', 'hex');
    const parts = [
      short(3),
      short(2),
      long(0x24),
      long(header.length),
      header,
      long(16),
      salt,
      verifier,
      long(20),
      hash,
    ];
    const attempt = readEncryptionInfo(Buffer.concat(parts));
    expect(attempt?.('Password1234_')).toBeDefined();
    expect(attempt?.('Password1234')).toBeUndefined();
  });
});

describe('encrypted workbooks', () => {
  const book = macroSheet({ hidden: 1, autoOpen: true, formulas: [macroCall(110, 'calc.exe')] });
  const records = [book.subarray(0, 20), book.subarray(20)];

  test('are read with the password that Excel tries itself', () => {
    const opened = open(xls(rc4Workbook(records, 'VelvetSweatshop')));
    expect(rules(opened)).toEqual(
      expect.arrayContaining(['Ole_Default_Password', 'Xlm_Runs_On_Open_And_Starts_Programs']),
    );
    expect(opened.findings).toContainEqual(
      expect.objectContaining({ rule: 'Ole_Default_Password', severity: 'medium' }),
    );
    expect([...opened.gaps]).toEqual([]);
  });

  test('are a gap under another', () => {
    expect([...open(xls(rc4Workbook(records, 'unknown')), ['wrong']).gaps]).toEqual(['encrypted']);
    expect([...open(xls(rc4Workbook(records, 'told')), ['told']).gaps]).toEqual([]);
  });

  // Both from the documentation of msoffcrypto-tool.
  test('passwords are checked as Excel does', () => {
    const salt = Buffer.from('e8772c1d91c56a37964761b280183217', 'hex');
    const verifier = Buffer.from('c9e997d454973d310bb1ba701426837e', 'hex');
    const hash = Buffer.from('b1de178f07e989c44dae5e4cf96ac407', 'hex');
    const header = Buffer.concat([short(1), short(1), salt, verifier, hash]);
    expect(openRc4(header, 'password1')).toBeDefined();
    expect(openRc4(header, 'password2')).toBeUndefined();
    expect(xorKey('VelvetSweatshop', 45_913, 0x9a0a)?.toString('hex')).toBe('876b9ae21ee305621e699660986e9404');
    expect(xorKey('other', 45_913, 0x9a0a)).toBeUndefined();
  });

  test('RC4 gives the key stream of RFC 6229', () => {
    expect(rc4Mask(Buffer.from('0102030405', 'hex'), 16).toString('hex')).toBe('b2396305f03dc027ccc3524a0a1118a8');
  });
});
