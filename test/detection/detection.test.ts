import { existsSync } from 'node:fs';
import { createEngines } from '../../scanners';
import type { EngineSet } from '../../scanners';
import { folderSamples, madeSamples } from './corpus';
import type { Folder } from './corpus';
import { figuresOf, isAsExpected, measure, tableOf } from './measure';
import type { Outcome } from './measure';
import { ProcessWatch } from './processes';

/**
 * `npm run detection`: the table over everything that is here, with folders of one's own where these variables name some:
 * lists of folders, separated as in PATH. In `npm test` the files that are made at run time only.
 */
const asked = process.env['npm_lifecycle_event'] === 'detection';

function folders(): Folder[] {
  if (!asked) return [];
  const named = (variable: string, kind: string, expect: Folder['expect']): Folder[] =>
    (process.env[variable] ?? '')
      .split(':')
      .filter((path) => path !== '')
      .map((path) => ({ kind: `${kind}: ${path.split('/').at(-1)}`, path, expect }));
  const testFiles = '/usr/share/clamav-testfiles';
  return [
    ...(existsSync(testFiles) ? [{ kind: 'clamav-testfiles', path: testFiles, expect: 'refused' as const }] : []),
    ...named('LAZARET_CORPUS_MALICIOUS', 'malicious', 'malicious'),
    ...named('LAZARET_CORPUS_REFUSED', 'refused', 'refused'),
    ...named('LAZARET_CORPUS_BENIGN', 'benign', 'clean'),
  ];
}

describe('the development set', () => {
  let set: EngineSet;
  let made: Outcome[];
  let outcomes: Outcome[];
  beforeAll(async () => {
    // In `npm test` other tests take the processor away, and a time-out would only say that.
    set = await createEngines({ embedded: asked ? {} : { limits: { wallMs: 60_000 } } });
    const watch = asked ? new ProcessWatch(() => set.embedded?.pids() ?? []) : undefined;
    await set.embedded?.health();
    made = await measure(set.engines, await madeSamples(), watch);
    outcomes = [...made];
    for (const folder of folders()) outcomes.push(...(await measure(set.engines, folderSamples(folder), watch)));
    if (asked) process.stdout.write(`\n${tableOf(outcomes, watch?.peakBytes)}\n`);
  }, 1_800_000);
  afterAll(() => set.close());

  it('has every made file judged as expected', () => {
    const odd = made
      .filter((one) => !isAsExpected(one))
      .map(
        ({ sample, verdict, reason, rules }) =>
          `${sample.kind} › ${sample.name}: ${verdict}(${reason ?? ''}) instead of ${sample.expect} ${rules.slice(0, 4).join(' ')}`,
      );
    expect(odd).toEqual([]);
  });

  it('has no bad file called clean', () => {
    const clean = outcomes.filter(({ sample, verdict }) => sample.expect !== 'clean' && verdict === 'clean');
    expect(clean.map(({ sample }) => `${sample.kind} › ${sample.name}`)).toEqual([]);
  });

  it('has at least 98 % of the malicious files named malicious', () => {
    expect(figuresOf(outcomes).maliciousNamed).toBeGreaterThanOrEqual(0.98);
  });

  it('has at most 0.5 % of the benign files not clean', () => {
    expect(figuresOf(outcomes).benignNotClean).toBeLessThanOrEqual(0.005);
  });
});
