import { setHandler } from '@temporalio/workflow';
import { lookSignal } from './messages';
import type { CommentLinksInput } from './messages';
import { activitiesAt } from './proxies';

/** The links of one comment: found and judged → taken out of the text where policy says so. Analysts' decisions come in again here. */
export async function commentLinks(input: CommentLinksInput): Promise<void> {
  const steps = activitiesAt(input.pace);
  const comment = {
    organisationId: input.organisationId,
    connectionId: input.connectionId,
    ticketId: input.ticketId,
    commentId: input.commentId,
  };
  let look = true;
  setHandler(lookSignal, () => void (look = true));
  while (look) {
    look = false;
    const { redact } = await steps.inspectLinks(comment);
    if (redact) await steps.redactLinks(comment);
  }
}
