import { randomUUID } from 'node:crypto';
import { ticketIntakeId } from '../../domain/ids';
import { openStage, PACE } from './stage';
import type { Part, Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage.close());

async function intake(part: Part): Promise<string[]> {
  const ids = { organisationId: randomUUID(), connectionId: randomUUID(), ticketId: randomUUID() };
  const workflowId = ticketIntakeId(ids.connectionId, ids.ticketId);
  stage.cast(ids.ticketId, part);
  await stage.starter.start({ workflow: 'ticketIntake', workflowId, input: { ...ids, pace: PACE }, search: ids });
  await stage.handle(workflowId).result();
  return stage.calls(ids.ticketId);
}

describe('the listing of a ticket', () => {
  it('is read once when nobody asks again', async () => {
    expect(await intake({ listTicket: async () => ({ more: false }) })).toEqual(['listTicket']);
  });

  it('is read again as long as somebody asked meanwhile', async () => {
    let asked = 2;
    const listTicket = async () => ({ more: asked-- > 0 });
    expect(await intake({ listTicket })).toEqual(['listTicket', 'listTicket', 'listTicket']);
  });

  it('is tried again while Zendesk cannot be reached', async () => {
    let away = 1;
    const listTicket = async () => {
      if (away-- > 0) throw new Error('away');
      return { more: false };
    };
    expect(await intake({ listTicket })).toHaveLength(2);
  });
});
