import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanPdf, eicar } from '../../embedded/demo-files';
import type { ScanView } from '../../embedded/lazaret-client';
import { deskOf, sha256 } from '../support/desk';
import type { Desk } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

/** Steps that change the outside world, read from the sources, so that a new one cannot be forgotten here. */
const ACTIVITIES = join(__dirname, '../../activities');
/** Those about connections, links and engines that answer later have walks of their own (channel-activation, links, scanners). */
const ELSEWHERE = /^(activation|rotate-secrets|remove-parts|check-|connection-|links|scanner-)/u;
const CHECKPOINTS = readdirSync(ACTIVITIES)
  .filter((file) => !ELSEWHERE.test(file))
  .flatMap((file) => readFileSync(join(ACTIVITIES, file), 'utf8').match(/checkpoint\?\.\('[^']+'\)/gu) ?? [])
  .map((call) => call.slice("checkpoint?.('".length, -2));

/** `npm run crash` kills at each step of the containment and again at the same step of the release; `npm test` at the first of both. */
const LONG = process.env['npm_lifecycle_event'] === 'crash';

interface Story {
  /** Until the file is out of the ticket, noted and mailed. */
  contain(): Promise<void>;
  /** Until it is back, noted and mailed. */
  release(): Promise<void>;
}

jest.setTimeout(150_000);

let lazaret: Lazaret;
let desk: Desk;
let number = 0;

beforeAll(async () => {
  lazaret = await startLazaret();
  desk = deskOf(lazaret);
});
afterAll(() => lazaret.stop());

/** Every mail once; twice only with the same Message-ID and a row that says so. */
async function expectMails(ticketId: number, count: number): Promise<void> {
  const mails = await desk.mails(ticketId);
  expect(mails.map((mail) => mail.state)).toEqual(Array<string>(count).fill('sent'));
  for (const mail of mails) {
    expect(mail.arrived).toBeGreaterThanOrEqual(1);
    expect(mail.arrived).toBeLessThanOrEqual(mail.ambiguous ? 2 : 1);
  }
}

/** One note a happening, and the file back in the last of them. */
async function expectReturned(ticketId: number, bytes: Buffer, notes: number): Promise<void> {
  const written = await desk.said(ticketId, notes);
  expect(written).toHaveLength(notes);
  const attachments = written.flatMap((note) => note.attachments);
  expect(attachments).toHaveLength(1);
  expect(await desk.hashAt(attachments[0])).toBe(sha256(bytes));
}

async function expectGone(ticketId: number, url: { content_url: string } | undefined, bytes: Buffer): Promise<void> {
  expect(await desk.said(ticketId, 1)).toHaveLength(1);
  expect(await desk.redactions(ticketId)).toBe(1);
  expect(await desk.hashAt(url)).not.toBe(sha256(bytes));
  await expectMails(ticketId, 1);
}

/** A malicious file is contained and released, or a clean one is, by decisions. */
function story(first: 'malicious' | 'clean', closed = false): Story {
  number += 1;
  const bytes = first === 'malicious' ? eicar(number) : cleanPdf();
  let ticket = { id: 0, files: [] as { content_url: string }[] };
  let scan: ScanView | undefined;
  const original = (): ScanView => {
    if (!scan) throw new Error('release comes after contain');
    return scan;
  };
  return {
    async contain() {
      ticket = await desk.send({ name: 'file.bin', bytes });
      const end = first === 'malicious' ? 'held' : 'clean';
      [scan] = await desk.reach(ticket.id, end);
      if (first === 'clean') {
        await desk.decide(original(), 'malicious');
        await desk.reach(ticket.id, 'contained');
      }
      await expectGone(ticket.id, ticket.files[0], bytes);
    },
    async release() {
      if (closed) return releaseToFollowUp();
      await desk.decide(original(), 'clean');
      await desk.reach(ticket.id, 'released', 'clean');
      await expectReturned(ticket.id, bytes, 2);
      expect(await desk.redactions(ticket.id)).toBe(1);
      await expectMails(ticket.id, 2);
    },
  };

  async function releaseToFollowUp(): Promise<void> {
    await lazaret.agent.close(ticket.id);
    await desk.decide(original(), 'clean');
    await desk.reach(ticket.id, 'release_refused');
    await lazaret.admin.call('POST', `/api/v1/scans/${original().id}/follow-up`);
    await desk.reach(ticket.id, 'released');
    const { ticket: source } = await lazaret.agent.api<{ ticket: { followup_ids: number[] } }>(
      'GET',
      `/api/v2/tickets/${ticket.id}`,
    );
    expect(source.followup_ids).toHaveLength(1);
    await expectReturned(source.followup_ids[0] ?? 0, bytes, 1);
  }
}

/** Steps that were passed while `act` ran, each once. */
async function passed(act: () => Promise<void>): Promise<string[]> {
  const before = lazaret.steps().length;
  await act();
  return [...new Set(lazaret.steps().slice(before))];
}

/** Runs `act` while the worker kills itself at `step`, if it comes there. */
async function killed(step: string, act: () => Promise<void>): Promise<number> {
  const before = lazaret.kills().length;
  lazaret.killAt(step);
  await act();
  lazaret.killAt('');
  return lazaret.kills().length - before;
}

describe('every step of containment and release', () => {
  const reached = {
    malicious: new Map<string, number>(),
    clean: new Map<string, number>(),
    closed: new Map<string, number>(),
  };

  test('is known to this test', async () => {
    const runs = [
      [reached.malicious, story('malicious')],
      [reached.clean, story('clean')],
      [reached.closed, story('malicious', true)],
    ] as const;
    for (const [counts, run] of runs) {
      const steps = [...(await passed(() => run.contain())), ...(await passed(() => run.release()))];
      for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1);
    }
    const all = new Set([...reached.malicious.keys(), ...reached.clean.keys(), ...reached.closed.keys()]);
    expect([...new Set(CHECKPOINTS)].filter((step) => !all.has(step))).toEqual([]);
  });

  test.each([...new Set(CHECKPOINTS)])('survives the death of the worker at "%s"', async (step) => {
    const kind = reached.malicious.has(step) ? 'malicious' : reached.clean.has(step) ? 'clean' : 'closed';
    const run = story(kind === 'clean' ? 'clean' : 'malicious', kind === 'closed');
    const contained = await killed(step, () => run.contain());
    if (contained > 0 && !LONG) return expect(contained).toBe(1);
    const deaths = contained + (await killed(step, () => run.release()));
    expect(deaths).toBe(LONG ? reached[kind].get(step) : 1);
  });
});
