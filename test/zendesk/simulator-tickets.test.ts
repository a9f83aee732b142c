import type { Channel } from '../../domain/channel';
import { createZendeskChannel } from '../../zendesk/channel';
import { createZendeskClient, type BudgetEndpoint, type BudgetFacts, type ZendeskClient } from '../../zendesk/client';
import { clientOf, startSimulatedZendesk, type SimulatedZendesk } from './support/simulated-zendesk';

let zendesk: SimulatedZendesk;
let client: ZendeskClient;
let channel: Channel;
beforeEach(async () => {
  zendesk = await startSimulatedZendesk();
  client = await zendesk.connect();
  channel = createZendeskChannel(client, { agentWorkspace: true });
});
afterEach(() => zendesk.close());

const FILE = { 'a.pdf': Buffer.from('%PDF-') };
const noteOn = (ticketId: string, key = 'k1') => ({
  ticketId,
  html: '<p>Found.</p>',
  key,
  uploadTokens: [],
  lane: 'note' as const,
});
const fault = (match: object, what: object): Promise<void> =>
  zendesk.control('faults', { account: 'acme', match, ...what });

describe('a note at the simulator', () => {
  test('whose answer is lost is found by its key and not written again', async () => {
    const ticketId = await zendesk.ticketWith(FILE);
    await fault({ method: 'PUT', path: `/tickets/${ticketId}` }, { dropConnectionAfterHandling: true });
    await expect(channel.addNote(noteOn(ticketId))).rejects.toMatchObject({ kind: 'network', outcomeUnknown: true });
    const { note } = await channel.findNote(ticketId, 'k1', 'note');
    const [comment] = await channel.listComments(ticketId, 'note');
    expect(note).toEqual({ auditId: comment?.auditId, commentId: comment?.id, attachmentIds: [] });
    expect(comment?.public).toBe(false);
  });

  test('that never arrived is not found, and a safe update then writes it', async () => {
    const ticketId = await zendesk.ticketWith(FILE);
    await fault({ method: 'PUT', path: `/tickets/${ticketId}` }, { dropConnection: true });
    await expect(channel.addNote(noteOn(ticketId))).rejects.toMatchObject({ outcomeUnknown: true });
    const { note, updatedAt } = await channel.findNote(ticketId, 'k1', 'note');
    expect(note).toBeUndefined();
    await channel.addNote({ ...noteOn(ticketId), safeUpdateStamp: updatedAt });
    zendesk.pass(5);
    await zendesk.agent('PUT', `/api/v2/tickets/${ticketId}`, { ticket: { priority: 'high' } });
    const late = channel.addNote({ ...noteOn(ticketId, 'k2'), safeUpdateStamp: updatedAt });
    await expect(late).rejects.toMatchObject({ kind: 'conflict', retryable: true });
  });

  test('on a closed or full ticket is refused by name', async () => {
    const ticketId = await zendesk.ticketWith(FILE);
    await zendesk.control('switches', { account: 'acme', commentLimit: 1 });
    await expect(channel.addNote(noteOn(ticketId))).rejects.toMatchObject({ kind: 'comment_limit' });
    await zendesk.control(`tickets/${ticketId}`, { closed: true });
    await expect(channel.addNote(noteOn(ticketId))).rejects.toMatchObject({ kind: 'ticket_closed' });
  });

  test('in a follow-up of a closed ticket is internal and made once', async () => {
    const ticketId = await zendesk.ticketWith(FILE);
    await zendesk.control(`tickets/${ticketId}`, { closed: true });
    const request = { ...noteOn(ticketId), subject: 'File' };
    const made = await channel.createFollowUp(request);
    expect(await channel.createFollowUp(request)).toEqual(made);
    const [comment] = await channel.listComments(made.ticketId, 'note');
    expect(comment).toMatchObject({ id: made.commentId, public: false });
  });
});

describe('reading tickets at the simulator', () => {
  test('goes through every page, newest first, and stops where it is told', async () => {
    const ticketId = await zendesk.ticketWith(FILE);
    for (let count = 0; count < 120; count += 1) {
      await zendesk.agent('PUT', `/api/v2/tickets/${ticketId}`, { ticket: { comment: { body: `n${count}` } } });
    }
    const all = await channel.listComments(ticketId, 'reconcile');
    expect(all).toHaveLength(121);
    expect(all.at(-1)?.attachments).toHaveLength(1);
    expect(new Set(all.map((one) => one.id)).size).toBe(121);
    expect(await channel.listComments(ticketId, 'scan', all[2]?.id)).toHaveLength(3);
    expect(await client.tickets.audits(ticketId, 'note')).toHaveLength(121);
    await zendesk.control(`tickets/${ticketId}`, { archived: true });
    expect(await client.tickets.audits(ticketId, 'note')).toHaveLength(121);
  });

  test('finds the ticket into which another was merged, and not the other way round', async () => {
    const source = await zendesk.ticketWith(FILE);
    const target = await zendesk.ticketWith(FILE);
    await zendesk.agent('POST', `/api/v2/tickets/${target}/merge`, { ids: [Number(source)] });
    expect(await channel.findMergeTarget(source, 'release')).toBe(target);
    expect(await channel.findMergeTarget(target, 'release')).toBeUndefined();
    expect((await channel.readTicket(source, 'release')).status).toBe('closed');
  });

  test('of a deleted ticket is not_found', async () => {
    const ticketId = await zendesk.ticketWith(FILE);
    await zendesk.agent('DELETE', `/api/v2/tickets/${ticketId}`);
    await expect(channel.readTicket(ticketId, 'scan')).rejects.toMatchObject({ kind: 'not_found', retryable: false });
  });

  test('by export has comments with their files, but nothing of the last minute', async () => {
    const startTime = Math.floor(Date.now() / 1000) - 3600;
    const ticketId = await zendesk.ticketWith(FILE);
    expect((await client.incremental.ticketEvents(startTime, 'reconcile')).events).toEqual([]);
    zendesk.pass(120);
    const page = await client.incremental.ticketEvents(startTime, 'reconcile');
    expect(page.endOfStream).toBe(true);
    const comments = page.events.flatMap((event) => event.child_events.filter((one) => one.event_type === 'Comment'));
    expect(comments.flatMap((one) => one.attachments?.map((file) => file.file_name))).toEqual(['a.pdf']);
    const tickets = await client.incremental.tickets({ startTime }, 'reconcile');
    expect(tickets.tickets.map((ticket) => ticket.id)).toEqual([ticketId]);
    const again = await client.incremental.tickets({ cursor: tickets.cursor ?? '' }, 'reconcile');
    expect(again).toMatchObject({ tickets: [], endOfStream: true });
  });

  test('by export is forbidden to agents', async () => {
    const agent = await zendesk.connect({ user: 'agent' });
    const startTime = Math.floor(Date.now() / 1000) - 3600;
    await expect(agent.incremental.ticketEvents(startTime, 'reconcile')).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('at an account that does not exist is unknown_host', async () => {
    const { accessToken } = await zendesk.signIn();
    const nobody = createZendeskClient({
      subdomain: 'nobody',
      ownHosts: [],
      transport: zendesk.transport,
      tokens: { current: () => Promise.resolve(accessToken), renew: () => Promise.resolve(accessToken) },
      budget: { acquire: () => Promise.resolve(), learn: () => undefined },
    });
    await expect(nobody.tickets.get('1', 'scan')).rejects.toMatchObject({ kind: 'unknown_host', retryable: false });
  });
});

describe('limits at the simulator', () => {
  const learned: { endpoint: BudgetEndpoint; facts: BudgetFacts; ticketId: string | undefined }[] = [];
  async function watched(): Promise<ZendeskClient> {
    learned.length = 0;
    const { accessToken } = await zendesk.signIn();
    return createZendeskClient({
      subdomain: 'acme',
      ownHosts: [],
      transport: zendesk.transport,
      tokens: { current: () => Promise.resolve(accessToken), renew: () => Promise.resolve(accessToken) },
      budget: {
        acquire: () => Promise.resolve(),
        learn: (endpoint, facts, ticketId) => void learned.push({ endpoint, facts, ticketId }),
      },
    });
  }
  const lastOf = (endpoint: BudgetEndpoint) => learned.filter((one) => one.endpoint === endpoint).at(-1);

  test.each([
    ['json', 'zendesk-ratelimit-'],
    ['text', 'zendesk-rate-limit-'],
  ])('are learned from headers, and from a 429 as %s', async (answer, headerPrefix) => {
    const ticketId = await zendesk.ticketWith(FILE);
    const limits = { enabled: true, perTicket: 2, answer, headerPrefix };
    await zendesk.control('switches', { account: 'acme', rateLimits: limits });
    const limited = createZendeskChannel(await watched(), { agentWorkspace: true });
    await limited.addNote(noteOn(ticketId, 'k1'));
    expect(lastOf('per_ticket_update')).toMatchObject({ facts: { limit: 2, remaining: 1 }, ticketId });
    expect(lastOf('account')).toMatchObject({ facts: { limit: expect.any(Number), remaining: expect.any(Number) } });
    await limited.addNote(noteOn(ticketId, 'k2'));
    const refused: unknown = await limited.addNote(noteOn(ticketId, 'k3')).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'rate_limited', retryable: true, retryAfterMs: expect.any(Number) });
    expect(lastOf('per_ticket_update')).toMatchObject({
      facts: { remaining: 0, retryAfterMs: expect.any(Number) },
      ticketId,
    });
  });

  test.each([
    ['with', { retryAfter: 7 }, 7000],
    ['without', {}, 10_000],
  ])('of a 503 %s Retry-After end in a wait', async (_name, more, retryAfterMs) => {
    await fault({ path: '/users/me' }, { status: 503, html: '<h1>Maintenance</h1>', ...more });
    await expect(client.account.me('scan')).rejects.toMatchObject({ kind: 'unavailable', retryAfterMs });
    expect((await client.account.me('scan')).role).toBe('admin');
  });

  test('do not hide a token revoked in the middle', async () => {
    const ticketId = await zendesk.ticketWith(FILE);
    const { accessToken } = await zendesk.signIn();
    const revoked = createZendeskChannel(clientOf(zendesk, accessToken), { agentWorkspace: true });
    await zendesk.control('revoke', { account: 'acme' });
    await expect(revoked.addNote(noteOn(ticketId))).rejects.toThrow('nobody renews this token');
  });
});
