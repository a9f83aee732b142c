import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docx, eicar, encryptedZip, zip } from './samples';

const program = join(__dirname, '../../dist/cli/scan.js');
let folder = '';
let paths: Record<'clean' | 'bad' | 'locked', string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-scan-'));
  const place = (name: string, data: Buffer): string => {
    writeFileSync(join(folder, name), data);
    return join(folder, name);
  };
  paths = {
    clean: place('letter.docx', docx('Dear support')),
    bad: place('bill.zip', zip([{ name: 'bill.com', data: eicar() }])),
    locked: place('secret.zip', encryptedZip('a.txt', Buffer.from('x'), 'nobody knows')),
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

function scan(...args: string[]): { status: number | null; stdout: string; stderr: string; lines: () => unknown[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  const lines = (): unknown[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  return { status, stdout, stderr, lines };
}

test('prints one JSON object a file and exits with 1 when something was found', () => {
  const run = scan('--json', paths.clean, paths.bad, paths.locked);
  expect(run.status).toBe(1);
  const [clean, bad, locked] = run.lines();
  expect(clean).toMatchObject({ file: paths.clean, name: 'letter.docx', verdict: 'clean', findings: [] });
  expect(bad).toMatchObject({
    name: 'bill.zip',
    verdict: 'malicious',
    findings: [{ engine: 'embedded', rule: 'EICAR_Test_File', severity: 'critical', path: ['bill.zip', 'bill.com'] }],
  });
  const sha256 = createHash('sha256')
    .update(zip([{ name: 'bill.com', data: eicar() }]))
    .digest('hex');
  expect(bad).toMatchObject({ sha256, ms: expect.any(Number) as number });
  expect(locked).toMatchObject({ verdict: 'unscannable', reason: 'encrypted', findings: [] });
});

test('exits with 0 when all is clean, and says so to a person', () => {
  const run = scan(paths.clean);
  expect(run.status).toBe(0);
  expect(run.stdout).toMatch(/^clean .* ms {2}.*letter\.docx\n$/);
});

test('exits with 2 when something could not be looked into, a missing file included', () => {
  expect(scan('--json', paths.clean, paths.locked).status).toBe(2);
  const missing = scan('--json', join(folder, 'missing'));
  expect(missing.status).toBe(2);
  expect(missing.lines()).toMatchObject([{ sha256: null, verdict: 'unscannable', reason: 'gone' }]);
});

test('reads a list with names and conversations, and answers in its order', () => {
  const list = join(folder, 'list.jsonl');
  const lines = [
    { file: paths.locked, name: 'renamed.zip', text: 'Hello, the password is: nobody knows. Bye' },
    { file: paths.bad },
    { file: paths.locked },
    { file: paths.clean },
  ];
  writeFileSync(list, `\ufeff${lines.map((line) => JSON.stringify(line)).join('\r\n')}\n\n`);
  const run = scan('--json', '--list', list);
  expect(run.status).toBe(1);
  expect(run.lines()).toMatchObject([
    { file: paths.locked, name: 'renamed.zip', verdict: 'clean' },
    { name: 'bill.zip', verdict: 'malicious' },
    { name: 'secret.zip', verdict: 'unscannable', reason: 'encrypted' },
    { name: 'letter.docx', verdict: 'clean' },
  ]);
});

test('a broken line of a list is named by its number, the others are scanned, and the exit is 3', () => {
  const list = join(folder, 'broken.jsonl');
  writeFileSync(list, `{"file": ${JSON.stringify(paths.clean)}}\n{"file"\n\n{"name": "x"}\n`);
  const run = scan('--json', '--list', list);
  expect(run.status).toBe(3);
  expect(run.lines()).toMatchObject([{ verdict: 'clean' }]);
  expect(run.stderr).toMatch(/line 2: [^]*line 4: /);
});

test('a conversation on the command line opens what is locked', () => {
  expect(scan('--json', '--text', 'password: "nobody knows"', paths.locked).lines()).toMatchObject([
    { verdict: 'clean' },
  ]);
});

test('a folder is refused by name, and the file beside it is scanned', () => {
  const run = scan('--json', folder, paths.clean);
  expect(run.status).toBe(2);
  expect(run.lines()).toMatchObject([{ verdict: 'unscannable', sha256: null }, { verdict: 'clean' }]);
  expect(run.stderr).toMatch(/is a folder/);
});

test('refuses what would be read for ever by what it is', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const run = scan('--json', pipe, '/dev/zero', paths.clean);
  expect(run.status).toBe(2);
  expect(run.lines()).toMatchObject([{ verdict: 'unscannable' }, { verdict: 'unscannable' }, { verdict: 'clean' }]);
  expect(run.stderr).toMatch(/pipe: is a named pipe, not a file\n\/dev\/zero: is a device, not a file\n/);
});

test('takes a file from the pipe of a shell', () => {
  const command = 'cat "$0" | "$1" "$2" /dev/stdin';
  const run = spawnSync('sh', ['-c', command, paths.bad, process.execPath, program], { encoding: 'utf8' });
  expect([run.status, run.stdout]).toEqual([1, expect.stringContaining('EICAR_Test_File')]);
});

test('ends in silence with 2 when nobody reads its lines', async () => {
  const child = spawn(process.execPath, [program, paths.bad]);
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  expect([...((await once(child, 'close')) as unknown[]), said]).toEqual([2, null, '']);
});

test('says where it looked for a file that is missing', () => {
  expect(scan('missing.pdf').stderr).toBe(
    `missing.pdf: does not exist (looked for ${join(process.cwd(), 'missing.pdf')})\n`,
  );
});

test('explains itself when asked', () => {
  for (const option of ['-h', '--help']) {
    expect(scan(option)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^Usage: /) as string });
  }
});

test.each([[[]], [['--json']], [['--wrong', 'a']], [['--text']], [['--list', '/missing.jsonl']]])(
  'exits with 3 and explains itself for %j',
  (args) => {
    const run = scan(...args);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/Usage: npm run scan/);
    expect(run.stdout).toBe('');
  },
);
