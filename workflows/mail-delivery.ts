import type { MailDeliveryInput } from './messages';
import { activitiesAt } from './proxies';

/** Delivers one row of the outbox: at least once, never knowingly twice. */
export async function mailDelivery(input: MailDeliveryInput): Promise<void> {
  await activitiesAt(input.pace).deliverMail({ organisationId: input.organisationId, outboxId: input.outboxId });
}
