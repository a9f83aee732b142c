import { appendAuditEvent, LAZARET } from '../db/audit-events';
import { isInvestigationOpen } from '../db/investigation-state';
import { lockItem, readItem, updateItem } from '../db/items';
import type { ItemRow } from '../db/items';
import { lockKnownObject, readDecision, readObject } from '../db/objects';
import type { DecisionRow, ObjectRow } from '../db/objects';
import { readAwaitedMs } from '../db/open-inspections';
import { isOperationPending } from '../db/operations';
import type { Queryable } from '../db/pool';
import { readPolicy } from '../db/policies';
import type { Policy } from '../domain/policy';
import { orderFor } from '../domain/policy-order';
import type { JudgedItem } from '../domain/policy-order';
import { chooseStep } from '../domain/review';
import type { ReviewProgress } from '../domain/review';
import { RetryLater } from './failures';

const DAY_MS = 86_400_000;

/** Key of the one redaction that an item can ever have. */
export function redactionKey(itemId: string): string {
  return `redact:${itemId}`;
}

/** An item with what bears upon it. */
export interface ItemContext {
  item: ItemRow;
  object: ObjectRow | undefined;
  decision: DecisionRow | undefined;
  policy: Policy;
}

/**
 * Reads and locks an item and what bears upon it. The object is locked before the item, as decisions do it, so that
 * nobody waits in a circle.
 * @throws RetryLater `ItemMissing` when the ledger has no such row
 */
export async function lockContext(
  db: Queryable,
  ref: { organisationId: string; itemId: string },
): Promise<ItemContext> {
  const [seen, { policy }] = await Promise.all([readItem(db, ref.itemId), readPolicy(db, ref.organisationId)]);
  // Sent together, taken in this order.
  const [locked, item] = await Promise.all([
    seen?.sha256 ? lockKnownObject(db, ref.organisationId, seen.sha256) : undefined,
    lockItem(db, ref.itemId),
  ]);
  if (!item) throw new RetryLater('ItemMissing', 'the ledger has no such item in this organisation', 60_000);
  const decision = item.decision_id === null ? undefined : await readDecision(db, item.decision_id);
  // Hashed between the two readings: read, not locked, for locks are taken in one order only.
  const object = locked ?? (item.sha256 === null ? undefined : await readObject(db, ref.organisationId, item.sha256));
  return { item, object, decision, policy };
}

/**
 * Chooses the next step, settles a decision that needs no act in the ticket, and sets when the dispatcher has to look at
 * the row again: daily while it is held, soon while work is open, never when nothing is.
 * @param known `redactionRuledOut`: the file was just seen where it was, so that an announced redaction counts for nothing
 */
export async function proceed(
  db: Queryable,
  context: ItemContext,
  known: { redactionRuledOut: boolean } = { redactionRuledOut: false },
): Promise<ReviewProgress> {
  const { item, decision } = context;
  const awaitedMs = await readAwait(db, context);
  const choice = chooseStep({
    state: item.state,
    machineVerdict: item.machine_verdict,
    decision: decision?.verdict,
    decisionIsNew: item.decision_id !== item.applied_decision_id,
    containmentWanted: isContainmentWanted(context),
    redactionBegun: !known.redactionRuledOut && (await isRedactionBegun(db, item)),
    investigationIsOpen: await isInvestigationOpen(db, item.investigation_id),
    sealed: context.object?.seal_key !== null && context.object !== undefined,
    isReleasedCopy: item.released_from !== null,
    enginesAwaited: awaitedMs !== undefined,
  });
  if (choice.step === 'done' && isWatchDue(item)) choice.step = 'watch';
  const holdUntilMs = (item.contained_at ?? new Date()).getTime() + context.policy.retentionDays * DAY_MS;
  const settled = ['done', 'hold', 'preserve', 'watch'].includes(choice.step);
  const applied = settled && item.decision_id !== null ? { applied_decision_id: item.decision_id } : {};
  const state = choice.settleAs === undefined ? {} : { state: choice.settleAs, state_reason: null };
  await updateItem(db, item.id, { ...applied, ...state, deadline_at: deadlineFor(choice.step, awaitedMs) });
  if (choice.settleAs !== undefined) {
    const detail = { from: item.state, to: choice.settleAs, decision: item.decision_id };
    await appendAuditEvent(db, {
      organisationId: item.organisation_id,
      kind: 'item.settled',
      actor: LAZARET,
      itemId: item.id,
      detail,
    });
  }
  if (choice.step === 'await') return { step: 'await', waitMs: awaitedMs ?? 0 };
  if (choice.step !== 'hold') return { step: choice.step };
  return { step: 'hold', holdUntilMs, verdict: item.verdict, ...(item.sha256 === null ? {} : { sha256: item.sha256 }) };
}

async function isRedactionBegun(db: Queryable, item: ItemRow): Promise<boolean> {
  const open = item.state === 'waiting' || item.state === 'refused';
  return open && (await isOperationPending(db, redactionKey(item.id)));
}

/** A scanner that wants to be asked at once again still gets a breath. */
const LEAST_WAIT_MS = 1_000;

/** Milliseconds until engines are to be asked again: none once an analyst has decided. */
async function readAwait(db: Queryable, { item, decision }: ItemContext): Promise<number | undefined> {
  if (item.state !== 'waiting' || item.machine_verdict !== 'pending') return undefined;
  const waitMs = await readAwaitedMs(db, item.id);
  if (waitMs === undefined) return undefined;
  return decision ? 0 : Math.max(LEAST_WAIT_MS, Math.ceil(waitMs));
}

function deadlineFor(step: ReviewProgress['step'], awaitedMs = 0): Date | null {
  if (step === 'done') return null;
  return new Date(Date.now() + (step === 'hold' ? DAY_MS : 60_000 + awaitedMs));
}

/** An analyst's `malicious` always means out, in monitor-only mode too; else the policy for the effective verdict. */
export function isContainmentWanted(context: ItemContext): boolean {
  return orderFor(context.policy, judgedFile(context)) === 'contain';
}

/** A file as the policy is asked about it. */
export function judgedFile({ item, decision }: Pick<ItemContext, 'item' | 'decision'>): JudgedItem {
  return {
    kind: 'attachment',
    verdict: decision?.verdict ?? item.verdict,
    reason: decision ? undefined : (item.verdict_reason ?? undefined),
    decided: decision !== undefined,
    wasRead: item.sha256 !== null,
    blockedAtSource: item.state === 'blocked_at_source',
    inTicketText: false,
  };
}

/** A file that Lazaret put back is watched until Zendesk's own scan of it has ended. */
function isWatchDue(item: ItemRow): boolean {
  return item.released_from !== null && item.state === 'clean' && item.watched_at === null;
}
