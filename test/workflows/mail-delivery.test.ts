import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { mailDeliveryId } from '../../domain/ids';
import { gate, openStage, PACE } from './stage';
import type { Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage.close());

function mail(deliverMail: (tries: number) => Promise<void>) {
  const ids = { organisationId: randomUUID(), outboxId: randomUUID() };
  const workflowId = mailDeliveryId(ids.outboxId);
  let tries = 0;
  stage.cast(ids.outboxId, { deliverMail: () => deliverMail((tries += 1)) });
  const start = { workflow: 'mailDelivery', workflowId, input: { ...ids, pace: PACE }, search: ids };
  return {
    ...ids,
    start: () => stage.starter.start(start),
    ended: () => stage.handle(workflowId).result(),
    tries: () => tries,
  };
}

describe('the delivery of a mail', () => {
  it('is tried until the mail server takes it', async () => {
    const one = mail(async (tries) => {
      const unavailable = { type: 'MailUnavailable', message: 'away', nextRetryDelay: 10 };
      if (tries < 4) throw ApplicationFailure.create(unavailable);
    });
    await one.start();
    await one.ended();
    expect(one.tries()).toBe(4);
  });

  it('is one delivery, however often its row is found due', async () => {
    const sending = gate();
    const one = mail(() => sending.passed);
    await one.start();
    await stage.called(one.outboxId, 'deliverMail');
    await Promise.all([one.start(), one.start()]);
    sending.open();
    await one.ended();
    expect(one.tries()).toBe(1);
  });
});
