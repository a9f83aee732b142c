import { decideVerdict } from '../../domain/inspection';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import type { Sample } from '../detection/sample';
import { report } from './samples';

/** Tests that the embedded engine says of each sample what it must. */
export function judgeSamples(title: string, samples: readonly Sample[]): void {
  // The limits under test decide, never the load of the machine.
  jest.setTimeout(100_000);
  let engine: EmbeddedEngine;
  beforeAll(async () => {
    engine = await createEmbeddedEngine({ processes: 1, limits: { wallMs: 100_000 } });
  });
  afterAll(() => engine.close());

  describe(title, () => {
    const table = samples.map((sample): [string, Sample] => [`${sample.kind} is ${sample.expect}`, sample]);
    test.each(table)('%s', async (_title, { name, bytes, expect: expected }) => {
      const answer = await report(engine, name, bytes);
      const graver = answer.findings.filter(({ severity }) => severity !== 'info' && severity !== 'low');
      const { verdict } = decideVerdict([answer], []);
      const said = expected === 'refused' && verdict !== 'clean' ? 'refused' : verdict;
      expect({ said, reason: answer.reason, rules: graver.map(({ rule }) => rule) }).toMatchObject({ said: expected });
    });
  });
}
