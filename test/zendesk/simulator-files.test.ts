import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Channel, FetchOutcome, ListedAttachment, ListedComment } from '../../domain/channel';
import type { Lane } from '../../domain/words';
import { createZendeskChannel } from '../../zendesk/channel';
import type { ZendeskClient } from '../../zendesk/client';
import { startSimulatedZendesk, type SimulatedZendesk } from './support/simulated-zendesk';

let zendesk: SimulatedZendesk;
let client: ZendeskClient;
let channel: Channel;
beforeEach(async () => {
  zendesk = await startSimulatedZendesk();
  client = await zendesk.connect();
  channel = createZendeskChannel(client, { agentWorkspace: true });
});
afterEach(async () => {
  const { violations } = zendesk.simulator.world;
  await zendesk.close();
  // A token in a foreign place, or anything else the stand-in takes for our fault.
  expect(violations).toEqual([]);
});

const PDF = Buffer.from('%PDF-1.7 hello');
const fetchOf = (file: ListedAttachment, more: { expectedSize?: number; lane?: Lane } = {}): Promise<FetchOutcome> =>
  channel.fetchBytes({
    attachmentId: file.id,
    contentUrl: file.contentUrl,
    lane: 'scan',
    maxBytes: 1_000_000,
    ...more,
  });

async function bytesOf(outcome: FetchOutcome): Promise<Buffer> {
  if (outcome.outcome !== 'bytes') throw new Error(`no bytes but ${JSON.stringify(outcome)}`);
  return buffer(outcome.body);
}

/** The newest comment of a ticket and its files. */
async function newest(
  ticketId: string,
): Promise<{ comment: ListedComment; files: ListedAttachment[]; file: ListedAttachment }> {
  const [comment] = await channel.listComments(ticketId, 'scan');
  const [file] = comment?.attachments ?? [];
  if (comment === undefined || file === undefined) throw new Error('the ticket has no file');
  return { comment, files: comment.attachments, file };
}
const mode = (download: Record<string, unknown>): Promise<void> =>
  zendesk.control('switches', { account: 'acme', download });

describe('a file at the simulator', () => {
  test('comes byte for byte, with one request at the account', async () => {
    const { file } = await newest(await zendesk.ticketWith({ 'invoice.pdf': PDF }));
    const before = zendesk.simulator.world.requests.length;
    expect(await bytesOf(await fetchOf(file))).toEqual(PDF);
    const made = zendesk.simulator.world.requests.slice(before);
    expect(made.map((one) => [one.account, one.who.split(':')[0]])).toEqual([
      ['acme', 'oauth'],
      [null, 'anonymous'],
    ]);
  });

  test('of another brand, in an account with private attachments, comes with the same token', async () => {
    await zendesk.control('switches', { account: 'acme', privateAttachments: true });
    const brand = (await client.account.brands('scan')).find((one) => one.subdomain === 'acme-shop');
    const { file } = await newest(await zendesk.ticketWith({ 'a.pdf': PDF }, { brand_id: Number(brand?.id) }));
    expect(new URL(file.contentUrl).hostname).toBe('acme-shop.zendesk.com');
    expect(await bytesOf(await fetchOf(file))).toEqual(PDF);
  });

  test('that is HTML comes too, a block page in its place does not', async () => {
    const { file } = await newest(await zendesk.ticketWith({ 'page.html': Buffer.from('<p>hello</p>') }));
    expect((await bytesOf(await fetchOf(file))).toString()).toBe('<p>hello</p>');
    await mode({ mode: 'blocked_page' });
    expect(await fetchOf(file)).toMatchObject({ outcome: 'refused', reason: 'page' });
  });

  test.each([200, 403])('that Zendesk blocks with status %i is blocked', async (blockedStatus) => {
    await mode({ blockedStatus });
    const { file } = await newest(await zendesk.ticketWith({ 'a.pdf': PDF }));
    await zendesk.control(`attachments/${file.id}`, { scanResult: 'malware_found' });
    expect(await fetchOf(file)).toEqual({ outcome: 'blocked' });
    expect(await channel.readAttachment(file.id, 'scan')).toMatchObject({ sourceScan: 'blocked' });
    await client.attachments.setMalwareOverride(file.id, true, 'release');
    expect(await channel.readAttachment(file.id, 'scan')).toMatchObject({ sourceScan: 'found_overridden' });
    expect(await bytesOf(await fetchOf(file))).toEqual(PDF);
  });

  test('cut at 80 % never counts as the file', async () => {
    const { file } = await newest(await zendesk.ticketWith({ 'a.pdf': PDF }));
    await mode({ mode: 'truncated', fraction: 0.8 });
    await expect(fetchOf(file).then(bytesOf)).rejects.toMatchObject({ kind: 'truncated' });
    await mode({ mode: 'wrong_length', fraction: 0.8 });
    expect(await fetchOf(file, { expectedSize: file.size })).toMatchObject({ outcome: 'refused', reason: 'truncated' });
    await mode({ mode: 'no_length' });
    expect(await bytesOf(await fetchOf(file))).toEqual(PDF);
  });

  test('in a coding is refused, one that is not there is gone', async () => {
    const { file } = await newest(await zendesk.ticketWith({ 'a.pdf': PDF }));
    await mode({ mode: 'encoded' });
    expect(await fetchOf(file)).toMatchObject({ outcome: 'refused', reason: 'malformed' });
    await mode({ mode: 'not_found' });
    // Zendesk's record still has it: for a scan that is trouble that passes, for a proof it is gone.
    await expect(fetchOf(file)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    expect(await fetchOf(file, { lane: 'redact' })).toEqual({ outcome: 'gone' });
    expect(await channel.readAttachment('123', 'scan')).toBeUndefined();
  });

  test('goes back in an internal note, whatever its name', async () => {
    const ticketId = await zendesk.ticketWith({ 'a.pdf': PDF });
    const fileName = `../é{{ticket.id}}‮fdp.${'x'.repeat(10_000)}.pdf`;
    const body = Readable.from([PDF]);
    const { token } = await channel.upload({
      fileName,
      contentType: 'bad type',
      length: PDF.length,
      body,
      lane: 'release',
    });
    const note = { ticketId, html: '<p>back</p>', key: 'k', uploadTokens: [token], lane: 'release' as const };
    const written = await channel.addNote(note);
    const { comment, file } = await newest(ticketId);
    expect(comment).toMatchObject({ id: written.commentId, auditId: written.auditId, public: false });
    expect(written.attachmentIds).toEqual([file.id]);
    expect(await bytesOf(await fetchOf(file))).toEqual(PDF);
  });

  test('that may not be uploaded is refused, by type and by size', async () => {
    const send = () =>
      channel.upload({
        fileName: 'a.pdf',
        contentType: 'a/b',
        length: PDF.length,
        body: Readable.from([PDF]),
        lane: 'release',
      });
    for (const refusalStatus of [422, 403]) {
      await zendesk.control('switches', { account: 'acme', uploads: { allowedExtensions: ['txt'], refusalStatus } });
      await expect(send()).rejects.toMatchObject({ kind: 'uploads_restricted', retryable: false });
    }
    for (const tooLargeStatus of [413, 422]) {
      await zendesk.control('switches', { account: 'acme', attachmentSize: 3, uploads: { tooLargeStatus } });
      await expect(send()).rejects.toMatchObject({ kind: 'too_large', retryable: false });
    }
  });
});

describe('redaction at the simulator', () => {
  const three = { 'a.pdf': PDF, 'b.pdf': Buffer.from('b'), 'redacted.txt': Buffer.from('c') };

  async function expectGone(ticketId: string, before: ListedAttachment[]): Promise<void> {
    for (const file of before) expect(await fetchOf(file, { lane: 'redact' })).toEqual({ outcome: 'gone' });
    const { files } = await newest(ticketId);
    expect(files.map((file) => [file.fileName, file.size])).toEqual(before.map(() => ['redacted.txt', 0]));
  }

  test('takes three files out of a comment in one update', async () => {
    const ticketId = await zendesk.ticketWith(three);
    const { comment, files } = await newest(ticketId);
    expect(await channel.redact({ ticketId, commentId: comment.id, attachments: files })).toEqual({ requests: 1 });
    await expectGone(ticketId, files);
    expect(await channel.redact({ ticketId, commentId: comment.id, attachments: files })).toEqual({ requests: 4 });
  });

  test('takes one update per file in a classic account', async () => {
    await zendesk.control('switches', { account: 'acme', agentWorkspace: false });
    channel = createZendeskChannel(client, { agentWorkspace: false });
    const ticketId = await zendesk.ticketWith(three);
    const { comment, files } = await newest(ticketId);
    expect(await channel.redact({ ticketId, commentId: comment.id, attachments: files })).toEqual({ requests: 3 });
    await expectGone(ticketId, files);
  });

  test('works on a closed ticket with Agent Workspace, for one file and for several', async () => {
    for (const files of [three, { 'a.pdf': PDF }]) {
      const ticketId = await zendesk.ticketWith(files);
      const found = await newest(ticketId);
      await zendesk.control(`tickets/${ticketId}`, { closed: true });
      await channel.redact({ ticketId, commentId: found.comment.id, attachments: found.files });
      await expectGone(ticketId, found.files);
    }
  });

  test.each([422, 403])(
    'on a closed ticket of a classic account is ticket_closed at status %i',
    async (closedStatus) => {
      await zendesk.control('switches', { account: 'acme', agentWorkspace: false, redaction: { closedStatus } });
      channel = createZendeskChannel(client, { agentWorkspace: false });
      const ticketId = await zendesk.ticketWith(three);
      const { comment, files } = await newest(ticketId);
      await zendesk.control(`tickets/${ticketId}`, { closed: true });
      const refused = channel.redact({ ticketId, commentId: comment.id, attachments: files });
      await expect(refused).rejects.toMatchObject({ kind: 'ticket_closed' });
    },
  );

  test('goes file by file in a messaging comment', async () => {
    const ticketId = await zendesk.ticketWith(three);
    await zendesk.control(`tickets/${ticketId}`, { channel: 'native_messaging' });
    const { comment, files } = await newest(ticketId);
    expect(await channel.redact({ ticketId, commentId: comment.id, attachments: files })).toEqual({ requests: 4 });
    await expectGone(ticketId, files);
  });

  test.each([false, true])('takes an inline image out too (ticket closed: %j)', async (closed) => {
    const ticketId = await zendesk.ticketWith({ 'a.pdf': PDF, 'b.pdf': PDF });
    const body = Readable.from([PDF]);
    const { token, attachmentId } = await client.attachments.upload(
      { fileName: 'i.png', contentType: 'image/png', length: PDF.length, body },
      'release',
    );
    const image = (await client.attachments.get(attachmentId, 'scan')).content_url;
    const html = `<p>See <img alt="x" src="${image.replaceAll('&', '&amp;')}"></p>`;
    const files = [await zendesk.agentUpload('a.pdf', PDF), await zendesk.agentUpload('b.pdf', PDF)];
    await channel.addNote({ ticketId, html, key: 'k', uploadTokens: [token, ...files], lane: 'note' });
    const found = await newest(ticketId);
    expect(found.files.map((file) => file.inline).sort()).toEqual([false, false, true]);
    if (closed) await zendesk.control(`tickets/${ticketId}`, { closed });
    const request = { ticketId, commentId: found.comment.id, attachments: found.files };
    expect(await channel.redact(request)).toEqual({ requests: closed ? 3 : 2 });
    for (const file of found.files) expect(await fetchOf(file, { lane: 'redact' })).toEqual({ outcome: 'gone' });
  });

  test('by an agent who may not delete is forbidden', async () => {
    await zendesk.control('switches', { account: 'acme', agentTicketDeletion: false });
    channel = createZendeskChannel(await zendesk.connect({ user: 'agent' }), { agentWorkspace: true });
    const ticketId = await zendesk.ticketWith(three);
    const { comment, files } = await newest(ticketId);
    const refused = channel.redact({ ticketId, commentId: comment.id, attachments: files });
    await expect(refused).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
