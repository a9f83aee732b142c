import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { attachmentReviewId } from '../../domain/ids';
import { cleanPdf, eicar } from '../../embedded/demo-files';
import { until } from '../../embedded/lazaret-client';
import type { ScanView } from '../../embedded/lazaret-client';
import { deskOf, sha256 } from '../support/desk';
import type { Desk } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

jest.setTimeout(150_000);

let lazaret: Lazaret;
let desk: Desk;
let temporal: Connection;
let number = 0;

beforeAll(async () => {
  lazaret = await startLazaret();
  desk = deskOf(lazaret);
  temporal = await Connection.connect({ address: lazaret.temporal.address });
});
afterAll(async () => {
  await temporal.close();
  await lazaret.stop();
});

const malicious = (): Buffer => {
  number += 1;
  return eicar(number);
};

function only<T>(list: readonly T[]): T {
  const [first, ...more] = list;
  if (first === undefined || more.length > 0) throw new Error(`expected one, found ${list.length}`);
  return first;
}

/** A malicious file on a ticket of its own, taken out and noted. */
async function held() {
  const bytes = malicious();
  const ticket = await desk.send({ name: 'file.com', bytes });
  const scan = only(await desk.reach(ticket.id, 'held'));
  await desk.said(ticket.id, 1);
  return { bytes, ticket, scan };
}

const reviewOf = (scan: ScanView, ticketId: number): WorkflowHandle => {
  const key = { connectionId: lazaret.connectionId, ticketId: String(ticketId), attachmentId: scan.attachmentId };
  return new Client({ connection: temporal, namespace: lazaret.temporal.namespace }).workflow.getHandle(
    attachmentReviewId(key),
  );
};

/** How often the audit log tells this of a scan. */
const told = async (scan: ScanView, kind: string): Promise<number> =>
  (await desk.rows('select from audit_events where item_id = $1 and kind = $2', [scan.id, kind])).length;

/** Hashes of everything that the ticket gives its readers. */
async function hashesOn(ticketId: number): Promise<string[]> {
  const files = (await lazaret.agent.listComments(ticketId)).flatMap((comment) => comment.attachments);
  return Promise.all(files.map((file) => desk.hashAt(file)));
}

test('after a clean decision the same file is left alone, and nothing is said', async () => {
  const { bytes, ticket, scan } = await held();
  await desk.decide(scan, 'clean');
  await desk.reach(ticket.id, 'released', 'clean');
  const again = await desk.send({ name: 'again.com', bytes });
  const second = only(await desk.reach(again.id, 'clean'));
  expect(second.verdict).toBe('clean');
  await reviewOf(second, again.id).result();
  expect(await desk.hashAt(only(again.files))).toBe(sha256(bytes));
  expect(await desk.notes(again.id)).toEqual([]);
  expect(await desk.mails(again.id)).toEqual([]);
  expect(await desk.redactions(again.id)).toBe(0);
});

test('a later malicious decision takes out every copy: the returned one and those that were let in', async () => {
  const { bytes, ticket, scan } = await held();
  await desk.decide(scan, 'clean');
  const [, copy] = await desk.reach(ticket.id, 'released', 'clean');
  expect(copy?.releasedFrom).toBe(scan.id);
  const other = await desk.send({ name: 'other.com', bytes });
  const letIn = only(await desk.reach(other.id, 'clean'));
  await desk.decide(letIn, 'malicious');
  await desk.reach(ticket.id, 'contained', 'contained');
  await desk.reach(other.id, 'contained');
  expect(await hashesOn(ticket.id)).not.toContain(sha256(bytes));
  expect(await hashesOn(other.id)).not.toContain(sha256(bytes));
  expect([await desk.redactions(ticket.id), await desk.redactions(other.id)]).toEqual([2, 1]);
  expect(await desk.said(ticket.id, 3)).toHaveLength(3);
  expect(await desk.said(other.id, 1)).toHaveLength(1);

  // And clean once more: each ticket has its file back, once.
  await desk.decide(scan, 'clean');
  await desk.reach(other.id, 'released', 'clean');
  await until('the file on the first ticket', async () => {
    const hashes = await hashesOn(ticket.id);
    return hashes.filter((hash) => hash === sha256(bytes)).length === 1 || undefined;
  });
});

test('a clean file whose bytes were not kept is fetched again, sealed, verified and taken out', async () => {
  const bytes = cleanPdf();
  const ticket = await desk.send({ name: 'plan.pdf', bytes });
  const scan = only(await desk.reach(ticket.id, 'clean'));
  const sealed = () => desk.rows('select from objects where sha256 = $1 and seal_key is not null', [sha256(bytes)]);
  expect(await sealed()).toHaveLength(0);
  await desk.decide(scan, 'malicious');
  await desk.reach(ticket.id, 'contained');
  expect(await sealed()).toHaveLength(1);
  expect(await desk.hashAt(only(ticket.files))).not.toBe(sha256(bytes));
  expect(await desk.redactions(ticket.id)).toBe(1);
  expect(await desk.said(ticket.id, 1)).toHaveLength(1);
});

test('a malicious decision while a release is under way ends with no copy in the ticket', async () => {
  const { bytes, ticket, scan } = await held();
  const fault = { match: { method: 'PUT', path: `^/api/v2/tickets/${ticket.id}$` }, delayMs: 700 };
  await lazaret.zendeskAdmin.switches({ faults: [fault] });
  const before = lazaret.steps().filter((step) => step === 'before-note').length;
  await desk.decide(scan, 'clean');
  await until('the note on its way', async () =>
    lazaret.steps().filter((step) => step === 'before-note').length > before ? true : undefined,
  );
  await desk.decide(scan, 'malicious');
  await desk.reach(ticket.id, 'contained', 'contained');
  expect(await hashesOn(ticket.id)).not.toContain(sha256(bytes));
  expect(await desk.redactions(ticket.id)).toBe(2);
  expect(await desk.said(ticket.id, 3)).toHaveLength(3);
});

test('a malicious decision right after a clean one stops the release before its note is frozen, or takes it back', async () => {
  const { bytes, ticket, scan } = await held();
  await desk.decide(scan, 'clean');
  await desk.decide(scan, 'malicious');
  await until('the original contained and nothing left to say', async () => {
    const scans = await lazaret.admin.scansOf(ticket.id);
    const open = await desk.rows('select from items where ticket_id = $1 and deadline_at is not null', [
      String(ticket.id),
    ]);
    return (scans.every((one) => one.state === 'contained') && open.length === 0) || undefined;
  });
  await desk.said(ticket.id, 1);
  expect(await hashesOn(ticket.id)).not.toContain(sha256(bytes));
});

test('of two analysts who saw the same, one decides and the other is told', async () => {
  const { ticket, scan } = await held();
  const answers = await Promise.allSettled([
    desk.decide(scan, 'clean', { expectedDecisionId: null }),
    desk.decide(scan, 'malicious', { expectedDecisionId: null }),
  ]);
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(only(refused).reason).toMatchObject({ message: expect.stringContaining('decided_first') as string });
  const cleanWon = answers[0].status === 'fulfilled';
  await (cleanWon ? desk.reach(ticket.id, 'released', 'clean') : desk.reach(ticket.id, 'contained'));
});

test("forged messages through Temporal's client change nothing", async () => {
  const { bytes, ticket, scan } = await held();
  const review = reviewOf(scan, ticket.id);
  const other = await held();
  const { decision } = await desk.decide(other.scan, 'clean');
  await desk.reach(other.ticket.id, 'released', 'clean');
  const forged = [
    undefined,
    null,
    'clean',
    { verdict: 'clean' },
    { decisionId: 'clean' },
    { decisionId: randomUUID() },
    { decisionId: decision.id },
    { decisionId: randomUUID(), itemId: other.scan.id, organisationId: randomUUID() },
  ];
  for (const message of forged) await review.signal('verdict', message);
  for (const message of [null, 7, { investigationId: randomUUID() }]) await review.signal('investigation', message);
  await until('the answers', async () => ((await told(scan, 'decision.unknown')) === 4 ? true : undefined));
  expect(only(await desk.reach(ticket.id, 'held')).id).toBe(scan.id);
  expect(await desk.notes(ticket.id)).toHaveLength(1);
  expect(await hashesOn(ticket.id)).not.toContain(sha256(bytes));
  // It still listens to a real one.
  await desk.decide(scan, 'clean');
  await desk.reach(ticket.id, 'released', 'clean');
});

test('a decision that is delivered ten times is acted upon once', async () => {
  const { bytes, ticket, scan } = await held();
  const review = reviewOf(scan, ticket.id);
  const { decision } = await desk.decide(scan, 'clean');
  await Promise.allSettled(Array.from({ length: 10 }, () => review.signal('verdict', { decisionId: decision.id })));
  await desk.reach(ticket.id, 'released', 'clean');
  await desk.said(ticket.id, 2);
  await review.result();
  expect(await desk.notes(ticket.id)).toHaveLength(2);
  expect((await hashesOn(ticket.id)).filter((hash) => hash === sha256(bytes))).toHaveLength(1);
  expect((await desk.mails(ticket.id)).map((mail) => mail.arrived)).toEqual([1, 1]);
  expect(await told(scan, 'item.released')).toBe(1);
});

test('a hold ends with its retention, the file stays out, and a decision still brings it back', async () => {
  const { bytes, ticket, scan } = await held();
  // Time cannot be waited for: the containment is put before the retention, and any message makes the wait look again.
  await desk.rows(`update items set contained_at = now() - interval '400 days' where id = $1`, [scan.id]);
  await reviewOf(scan, ticket.id).signal('verdict', { decisionId: randomUUID() });
  await desk.reach(ticket.id, 'contained');
  expect(await told(scan, 'hold.ended')).toBe(1);
  expect(await hashesOn(ticket.id)).not.toContain(sha256(bytes));
  await reviewOf(scan, ticket.id).result();
  await desk.decide(scan, 'clean');
  await desk.reach(ticket.id, 'released', 'clean');
  expect(await hashesOn(ticket.id)).toContain(sha256(bytes));
});
