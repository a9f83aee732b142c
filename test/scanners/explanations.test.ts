import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analystSentence, EXPLANATIONS } from '../../scanners/explanations';

const ROOT = join(__dirname, '../..');
const NAME = /(['"`])([A-Z][a-z0-9]+(?:_[A-Z0-9][A-Za-z0-9]*)+)\1|^\s+([A-Z][a-z0-9]+(?:_[A-Z0-9][A-Za-z0-9]*)+):/gm;
/** Google's names of threats, of which its findings are made. */
const THREAT = /^ {2}([A-Z_]+): '(?:high|medium)',$/gm;

describe('explanations', () => {
  const rules = rulesOfSources();

  it('finds the rules in the sources', () => {
    expect(rules).toEqual(expect.arrayContaining(['Pdf_Launch', 'Vba_Macros_Present', 'Link_Known_As_Malware']));
    expect(rules.length).toBeGreaterThan(200);
  });

  it('has a sentence for every rule, and none for a rule that is gone', () => {
    expect(Object.keys(EXPLANATIONS).sort()).toEqual(rules);
  });

  it('says one sentence of a readable length', () => {
    const odd = Object.entries(EXPLANATIONS).filter(([, text]) => {
      return text.length < 40 || text.length > 190 || !/^[^\s].*[.]$/.test(text);
    });
    expect(odd).toEqual([]);
    expect(new Set(Object.values(EXPLANATIONS)).size).toBe(Object.keys(EXPLANATIONS).length);
  });

  it('knows nothing of names that objects have by nature', () => {
    expect(analystSentence('Pdf_Launch')).toMatch(/Launch action/);
    expect(analystSentence('constructor')).toBeUndefined();
  });

  it('has every rule in docs/scanning.md, those of YARA too', () => {
    const page = readFileSync(join(ROOT, 'docs/scanning.md'), 'utf8');
    const named = new Set([...page.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect([...rules, ...yaraRules()].filter((rule) => !named.has(rule))).toEqual([]);
  });
});

function rulesOfSources(): string[] {
  const names = new Set<string>();
  for (const folder of ['scanners', 'activities', 'domain']) {
    for (const path of filesOf(folder, '.ts')) {
      if (path.includes('explanations')) continue;
      for (const match of readFileSync(path, 'utf8').matchAll(NAME)) names.add(match[2] ?? match[3] ?? '');
    }
  }
  const google = readFileSync(join(ROOT, 'scanners/links/reputation/google.ts'), 'utf8');
  for (const [, threat = ''] of google.matchAll(THREAT)) {
    names.add(`Link_Known_As_${threat.toLowerCase().replace(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase())}`);
  }
  return [...names].sort();
}

function yaraRules(): string[] {
  return filesOf('scanners/embedded/rules', '.yar').flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    return [...text.matchAll(/^rule\s+(\w+)/gm)].map(([, name = '']) => name);
  });
}

function filesOf(folder: string, end: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => join(ROOT, folder, name));
}
