import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostname } from 'node:os';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { HISTORIES, recordHistories } from './record-histories';

const root = join(__dirname, '../..');
const workflowBundle = { codePath: join(root, 'dist/workflow-bundle.js') };

interface RecordedHistory {
  file: string;
  workflow: string;
  text: string;
}

let recorded: RecordedHistory[] = [];
beforeAll(async () => {
  // Records the lives of this version; see CONTRIBUTING.
  if (process.env['LAZARET_RECORD_HISTORIES'] === '1') await recordHistories();
  else Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
  recorded = readdirSync(HISTORIES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      file,
      workflow: file.split('.')[0] ?? '',
      text: readFileSync(join(HISTORIES, file), 'utf8'),
    }));
}, 180_000);

type Replayed = { file: string; error: Error | undefined };

async function replay(histories: readonly RecordedHistory[]): Promise<Replayed[]> {
  const inputs = histories.map(({ file, text }) => ({ workflowId: file, history: JSON.parse(text) as unknown }));
  const results: Replayed[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, inputs)) {
    results.push({ file: workflowId, error });
  }
  return results;
}

describe('the recorded histories', () => {
  it('hold at least one life of every workflow', () => {
    const index = readFileSync(join(root, 'workflows/index.ts'), 'utf8');
    const exported = [...index.matchAll(/export \{ (\w+) \}/g)].map((match) => match[1] ?? '');
    expect(exported.length).toBeGreaterThan(3);
    const known = new Set(recorded.map((one) => one.workflow));
    expect(exported.filter((name) => !known.has(name))).toEqual([]);
  });

  it('name the version that lived them', () => {
    expect(recorded.filter((one) => !/^\w+\.[a-z-]+\.run-\d+\.v\d+\.\d+\.\d+\.json$/.test(one.file))).toEqual([]);
  });

  it('replay without a difference', async () => {
    const results = await replay(recorded);
    expect(results).toHaveLength(recorded.length);
    expect(results.filter((one) => one.error !== undefined)).toEqual([]);
  }, 60_000);

  it('hold ids, hashes, words and times only: no place, no name, no address', () => {
    for (const { file, text } of recorded) {
      expect([file, text.includes(hostname()), text.includes(root)]).toEqual([file, false, false]);
      const leaves: string[] = [];
      JSON.parse(text, (key: string, value: unknown) => {
        if (key !== 'data' || typeof value !== 'string') return value;
        const decoded: unknown = JSON.parse(Buffer.from(value, 'base64').toString());
        JSON.stringify(decoded, (_key, leaf: unknown) => {
          if (typeof leaf === 'string') leaves.push(leaf);
          return leaf;
        });
        return value;
      });
      expect([file, leaves.filter((leaf) => !/^[A-Za-z0-9_-]{0,64}$/.test(leaf))]).toEqual([file, []]);
    }
  });
});

describe('a change of a workflow', () => {
  /** The clean life, as a workflow would have lived it that called its first activity by another name. */
  const changed = (name: string): RecordedHistory => {
    const [clean] = recorded.filter((one) => one.file.startsWith('attachmentReview.clean'));
    return {
      file: 'changed',
      workflow: 'attachmentReview',
      text: (clean?.text ?? '').replaceAll('inspectAttachment', name),
    };
  };

  it('that breaks lives under way is told, as a violation of determinism', async () => {
    const [same] = await replay([changed('inspectAttachment')]);
    expect(same?.error).toBeUndefined();
    const [other] = await replay([changed('judgeAttachment')]);
    expect(other?.error).toBeInstanceOf(DeterminismViolationError);
  }, 60_000);
});
