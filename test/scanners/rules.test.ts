import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SEVERITIES } from '../../domain/words';
import { loadRules, type PartVariables, type RuleSet } from '../../scanners/embedded/yara';
import type { Piece, RuleCases } from './rules/case';
import { documents } from './rules/documents';
import { known } from './rules/known';
import { macros } from './rules/macros';
import { programs } from './rules/programs';
import { scripts } from './rules/scripts';
import { unix } from './rules/unix';
import { web } from './rules/web';
import { eicar } from './samples';

const RULES = join(__dirname, '../../scanners/embedded/rules');
const COMPILED = join(__dirname, '../../dist/scanners/embedded/yara.js');
const CASES: RuleCases = { ...known, ...scripts, ...unix, ...web, ...documents, ...macros, ...programs };
const sources = readdirSync(RULES)
  .sort()
  .map((name) => ({ name, text: readFileSync(join(RULES, name), 'utf8') }));
const rules = sources.flatMap(({ text }) => [...text.matchAll(/^rule (\w+)\s*\{([\s\S]*?)^\}/gm)]);

function names(set: RuleSet, [name, data]: Piece): string[] {
  return set.scan(Buffer.from(data), variablesOf(name)).map(({ rule }) => rule);
}

function variablesOf(filename: string): PartVariables {
  const dot = filename.lastIndexOf('.');
  const extension = dot > 0 ? filename.slice(dot + 1) : '';
  const filetype = { svg: 'image/svg+xml', html: 'text/html' }[extension] ?? '';
  return { filename, filepath: filename, extension, filetype, owner: '' };
}

test('every rule matches its pieces and not their look-alikes', async () => {
  const set = await loadRules(sources, 'auto');
  const wrong: string[] = [];
  for (const [rule, { match, miss, more = [], alsoMiss = [] }] of Object.entries(CASES)) {
    for (const [index, piece] of [match, ...more].entries()) {
      if (!names(set, piece).includes(rule)) wrong.push(`${rule} misses its piece ${index + 1}`);
    }
    for (const [index, piece] of [miss, ...alsoMiss].entries()) {
      if (names(set, piece).includes(rule)) wrong.push(`${rule} matches the look-alike ${index + 1}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the WebAssembly build gives the same answers', async () => {
  const pieces = Object.values(CASES).flatMap(({ match, miss }) => [match, miss]);
  const questions = pieces.map(([name, data]) => ({
    data: Buffer.from(data).toString('base64'),
    variables: variablesOf(name),
  }));
  // In a process of its own: the package is an ES module, which cannot be loaded here.
  const program = `
    const { loadRules } = require(${JSON.stringify(COMPILED)});
    const { sources, questions } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    loadRules(sources, 'wasm').then((set) => {
      const ask = ({ data, variables }) => set.scan(Buffer.from(data, 'base64'), variables);
      process.stdout.write(JSON.stringify({ version: set.version, answers: questions.map(ask) }));
    });`;
  const input = JSON.stringify({ sources, questions });
  const { stdout } = spawnSync(process.execPath, ['-e', program], { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  const { version, answers } = JSON.parse(stdout) as { version: string; answers: { rule: string }[][] };
  expect(version).toContain('wasm');
  const native = await loadRules(sources, 'auto');
  expect(native.version).toContain('native');
  const sorted = (findings: { rule: string }[]): object[] => findings.sort((a, b) => (a.rule < b.rule ? -1 : 1));
  const expected = pieces.map(([name, data]) => sorted(native.scan(Buffer.from(data), variablesOf(name))));
  expect(answers.map(sorted)).toEqual(expected);
});

test('every rule has a case, and there are no cases for rules that went', () => {
  expect(rules.map(([, name]) => name).sort()).toEqual(Object.keys(CASES).sort());
});

test('look-alikes are not called suspicious by any other rule either', async () => {
  const set = await loadRules(sources, 'auto');
  const found = Object.values(CASES).flatMap(({ miss, alsoMiss = [] }) =>
    [miss, ...alsoMiss].flatMap((piece) => names(set, piece).map((rule) => `${piece[0]}: ${rule}`)),
  );
  const grave = rules.filter(([, , body]) => !/severity = "(low|info)"/.test(body ?? '')).map(([, name]) => name);
  expect(found.filter((line) => grave.some((rule) => line.endsWith(`: ${rule}`)))).toEqual([]);
});

test.each(rules.map(([, name, body]) => [name, body] as const))('%s explains itself', (_name, body) => {
  const meta = (key: string): string | undefined => new RegExp(`^\\s*${key} = "(.+)"$`, 'm').exec(body ?? '')?.[1];
  expect(meta('description')).toMatch(/^[A-Z].*\.$/);
  expect(meta('analyst')).toMatch(/^.{20,}\.$/);
  expect(meta('author')).toBe('Lazaret');
  expect(meta('reference')).toMatch(/^https:\/\//);
  expect(SEVERITIES).toContain(meta('severity'));
});

test('the rules hold no test file in plain, and no includes', () => {
  for (const { text } of sources) {
    expect(text.includes(eicar().toString())).toBe(false);
    expect(text).not.toMatch(/^\s*include/m);
  }
});
