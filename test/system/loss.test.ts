import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eicar } from '../../embedded/demo-files';
import { until } from '../../embedded/lazaret-client';
import type { ScanView } from '../../embedded/lazaret-client';
import { startTemporal } from '../../embedded/temporal';
import type { RunningTemporal } from '../../embedded/temporal';
import { deskOf, sha256 } from '../support/desk';
import type { Desk } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

let folder: string;
let temporal: RunningTemporal;
jest.setTimeout(150_000);

let lazaret: Lazaret;
let desk: Desk;
let number = 0;

/** A server with its data in a file of this test; on a known port, the one that came before is gone. */
const startServer = (port: number): Promise<RunningTemporal> =>
  startTemporal({ port, dbFile: join(folder, 'temporal.db'), logFile: join(folder, 'log'), say: () => undefined });

/** Everything that Temporal knew is lost: another server, which has never heard of any workflow, takes its place. */
async function loseTemporal(whileAway: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  await temporal.stop();
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `temporal.db${end}`), { force: true });
  await whileAway();
  temporal = await startServer(Number(temporal.address.split(':')[1]));
}

/** Deadlines are minutes away; a test moves them to now instead of waiting. */
async function deadlinesPass(): Promise<void> {
  await desk.rows('update items set deadline_at = now() where deadline_at is not null', []);
  await desk.rows('update note_entries set deadline_at = now() where deadline_at is not null', []);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-loss-'));
  temporal = await startServer(0);
  lazaret = await startLazaret({ temporal: { address: temporal.address, namespace: temporal.namespace } });
  desk = deskOf(lazaret);
});
afterAll(async () => {
  await lazaret.stop();
  await temporal.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function send() {
  number += 1;
  const bytes = eicar(number);
  return { bytes, ticket: await desk.send({ name: 'file.com', bytes }) };
}

async function expectContained(ticket: { id: number; files: { content_url: string }[] }, bytes: Buffer) {
  const [scan] = await desk.reach(ticket.id, 'held');
  expect(await desk.said(ticket.id, 1)).toHaveLength(1);
  expect(await desk.redactions(ticket.id)).toBe(1);
  expect(await desk.hashAt(ticket.files[0])).not.toBe(sha256(bytes));
  return scan as ScanView;
}

async function expectReleased(ticketId: number, bytes: Buffer): Promise<void> {
  await desk.reach(ticketId, 'released', 'clean');
  const notes = await desk.said(ticketId, 2);
  expect(notes).toHaveLength(2);
  const [file, ...more] = notes.flatMap((note) => note.attachments);
  expect(more).toEqual([]);
  expect(await desk.hashAt(file)).toBe(sha256(bytes));
  expect((await desk.mails(ticketId)).map((mail) => mail.arrived)).toEqual([1, 1]);
}

test('a hold whose workflow is lost with all of Temporal goes on from its row', async () => {
  const { bytes, ticket } = await send();
  const scan = await expectContained(ticket, bytes);
  await loseTemporal();
  await desk.decide(scan, 'clean');
  await expectReleased(ticket.id, bytes);
  expect(await desk.redactions(ticket.id)).toBe(1);
});

test('a decision made while Temporal is away is kept and delivered', async () => {
  const { bytes, ticket } = await send();
  const scan = await expectContained(ticket, bytes);
  await loseTemporal(() => desk.decide(scan, 'clean'));
  await expectReleased(ticket.id, bytes);
});

test('a containment that is cut in half with worker and Temporal is finished, once', async () => {
  lazaret.killAt('redacted');
  const before = lazaret.kills().length;
  const { bytes, ticket } = await send();
  await until('the death', async () => lazaret.kills().length > before || undefined);
  await loseTemporal();
  await deadlinesPass();
  await expectContained(ticket, bytes);
});

test('a file that is announced while Temporal is away is recorded, and looked into afterwards', async () => {
  let sent: Awaited<ReturnType<typeof send>> | undefined;
  await loseTemporal(async () => {
    sent = await send();
    await desk.reach(sent.ticket.id, 'pending');
  });
  if (!sent) throw new Error('nothing was sent');
  await expectContained(sent.ticket, sent.bytes);
});

test('an API that dies between claiming a row and starting its workflow only delays it', async () => {
  // A server that is stopped, not gone: the dispatcher has claimed the row and waits for an answer.
  process.kill(temporal.pid, 'SIGSTOP');
  const { bytes, ticket } = await send();
  try {
    await until('the claim', async () => {
      const claimed = 'select from items where ticket_id = $1 and dispatches > 0';
      return (await desk.rows(claimed, [String(ticket.id)])).length === 1 || undefined;
    });
    const restarted = lazaret.api.restarted();
    process.kill(lazaret.api.pid() ?? 0, 'SIGKILL');
    await restarted;
  } finally {
    process.kill(temporal.pid, 'SIGCONT');
  }
  await deadlinesPass();
  await expectContained(ticket, bytes);
});

test('an API that is killed while five files of a comment are on their way loses none', async () => {
  const files = Array.from({ length: 5 }, () => {
    number += 1;
    return { name: `file-${number}.com`, bytes: eicar(number) };
  });
  const ticket = await desk.send(...files);
  await until('all five in the ledger', async () => {
    const known = await desk.rows('select from items where ticket_id = $1', [String(ticket.id)]);
    return known.length === 5 || undefined;
  });
  const restarted = lazaret.api.restarted();
  process.kill(lazaret.api.pid() ?? 0, 'SIGKILL');
  await restarted;
  await deadlinesPass();
  await desk.reach(ticket.id, ...Array<string>(5).fill('held'));
  expect(await desk.redactions(ticket.id)).toBe(5);
  expect(await desk.said(ticket.id, 1)).toHaveLength(1);
});
