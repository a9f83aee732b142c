import { containAttachment } from './containment';
import { applyDecision, endHold, openInvestigation } from './decision';
import type { ActivityDeps, ItemRef, TicketRef } from './deps';
import { guard, guardItem } from './guard';
import { inspectAttachment } from './inspection';
import { deliverMail } from './mail';
import { freezeNote } from './note-freeze';
import { writeNote } from './note-write';
import { releaseAttachment } from './release';
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
    inspectAttachment: onItem('inspectAttachment', inspectAttachment),
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
  };
}

export type Activities = ReturnType<typeof createActivities>;
