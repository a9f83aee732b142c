import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../embedded/lazaret-client';
import { deskOf } from '../support/desk';
import type { Desk } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

jest.setTimeout(150_000);

let lazaret: Lazaret;
let desk: Desk;
let rules: string;

beforeAll(async () => {
  rules = mkdtempSync(join(tmpdir(), 'lazaret-rules-'));
  lazaret = await startLazaret({ env: { LAZARET_RULES_DIRS: rules } });
  desk = deskOf(lazaret);
});
afterAll(async () => {
  await lazaret.stop();
  rmSync(rules, { recursive: true, force: true });
});

test('a new rule finds what came before it, and only that is taken out', async () => {
  const told = Buffer.from('quarterly numbers, marker-of-tomorrow, see below\n');
  const plain = Buffer.from('nothing to see here\n');
  const { id, files } = await desk.send({ name: 'a.txt', bytes: told }, { name: 'b.txt', bytes: plain });
  await desk.reach(id, 'clean', 'clean');
  writeFileSync(
    join(rules, 'tomorrow.yar'),
    `rule Tomorrow { meta: severity = "high" description = "A marker that was learned of later." strings: $a = "marker-of-tomorrow" condition: $a }`,
  );
  // Engines are looked at every few seconds; then the walk begins.
  const scans = await until(
    'the new rule',
    async () => {
      const { scans: now } = await lazaret.admin.call<{ scans: { state: string; fileName: string }[] }>(
        'GET',
        `/api/v1/scans?ticket=${id}`,
      );
      return now.some((one) => one.state === 'held') ? now : undefined;
    },
    60_000,
  );
  expect(scans.map((scan) => [scan.fileName, scan.state]).toSorted()).toEqual([
    ['a.txt', 'held'],
    ['b.txt', 'clean'],
  ]);
  expect((await desk.said(id, 1))[0]?.body).toContain('removed 1 file');
  expect(await desk.hashAt(files[0])).not.toBe(await desk.hashAt(files[1]));
  const events = await desk.rows<{ detail: object }>(
    `select detail from audit_events where kind = 'item.rescanned'`,
    [],
  );
  expect(events).toMatchObject([{ detail: { from: 'clean', to: 'malicious' } }]);
  const walks = await desk.rows<{ looked: number; worse: number; done: boolean }>(
    `select looked, worse, finished_at is not null as done from rescans order by created_at desc limit 1`,
    [],
  );
  expect(walks).toEqual([{ looked: 2, worse: 1, done: true }]);
});
