import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../dist/cli/links.js');
let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'lazaret-links-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function run(lines: (object | string)[] | undefined, ...more: string[]) {
  const path = join(folder, 'list.jsonl');
  const text = (lines ?? []).map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(path, text);
  const args = lines === undefined ? more : ['--list', path, ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  return {
    status,
    stderr,
    stdout,
    rows: more.includes('--json')
      ? stdout
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((row) => JSON.parse(row))
      : [],
  };
}

it('prints one line a text, and ends well where nothing is suspicious', () => {
  const { status, rows } = run(
    [
      { id: 1, text: 'see hxxps://fine[.]example' },
      '',
      { id: 'b', html: '<a href="https://x.example/">y.example</a>' },
    ],
    '--json',
  );
  expect(status).toBe(0);
  expect(rows).toMatchObject([
    {
      id: 1,
      urls: [{ url: 'https://fine.example/', host: 'fine.example', shown: 'hxxps://fine[.]example', findings: [] }],
    },
    { id: 'b', urls: [{ url: 'https://x.example/', shown: 'y.example' }] },
  ]);
});

it('takes text and HTML of one line together, each link once', () => {
  const { rows } = run(
    [{ id: 1, text: 'https://a.example/ https://b.example/', html: '<a href="https://a.example/">a</a>' }],
    '--json',
  );
  expect(rows[0].urls.map(({ url }: { url: string }) => url).toSorted()).toEqual([
    'https://a.example/',
    'https://b.example/',
  ]);
});

it('tells by its end that something is suspicious, also beside lines that cannot be read', () => {
  expect(run([{ id: 1, text: 'http://paypa1.com/' }]).status).toBe(1);
  expect(run([{ id: 1, text: 'http://paypa1.com/' }, 'no json']).status).toBe(1);
});

it.each([['no json'], [{ id: 1 }], [{ text: 'x' }], [{ id: 1, text: 7 }]])(
  'names the line that cannot be read: %j',
  (line) => {
    const { status, stderr, rows } = run([{ id: 0, text: 'x' }, line, { id: 2, text: 'y' }], '--json');
    expect(status).toBe(2);
    expect(stderr).toMatch(/Line 2 /);
    expect(rows.map(({ id }) => id)).toEqual([0, 2]);
  },
);

it('says that a text holds too many links', () => {
  const text = Array.from({ length: 201 }, (_none, at) => `https://h${at}.example/`).join(' ');
  const { status, rows } = run([{ id: 1, text }], '--json');
  expect([status, rows[0].reason, rows[0].urls.length]).toEqual([2, 'too_many_links', 200]);
});

it('refuses wrong usage, and a list that does not exist', () => {
  expect(run(undefined).status).toBe(3);
  expect(run([], '--unknown').status).toBe(3);
  expect(run(undefined, '--list').status).toBe(3);
  const missing = join(folder, 'missing.jsonl');
  expect(run(undefined, `--list=${missing}`)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(`The list ${missing} does not exist (looked for ${missing})\n`) as string,
  });
  expect(run(undefined, missing).stderr).toContain(`Texts come in a list: --list ${missing}\n`);
});

it('takes a list that begins with a byte order mark, and explains itself when asked', () => {
  expect(run([`\ufeff{"id":1,"text":"x"}`], '--json').rows).toEqual([{ id: 1, urls: [] }]);
  expect(run(undefined, '-h')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage: /) as string });
});

it('ends in silence with 2 when nobody reads its lines', async () => {
  writeFileSync(join(folder, 'unread.jsonl'), '{"id":1,"text":"http://paypa1.com/"}\n');
  const child = spawn(process.execPath, [SCRIPT, '--list', join(folder, 'unread.jsonl')]);
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  expect([...((await once(child, 'close')) as unknown[]), said]).toEqual([2, null, '']);
});

it('shows the same as a table, with what cannot be seen made visible', () => {
  const { stdout, status } = run([{ id: '\u202egpj', text: 'http://paypa1.com/login' }], '--own', 'acme.com');
  expect(status).toBe(1);
  expect(stdout).toContain('Link_Host_Imitates_Brand');
  expect(stdout).not.toContain('\u202e');
});
