import { randomUUID } from 'node:crypto';
import { attachmentReviewId } from '../../domain/ids';
import { investigationSignal, lookSignal, verdictSignal } from '../../workflows/messages';
import { eventually, PACE } from './stage';
import type { Part, Stage } from './stage';

/** An item of its own with its activities, not yet started. */
export function reviewOn(stage: Stage, part: Part) {
  const ids = { organisationId: randomUUID(), connectionId: randomUUID() };
  const itemId = randomUUID();
  const workflowId = attachmentReviewId({ connectionId: ids.connectionId, ticketId: '7', attachmentId: '9' });
  stage.cast(itemId, part);
  const start = {
    workflow: 'attachmentReview',
    workflowId,
    input: { ...ids, itemId, pace: PACE },
    search: { ...ids, ticketId: '7' },
  };
  return {
    itemId,
    workflowId,
    organisationId: ids.organisationId,
    start: () => stage.starter.start(start),
    decide: (decisionId: string = randomUUID()) => stage.starter.signalWithStart(start, verdictSignal, { decisionId }),
    ask: () => stage.starter.signalWithStart(start, investigationSignal, { investigationId: randomUUID() }),
    look: () => stage.starter.signalWithStart(start, lookSignal),
    ended: () => stage.handle(workflowId).result(),
    calls: () => stage.calls(itemId),
    history: async () => (await stage.handle(workflowId).fetchHistory()).events ?? [],
    /** Resolves when a run that began with continue-as-new waits on its timer. */
    held: () =>
      eventually(async () => {
        const events = (await stage.handle(workflowId).fetchHistory()).events ?? [];
        const resumed = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
        return resumed && events.at(-1)?.timerStartedEventAttributes ? events : undefined;
      }),
    /** Resolves when it waits on a timer. */
    waits: () =>
      eventually(async () => {
        const events = (await stage.handle(workflowId).fetchHistory()).events ?? [];
        return events.at(-1)?.timerStartedEventAttributes ? true : undefined;
      }),
    attributes: async () =>
      Object.fromEntries(
        (await stage.handle(workflowId).describe()).typedSearchAttributes
          .getAll()
          .map(({ key, value }) => [key.name, value]),
      ),
  };
}
