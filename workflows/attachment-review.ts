import { condition, continueAsNew, makeContinueAsNewFunc, setHandler, workflowInfo } from '@temporalio/workflow';
import type { TypedSearchAttributes } from '@temporalio/common';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { ReviewProgress } from '../domain/review';
import { investigationSignal, lookSignal, verdictSignal } from './messages';
import type { AttachmentReviewInput, Wake } from './messages';
import { activitiesAt } from './proxies';

/**
 * The life of one attachment: inspect → wait for engines that answer later → contain where policy says so → wait for the
 * analyst → release or keep.
 * Every step answers what comes next from the row, so a run that starts on a row in the middle of its life goes on there.
 */
export async function attachmentReview(input: AttachmentReviewInput): Promise<void> {
  const wakes: Wake[] = [...(input.resume?.wakes ?? [])];
  setHandler(verdictSignal, (message) => {
    const decisionId = idIn(message, 'decisionId');
    if (decisionId !== undefined) wakes.push({ decisionId });
  });
  setHandler(investigationSignal, (message) => {
    const investigationId = idIn(message, 'investigationId');
    if (investigationId !== undefined) wakes.push({ investigationId });
  });

  let look = false;
  setHandler(lookSignal, () => void (look = true));
  // What came with the start is answered by the first step.
  look = false;
  const steps = activitiesAt(input.pace);
  const item = { organisationId: input.organisationId, connectionId: input.connectionId, itemId: input.itemId };
  const holdUntilMs = input.resume?.holdUntilMs;
  let progress: ReviewProgress =
    holdUntilMs === undefined ? await steps.inspectAttachment(item) : { step: 'hold', holdUntilMs };
  let fresh = holdUntilMs !== undefined;
  let looks = 0;
  let questions = 0;

  for (;;) {
    const wake = WAITS.includes(progress.step) ? wakes.shift() : undefined;
    if (wake) {
      progress =
        'decisionId' in wake
          ? await steps.applyDecision({ ...item, ...wake })
          : await steps.openInvestigation({ ...item, ...wake });
      fresh = false;
      continue;
    }
    switch (progress.step) {
      case 'inspect':
        progress = await steps.inspectAttachment(item);
        break;
      case 'await':
        if (questions++ === QUESTIONS) await continueAsNew<typeof attachmentReview>({ ...input, resume: { wakes } });
        await condition(() => look || wakes.length > 0, Math.max(1, progress.waitMs ?? 1));
        if (wakes.length > 0) break;
        look = false;
        progress = await steps.askScanners(item);
        break;
      case 'contain':
        progress = await steps.containAttachment(item);
        break;
      case 'preserve':
        progress = await steps.preserveAttachment(item);
        break;
      case 'release':
        progress = await steps.releaseAttachment(item);
        break;
      case 'watch':
        progress = await steps.watchReleased(item);
        if (progress.step === 'watch') await condition(() => wakes.length > 0, WATCH_MS * 3 ** looks++);
        break;
      case 'hold':
        progress = await hold(input, progress, wakes, fresh);
        if (progress.step === 'hold' && wakes.length === 0) progress = await steps.endHold(item);
        break;
      case 'done':
        if (!look) return;
        look = false;
        progress = await steps.inspectAttachment(item);
        fresh = false;
        break;
      default:
        return progress.step satisfies never;
    }
  }
}

/** Temporal's tools can send anything: only an id is taken of it, and nothing that has none. */
function idIn(message: unknown, key: 'decisionId' | 'investigationId'): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const id = Object.entries(message).find(([name]) => name === key)?.[1] as unknown;
  return typeof id === 'string' ? id : undefined;
}

/** Steps at which messages are taken: nothing of ours is under way. */
const WAITS: readonly ReviewProgress['step'][] = ['await', 'done', 'hold', 'watch'];

/** So often engines are asked in one run; then the history begins anew. */
const QUESTIONS = 40;

const VERDICT = defineSearchAttributeKey('Verdict', 'KEYWORD');
const SHA256 = defineSearchAttributeKey('Sha256', 'KEYWORD');

/** First pause between two looks at a returned file while Zendesk's own scan of it is under way; each next is three times as long. */
const WATCH_MS = 5000;

/** Waits with a short history: everything before it is left behind by continue-as-new. */
async function hold(
  input: AttachmentReviewInput,
  progress: ReviewProgress,
  wakes: Wake[],
  fresh: boolean,
): Promise<ReviewProgress> {
  const holdUntilMs = progress.holdUntilMs ?? Date.now();
  if (!fresh) {
    const again = makeContinueAsNewFunc<typeof attachmentReview>({ typedSearchAttributes: heldAttributes(progress) });
    await again({ ...input, resume: { holdUntilMs, wakes: [...wakes] } });
  }
  await condition(() => wakes.length > 0, Math.max(1, holdUntilMs - Date.now()));
  return progress;
}

/** Verdict and SHA-256 are searchable only while something is held; nothing else of a file ever is. */
function heldAttributes(progress: ReviewProgress): TypedSearchAttributes {
  const attributes = workflowInfo().typedSearchAttributes.copy();
  if (progress.verdict === undefined || progress.sha256 === undefined) return attributes;
  return attributes.updateCopy([
    { key: VERDICT, value: progress.verdict },
    { key: SHA256, value: progress.sha256 },
  ]);
}
