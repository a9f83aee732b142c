import { decideVerdict } from '../../domain/inspection';
import { createEmbeddedEngine, type EmbeddedEngine } from '../../scanners';
import { samples } from '../detection/kinds/mail';
import type { Sample } from '../detection/sample';
import { report } from './samples';

// The limits under test decide, never the load of the machine.
jest.setTimeout(100_000);
let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await createEmbeddedEngine({ processes: 1, limits: { wallMs: 100_000 } });
});
afterAll(() => engine.close());

describe('the verdict on a mail', () => {
  const table = (samples() as Sample[]).map((sample): [string, Sample] => [
    `${sample.kind} is ${sample.expect}`,
    sample,
  ]);
  test.each(table)('%s', async (_title, { name, bytes, expect: expected }) => {
    const answer = await report(engine, name, bytes);
    const graver = answer.findings.filter(({ severity }) => severity !== 'info' && severity !== 'low');
    const { verdict } = decideVerdict([answer], []);
    expect({ verdict, reason: answer.reason, rules: graver.map(({ rule }) => rule) }).toMatchObject({
      verdict: expected,
    });
  });
});
