import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eicar } from '../../embedded/demo-files';
import { until } from '../../embedded/lazaret-client';
import { deskOf, sha256 } from '../support/desk';
import type { Desk } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';
import { startScannerHouse } from '../support/scanner-house';
import type { ScannerHouse } from '../support/scanner-house';

jest.setTimeout(90_000);

let lazaret: Lazaret;
let desk: Desk;
let house: ScannerHouse;
let directory: string;
/** Sent first and looked at last: its deadline passes while the other tests run. */
let silent: { bytes: Buffer; ticketId: number };

beforeAll(async () => {
  house = await startScannerHouse();
  directory = mkdtempSync(join(tmpdir(), 'lazaret-scanners-'));
  describeScanners(house.descriptions);
  lazaret = await startLazaret({
    env: {
      LAZARET_HTTP_SCANNERS: join(directory, 'scanners.json'),
      LAZARET_HTTP_SCANNER_SECRETS: JSON.stringify({ 'sandbox-token': house.secret }),
      LAZARET_VIRUSTOTAL_KEY: house.virusTotalKey,
      LAZARET_VIRUSTOTAL_URL: `${house.origin}/vt`,
      LAZARET_REQUIRED_ENGINES: 'embedded,sandbox',
    },
  });
  desk = deskOf(lazaret);
});
afterAll(async () => {
  await lazaret.stop();
  await house.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A file of its own, with what the scanners shall make of it. */
function planned(plan: Parameters<ScannerHouse['plan']>[1]): Buffer {
  const bytes = Buffer.from(`minutes of the meeting ${randomUUID()}\n`);
  house.plan(bytes, plan);
  return bytes;
}

const send = (bytes: Buffer) => desk.send({ name: 'minutes.txt', bytes });

async function waiting(bytes: Buffer) {
  const ticket = await send(bytes);
  const [scan] = await desk.reach(ticket.id, 'waiting');
  if (!scan) throw new Error('no scan');
  return { ...ticket, scan };
}

async function setPolicy(policy: object): Promise<void> {
  const url = `/api/v1/organisations/${lazaret.organisationId}/policy`;
  const { version } = await lazaret.support.call<{ version: number }>('GET', url);
  await lazaret.support.call('PUT', url, { version, policy });
}
const allowUploads = (uploadEngines: string[]): Promise<void> => setPolicy({ uploadEngines });

/** What the worker reads at its next start. */
function describeScanners(scanners: readonly object[]): void {
  writeFileSync(join(directory, 'scanners.json'), JSON.stringify({ scanners }));
}

const isSealed = async (bytes: Buffer): Promise<boolean | undefined> => {
  const sql = 'select seal_key is not null as sealed from objects where sha256 = $1';
  return (await desk.rows<{ sealed: boolean }>(sql, [sha256(bytes)]))[0]?.sealed;
};

interface Answer {
  engine: string;
  result: string;
  reason?: string;
}

const answersOf = async (scanId: string): Promise<Answer[]> =>
  (await lazaret.admin.call<{ engines: Answer[] }>('GET', `/api/v1/scans/${scanId}`)).engines;

test('engines that answer later are listed, and get no byte before the organisation says so', async () => {
  const engines = await until('the engines', async () => {
    const answer = await lazaret.support.call<{ engines: { name: string; ok: boolean; requiredByDefault: boolean }[] }>(
      'GET',
      '/api/v1/engines',
    );
    return answer.engines.some((one) => one.name === 'virustotal') ? answer.engines : undefined;
  });
  expect(engines.map((one) => [one.name, one.requiredByDefault, one.ok])).toEqual([
    ['caller', false, true],
    ['embedded', true, true],
    ['sandbox', true, true],
    ['virustotal', false, true],
  ]);
  const bytes = planned({});
  const [scan] = await desk.reach((await send(bytes)).id, 'noted');
  // The required sandbox could not look: that is no clean file.
  expect(scan).toMatchObject({ verdict: 'unscannable' });
  expect([house.lookUps(bytes), house.bytesHeard()]).toEqual([1, 0]);
  await expect(allowUploads(['sandbox', 'nobody'])).rejects.toThrow(/uploadEngines/u);
  await allowUploads(['sandbox']);
  silent = { bytes: planned({ unfinished: true }), ticketId: 0 };
  silent.ticketId = (await waiting(silent.bytes)).id;
});

test('a late malicious verdict takes the file out, a late clean one leaves it and drops the sealed copy', async () => {
  const bad = planned({ after: 1, verdict: 'bad' });
  const good = planned({ after: 1, busy: 1 });
  const [first, second] = await Promise.all([waiting(bad), waiting(good)]);
  expect(second.scan).toMatchObject({ state: 'waiting', stateReason: 'scanner', verdict: 'pending' });
  expect([await isSealed(bad), await isSealed(good)]).toEqual([true, true]);
  const [held] = await desk.reach(first.id, 'held');
  expect(await desk.hashAt(first.files[0])).not.toBe(sha256(bad));
  expect((await desk.said(first.id, 1))[0]?.body).toContain('removed 1 file');
  expect(await answersOf(held?.id ?? '')).toMatchObject([
    { engine: 'embedded', result: 'clean' },
    { engine: 'sandbox', result: 'findings' },
    { engine: 'virustotal', result: 'unknown' },
  ]);
  await desk.reach(second.id, 'clean');
  expect(await desk.hashAt(second.files[0])).toBe(sha256(good));
  expect([await isSealed(bad), await isSealed(good)]).toEqual([true, false]);
  expect([house.uploads('sandbox', bad), house.uploads('sandbox', good)].map((all) => all.length)).toEqual([1, 1]);
});

test('copies in other tickets share one submission, while it is under way and after', async () => {
  const bytes = planned({ after: 1 });
  const [one, two] = await Promise.all([waiting(bytes), waiting(bytes)]);
  await Promise.all([desk.reach(one.id, 'clean'), desk.reach(two.id, 'clean')]);
  await desk.reach((await send(bytes)).id, 'clean');
  expect([house.uploads('sandbox', bytes).length, house.lookUps(bytes)]).toEqual([1, 1]);
  expect(await isSealed(bytes)).toBe(false);
});

test('what is malicious already is shown to nobody outside, and one bad answer waits for no other', async () => {
  const known = eicar(3);
  const unfinished = planned({ virusTotal: 40, unfinished: true });
  const [here, there] = await Promise.all([send(known), send(unfinished)]);
  await Promise.all([desk.reach(here.id, 'held'), desk.reach(there.id, 'held')]);
  expect([house.lookUps(known), house.uploads('sandbox', known).length]).toEqual([0, 0]);
  const sql = `select from audit_events e join items i on i.id = e.item_id where e.kind = 'item.awaits_engines' and i.sha256 = $1`;
  expect(await desk.rows(sql, [sha256(unfinished)])).toEqual([]);
});

test('an analyst who decides while engines are waited for is waited for by nobody', async () => {
  const [spared, removed] = [planned({ unfinished: true }), planned({ unfinished: true })];
  const [first, second] = await Promise.all([waiting(spared), waiting(removed)]);
  await Promise.all([desk.decide(first.scan, 'clean'), desk.decide(second.scan, 'malicious')]);
  await Promise.all([desk.reach(first.id, 'clean'), desk.reach(second.id, 'contained')]);
  expect(await desk.hashAt(second.files[0])).not.toBe(sha256(removed));
  expect([await isSealed(spared), await isSealed(removed)]).toEqual([false, true]);
});

test('a callback brings a verdict that no poll would have brought, once, and answers strangers alike', async () => {
  await allowUploads(['sandbox', 'caller']);
  const bytes = planned({ unfinished: true });
  const { id } = await waiting(bytes);
  const [upload] = house.uploads('caller', bytes);
  await allowUploads(['sandbox']);
  house.plan(bytes, { verdict: 'bad' });
  const post = (url: string) => fetch(url, { method: 'POST', body: '{"verdict":"good"}' });
  expect((await post(upload?.callback ?? '')).status).toBe(204);
  await desk.reach(id, 'held');
  const again = await post(upload?.callback ?? '');
  const never = await post(`${lazaret.apiUrl}/callbacks/scanners/${'x'.repeat(43)}`);
  expect([again.status, never.status]).toEqual([404, 404]);
  const told = async (answer: Response) => ({ ...((await answer.json()) as object), requestId: '', instance: '' });
  expect(await told(again)).toEqual(await told(never));
});

describe('the death of the worker', () => {
  const ACTIVITIES = join(__dirname, '../../activities');
  const steps = readdirSync(ACTIVITIES)
    .filter((file) => file.startsWith('scanner-'))
    .flatMap((file) => readFileSync(join(ACTIVITIES, file), 'utf8').match(/checkpoint\?\.\('[^']+'\)/gu) ?? [])
    .map((call) => call.slice("checkpoint?.('".length, -2));

  test.each([...new Set(steps)])(
    'at "%s" loses nothing and sends nothing twice that was written down',
    async (step) => {
      const bytes = planned({ after: 1, verdict: 'bad' });
      const deaths = lazaret.kills().length;
      lazaret.killAt(step);
      const { id } = await send(bytes);
      await desk.reach(id, 'held');
      expect(lazaret.kills().length - deaths).toBe(1);
      const sent = house.uploads('sandbox', bytes).length;
      // Between the scanner's answer and our record nobody knows whether it came.
      expect(sent).toBeLessThanOrEqual(step === 'scanner-asked' ? 2 : 1);
      expect(await desk.redactions(id)).toBe(1);
    },
  );
});

test('a required scanner that stays silent until its deadline makes a file unscannable, never clean', async () => {
  const [scan] = await desk.reach(silent.ticketId, 'noted');
  expect(scan).toMatchObject({ verdict: 'unscannable' });
  expect(await answersOf(scan?.id ?? '')).toContainEqual(
    expect.objectContaining({ engine: 'sandbox', result: 'error', reason: 'timeout' }),
  );
  expect(await isSealed(silent.bytes)).toBe(false);
});

// Last: the worker goes on without that engine, and the policy still asks for it.
test('a required engine that the operator removes while it is waited for makes a file unscannable, never clean', async () => {
  await setPolicy({ uploadEngines: ['sandbox', 'caller'], requiredEngines: ['embedded', 'caller'] });
  const bytes = planned({ unfinished: true });
  const { id } = await waiting(bytes);
  const [upload] = house.uploads('caller', bytes);
  house.finish(bytes);
  describeScanners(house.descriptions.filter(({ name }) => name !== 'caller'));
  const next = lazaret.worker().restarted();
  process.kill(lazaret.worker().pid() ?? 0, 'SIGKILL');
  await next;
  // Its callback still wakes whoever waits; nobody asks it for the result any more.
  expect((await fetch(upload?.callback ?? '', { method: 'POST' })).status).toBe(204);
  const [scan] = await desk.reach(id, 'noted');
  expect(scan).toMatchObject({ verdict: 'unscannable', reason: 'engine_unavailable' });
  expect(await answersOf(scan?.id ?? '')).toContainEqual(
    expect.objectContaining({ engine: 'caller', result: 'error', reason: 'engine_unavailable' }),
  );
});
