import { containAttachment } from './containment';
import { applyDecision, endHold, openInvestigation } from './decision';
import type { ReviewProgress } from '../domain/review';
import type { ActivityDeps, ItemRef, TicketRef } from './deps';
import { guard, guardItem } from './guard';
import { inspectAttachment } from './inspection';
import { inspectLinks } from './links';
import { redactLinks } from './links-redact';
import { deliverMail } from './mail';
import { freezeNote } from './note-freeze';
import { writeNote } from './note-write';
import { walkExport } from './reconciliation';
import { releaseAttachment } from './release';
import { rescanBatch } from './rescan';
import { askScanners } from './scanner-wait';
import { preserveAttachment } from './seal';
import { listTicket } from './ticket-intake';
import { watchReleased } from './watch';

/** Everything the workflows on items, notes and mails may call. Real clients come in through `deps`. */
export function createActivities(deps: ActivityDeps) {
  const onItem =
    <Ref extends ItemRef, Result>(name: string, work: (deps: ActivityDeps, ref: Ref) => Promise<Result>) =>
    (ref: Ref): Promise<Result> =>
      guardItem(deps, name, ref, () => work(deps, ref));
  const plain =
    <Ref, Result>(name: string, work: (deps: ActivityDeps, ref: Ref) => Promise<Result>) =>
    (ref: Ref): Promise<Result> =>
      guard(deps, name, () => work(deps, ref));
  return {
    inspectAttachment: onItem('inspectAttachment', andContain(inspectAttachment)),
    askScanners: onItem('askScanners', andContain(askScanners)),
    containAttachment: onItem('containAttachment', containAttachment),
    preserveAttachment: onItem('preserveAttachment', preserveAttachment),
    releaseAttachment: onItem('releaseAttachment', releaseAttachment),
    watchReleased: onItem('watchReleased', watchReleased),
    applyDecision: onItem('applyDecision', applyDecision),
    openInvestigation: onItem('openInvestigation', openInvestigation),
    endHold: onItem('endHold', endHold),
    freezeNote: plain<TicketRef, Awaited<ReturnType<typeof freezeNote>>>('freezeNote', freezeNote),
    writeNote: plain('writeNote', writeNote),
    deliverMail: plain('deliverMail', deliverMail),
    listTicket: plain('listTicket', listTicket),
    inspectLinks: plain('inspectLinks', inspectLinks),
    redactLinks: plain('redactLinks', redactLinks),
    rescanBatch: plain('rescanBatch', rescanBatch),
    walkExport: plain('walkExport', walkExport),
  };
}

/**
 * Goes on to the containment at once where that is the next step: a round trip through Temporal less between a verdict and
 * its redaction. What goes wrong there is left to the step of its own, which starts from the row and has its own attempts.
 */
function andContain(inspect: (deps: ActivityDeps, ref: ItemRef) => Promise<ReviewProgress>) {
  return async (deps: ActivityDeps, ref: ItemRef): Promise<ReviewProgress> => {
    const progress = await inspect(deps, ref);
    if (progress.step !== 'contain') return progress;
    return containAttachment(deps, ref).catch((error: unknown) => {
      const failure = error instanceof Error ? error.name : 'unknown';
      deps.log.warn({ item: ref.itemId, failure }, 'containment is left to its own step');
      return progress;
    });
  };
}

export type Activities = ReturnType<typeof createActivities>;
