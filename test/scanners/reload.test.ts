import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import type { RuleChange } from '../../scanners/embedded/pool';
import { eicar, report } from './samples';

let folder = '';
let engine: EmbeddedEngine | undefined;
let changes: RuleChange[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-rules-'));
  changes = [];
});
afterEach(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true });
});

const rule = (name: string, word: string, meta = ''): string =>
  `rule ${name} { ${meta && `meta: ${meta}`} strings: $a = "${word}" condition: $a }\n`;

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function start(yara: 'auto' | 'wasm' = 'auto', directories = [folder]): Promise<EmbeddedEngine> {
  engine = await createEmbeddedEngine({
    processes: 1,
    yara,
    rulesDirectories: directories,
    rulesPollMs: 20,
    onRules: (change) => changes.push(change),
  });
  return engine;
}

async function changed(): Promise<RuleChange> {
  for (;;) {
    const change = changes.shift();
    if (change) return change;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function found(text: string): Promise<string[]> {
  if (!engine) throw new Error('no engine');
  return (await report(engine, 'a.txt', Buffer.from(text))).findings.map((finding) => finding.rule);
}

test.each(['auto', 'wasm'] as const)('a broken file is named and skipped, the others work (%s)', async (yara) => {
  put('good.yar', rule('Good', 'apple'));
  put('broken.yar', 'rule Broken { condition: nobody_knows_this }');
  put('unclosed.yar', `${rule('Unclosed', 'pear')}/* no end`);
  put('including.yara', 'include "/etc/passwd"\nrule Including { condition: true }');
  const { health } = await start(yara);
  const { ok, detail } = await health();
  expect(ok).toBe(false);
  for (const name of ['broken.yar', 'unclosed.yar', 'including.yara']) {
    expect(detail).toMatch(new RegExp(`${name} does not compile and was left out \\(line \\d+: error`));
  }
  expect(detail).not.toMatch(/good\.yar/);
  expect(await found('apple pear')).toEqual(['Good']);
  expect(await found(eicar().toString())).toEqual(['EICAR_Test_File']);
});

test.each(['auto', 'wasm'] as const)('equal rule names and global rules do not disturb others (%s)', async (yara) => {
  put('a.yar', rule('Same', 'apple', 'severity = "low"'));
  put('b.yar', rule('Same', 'pear', 'severity = "medium"'));
  put('c.yar', `global rule Never { condition: filesize == 7 }\n${rule('Bounded', 'apple')}`);
  put('d.yar', rule('EICAR_Test_File', 'plum', 'severity = "low"'));
  const ready = await start(yara);
  expect(await ready.health()).toMatchObject({ ok: true });
  expect(await found('apple')).toEqual(['Same']);
  expect(await found('pear')).toEqual(['Same']);
  const both = await report(ready, 'a.txt', Buffer.from('apple pear'));
  expect(both.findings).toMatchObject([{ rule: 'Same', severity: 'medium' }]);
  expect(await found('plum')).toEqual(['EICAR_Test_File']);
  expect(await found('a apple')).toEqual(expect.arrayContaining(['Same', 'Bounded', 'Never']));
});

test.each(['auto', 'wasm'] as const)(
  'a finding keeps author, reference, licence and a sensible severity (%s)',
  async (yara) => {
    put('LICENSE', '# Detection Rule License (DRL) 1.1\nmore text');
    put(
      'scored.yar',
      rule(
        'Scored',
        'apple',
        'author = "A. Author" reference = "https://example.com/1" score = 60 description = "An apple."',
      ),
    );
    put('own.yar', rule('Own', 'pear', 'license = "MIT" severity = 100 Author = "B"'));
    put('head.yar', `// Licensed under GPL-2.0\n${rule('Head', 'plum', 'score = 40')}`);
    put('bare.yar', rule('Bare', 'fig'));
    const ready = await start(yara);
    const { findings } = await report(ready, 'a.txt', Buffer.from('apple pear plum fig'));
    const byRule = Object.fromEntries(findings.map((finding) => [finding.rule, finding]));
    const licence = 'Detection Rule License (DRL) 1.1';
    expect(byRule).toMatchObject({
      Scored: {
        severity: 'medium',
        author: 'A. Author',
        reference: 'https://example.com/1',
        licence,
        what: 'An apple.',
      },
      Own: { severity: 'high', author: 'B', licence: 'MIT' },
      Head: { severity: 'low', licence: 'Licensed under GPL-2.0' },
      Bare: { severity: 'high', licence, what: 'A detection rule matches this content.' },
    });
  },
);

test('rules may ask for name, path, extension, type and owner of the part', async () => {
  put(
    'names.yar',
    'rule Asks { condition: filename == "a.txt" and filepath == "a.txt" and extension == "txt" and filetype startswith "text/" and owner == "" }',
  );
  await start();
  expect(await found('words')).toEqual(['Asks']);
});

test('files below sub-directories and behind links count, hidden directories do not', async () => {
  mkdirSync(join(folder, 'deep/er'), { recursive: true });
  mkdirSync(join(folder, '.data'));
  put('deep/er/a.yar', rule('Deep', 'apple'));
  put('.data/b.yar', rule('Linked', 'pear'));
  symlinkSync(join(folder, '.data/b.yar'), join(folder, 'b.yar'));
  symlinkSync(folder, join(folder, 'deep/loop'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.yar'));
  const { health } = await start();
  expect((await found('apple pear')).sort()).toEqual(['Deep', 'Linked']);
  expect((await health()).detail).toMatch(/dangling\.yar cannot be read \(ENOENT\)$/);
});

test('a changed file takes effect without a restart, under another rules version', async () => {
  put('a.yar', rule('First', 'apple'));
  const ready = await start();
  const before = await report(ready, 'a.txt', Buffer.from('apple'));
  const pids = ready.pids();
  put('a.yar', rule('Second', 'apple'));
  expect(await changed()).toMatchObject({ taken: true, problems: [] });
  const after = await report(ready, 'a.txt', Buffer.from('apple'));
  expect(after.findings.map(({ rule: name }) => name)).toEqual(['Second']);
  expect(after.rulesVersion).not.toBe(before.rulesVersion);
  expect((await ready.health()).rulesVersion).toBe(after.rulesVersion);
  // A process that is told to end ends a moment later; one that stays ends this test by its clock.
  while (pids.some((pid) => ready.pids().includes(pid))) await sleep(20);
});

test('a file in hand while rules change is finished by the former rules, and its report says so', async () => {
  put('a.yar', rule('First', 'apple'));
  const ready = await start();
  const { rulesVersion } = await ready.health();
  const session = ready.open({ fileName: 'a.txt' });
  await session.enter?.();
  session.sink.write(Buffer.from('app'));
  put('a.yar', rule('Second', 'apple'));
  expect(await changed()).toMatchObject({ taken: true });
  expect(await found('apple')).toEqual(['Second']);
  session.sink.end(Buffer.from('le'));
  expect(await session.report).toMatchObject({ rulesVersion, findings: [{ rule: 'First' }] });
});

test('rules of which no file compiles are refused; the former ones stay until they are mended', async () => {
  put('a.yar', rule('First', 'apple'));
  const ready = await start();
  const { rulesVersion } = await ready.health();
  put('a.yar', 'rule {');
  expect(await changed()).toMatchObject({ taken: false, rulesVersion });
  expect(await found('apple')).toEqual(['First']);
  const refused = await ready.health();
  expect(refused).toMatchObject({ ok: false, rulesVersion });
  expect(refused.detail).toMatch(/the former ones stay: none of the added rule files compiles/);
  put('a.yar', rule('First', 'apple'));
  expect(await changed()).toMatchObject({ taken: true, rulesVersion, problems: [] });
  expect(await ready.health()).toMatchObject({ ok: true });
});

test('a directory that is missing is reported, and used once it is there', async () => {
  const missing = join(folder, 'later');
  const ready = await start('auto', [missing]);
  expect((await ready.health()).detail).toMatch(/later cannot be read \(ENOENT\)/);
  mkdirSync(missing);
  put('later/a.yar', rule('Late', 'apple'));
  await changed();
  expect(await found('apple')).toEqual(['Late']);
  expect(await ready.health()).toMatchObject({ ok: true });
});

test('more broken files than a message may name do not stop the engine', async () => {
  for (let index = 0; index < 150; index += 1) put(`broken-${index}.yar`, 'rule {');
  put('good.yar', rule('Good', 'apple'));
  const ready = await start();
  expect((await ready.health()).detail).toMatch(/51 more rule files/);
  expect(await found('apple')).toEqual(['Good']);
});
