import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleCases } from '../../scanners/rules/case';
import { known } from '../../scanners/rules/known';
import { macros } from '../../scanners/rules/macros';
import { scripts } from '../../scanners/rules/scripts';
import { unix } from '../../scanners/rules/unix';
import type { Sample } from '../sample';

const RULES = join(__dirname, '../../../scanners/embedded/rules');

/** The pieces of the rules' own tests, as files: what a grave rule names, and the look-alikes of every rule. */
export function samples(): Sample[] {
  const grave = new Set(readdirSync(RULES).flatMap((name) => graveRules(readFileSync(join(RULES, name), 'utf8'))));
  const families: [string, RuleCases][] = [
    ['test files and names', known],
    ['script', scripts],
    ['unix script', unix],
    ['macro text', macros],
  ];
  return families.flatMap(([kind, cases]) =>
    Object.entries(cases).flatMap(([rule, { match, miss, alsoMiss = [] }]) => [
      ...(grave.has(rule) ? [sample(kind, match, 'malicious')] : []),
      // An HTML application is suspicious whatever it does: harmless to a rule, not to the engine.
      ...[miss, ...alsoMiss]
        .filter(([name]) => !name.endsWith('.hta'))
        .map((piece) => sample(`${kind}, harmless`, piece, 'clean')),
    ]),
  );
}

function sample(kind: string, [name, data]: [string, Buffer | string], expect: Sample['expect']): Sample {
  return { kind, name, bytes: Buffer.from(data), expect };
}

function graveRules(text: string): string[] {
  return [...text.matchAll(/^rule (\w+)\s*\{([\s\S]*?)^\}/gm)].flatMap(([, name, body]) =>
    name !== undefined && /severity = "(high|critical)"/.test(body ?? '') ? [name] : [],
  );
}
