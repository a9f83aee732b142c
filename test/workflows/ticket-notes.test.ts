import { randomUUID } from 'node:crypto';
import { ticketNotesId } from '../../domain/ids';
import { notesSignal } from '../../workflows/messages';
import { gate, openStage, PACE } from './stage';
import type { Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage.close());

/** A ticket with its rows: what has to be said, and the notes that were written. */
function ticket(
  options: { freezing?: () => Promise<void>; writing?: () => Promise<void>; waits?: number; atMost?: number } = {},
) {
  const ids = { organisationId: randomUUID(), connectionId: randomUUID(), ticketId: randomUUID() };
  const workflowId = ticketNotesId(ids.connectionId, ids.ticketId);
  const open: string[] = [];
  const frozen = new Map<string, string[]>();
  const notes: string[][] = [];
  let waits = options.waits ?? 0;
  stage.cast(ids.ticketId, {
    freezeNote: async () => {
      const entries = open.slice(0, options.atMost);
      await options.freezing?.();
      if (waits > 0) {
        waits -= 1;
        return { waitMs: 20 };
      }
      if (entries.length === 0) return {};
      open.splice(0, entries.length);
      const batchId = randomUUID();
      frozen.set(batchId, entries);
      return { batchId, more: open.length > 0 };
    },
    writeNote: async ({ batchId }) => {
      await options.writing?.();
      notes.push(frozen.get(batchId) ?? []);
    },
  });
  const start = { workflow: 'ticketNotes', workflowId, input: { ...ids, pace: PACE }, search: ids };
  return {
    ...ids,
    notes,
    /** Something happened: the row first, then the message, as the dispatcher does it. */
    say: async (what: string) => {
      open.push(what);
      await stage.starter.signalWithStart(start, notesSignal);
    },
    ended: () => stage.handle(workflowId).result(),
    calls: () => stage.calls(ids.ticketId),
  };
}

describe('the writer of notes', () => {
  it('puts what happens within its window into one note', async () => {
    const one = ticket();
    await Promise.all(['a', 'b', 'c'].map((what) => one.say(what)));
    await one.ended();
    expect(one.notes.flat().sort()).toEqual(['a', 'b', 'c']);
    expect(one.calls().at(-1)).toBe('writeNote');
  });

  it('writes a second note for what happens while the first is written', async () => {
    const writing = gate();
    const one = ticket({ writing: () => writing.passed });
    await one.say('first');
    await stage.called(one.ticketId, 'writeNote');
    await one.say('second');
    await one.say('third');
    writing.open();
    await one.ended();
    expect(one.notes).toEqual([['first'], ['second', 'third']]);
    expect(one.calls()).toEqual(['freezeNote', 'writeNote', 'freezeNote', 'writeNote']);
  });

  it('writes another note for what the freezing left over', async () => {
    const one = ticket({ atMost: 2 });
    await one.say('a');
    await one.say('b');
    await one.say('c');
    await one.ended();
    expect(one.notes.flat()).toEqual(['a', 'b', 'c']);
    expect(one.notes.every((entries) => entries.length <= 2)).toBe(true);
  });

  it('looks again when something happens while it finds nothing to say', async () => {
    const freezing = gate();
    const one = ticket({ freezing: () => freezing.passed });
    const started = one.say('late');
    await started;
    await stage.called(one.ticketId, 'freezeNote');
    await one.say('later');
    freezing.open();
    await one.ended();
    expect(one.notes.flat()).toEqual(['late', 'later']);
  });

  it('waits as often as it is told to, then writes once', async () => {
    const one = ticket({ waits: 3 });
    await one.say('a');
    await one.ended();
    expect(one.calls()).toEqual([...Array<string>(4).fill('freezeNote'), 'writeNote']);
  });

  it('loses nothing of what happens at any moment of its life, and says nothing twice', async () => {
    const one = ticket();
    const said: string[] = [];
    for (let index = 0; index < 30; index += 1) {
      said.push(`${index}`);
      await one.say(`${index}`);
    }
    await one.ended();
    expect(one.notes.flat()).toEqual(said);
    expect(one.notes.every((entries) => entries.length > 0)).toBe(true);
  });

  it('ends without a note when there is nothing to say', async () => {
    const one = ticket();
    await one.say('only');
    await one.ended();
    expect(one.notes).toEqual([['only']]);
    const other = ticket();
    await stage.starter.start({
      workflow: 'ticketNotes',
      workflowId: ticketNotesId(other.connectionId, other.ticketId),
      input: {
        organisationId: other.organisationId,
        connectionId: other.connectionId,
        ticketId: other.ticketId,
        pace: PACE,
      },
      search: { organisationId: other.organisationId },
    });
    await other.ended();
    expect(other.calls()).toEqual(['freezeNote']);
  });
});
