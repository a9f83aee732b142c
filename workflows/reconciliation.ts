import { setHandler } from '@temporalio/workflow';
import { lookSignal } from './messages';
import type { ReconciliationInput } from './messages';
import { activitiesAt } from './proxies';

/** A cycle over the export of a connection: what no webhook announced is added to the ledger. The row says when the next is due. */
export async function reconciliation(input: ReconciliationInput): Promise<void> {
  const steps = activitiesAt(input.pace);
  const ref = { organisationId: input.organisationId, connectionId: input.connectionId };
  let asked = false;
  setHandler(lookSignal, () => void (asked = true));
  for (let more = true; more || asked;) {
    asked = false;
    ({ more } = await steps.walkExport(ref));
  }
}
