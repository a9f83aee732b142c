import { continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';
import type { RescanInput } from './messages';
import { activitiesAt } from './proxies';

/**
 * Scans the young files of an organisation again after engines or rules changed: a batch at a time, so many a minute. A
 * file gets a workflow of its own only where something has to be done about it; its row asks for that.
 */
export async function rescan(input: RescanInput): Promise<void> {
  const steps = activitiesAt(input.pace);
  const ref = { organisationId: input.organisationId, rescanId: input.rescanId };
  for (;;) {
    const { more, waitMs } = await steps.rescanBatch(ref);
    if (!more) return;
    await sleep(waitMs);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof rescan>(input);
  }
}
