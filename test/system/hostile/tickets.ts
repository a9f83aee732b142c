import { until } from '../../../embedded/lazaret-client';
import { sha256 } from '../../support/hostile';
import type { Sent, Stage } from '../../support/hostile';
import { bad, stage } from './stage';

describe('tickets', () => {
  const close = ({ ticketId }: Sent) => stage.control(`/tickets/${ticketId}`, { account: 'acme', closed: true });
  const remove = ({ ticketId }: Sent) => stage.lazaret.zendeskAdmin.api('DELETE', `/api/v2/tickets/${ticketId}`);

  /** A ticket whose file is contained, noted and mailed. */
  async function contained(bytes: Buffer): Promise<{ sent: Sent; scan: Awaited<ReturnType<Stage['scanIn']>> }> {
    const sent = await stage.send([{ name: 'held.com', bytes }]);
    const scan = await stage.scanIn(sent.ticketId, 'held');
    await stage.mail(sent.ticketId);
    return { sent, scan };
  }

  test('a file of a closed ticket is contained; that no note could be written stands on the scan and in the mail', async () => {
    const bytes = bad();
    const sent = await stage.sendAfter([{ name: 'late.com', bytes }], close);
    const scan = await stage.scanIn(sent.ticketId, 'held');
    const mail = await stage.mail(sent.ticketId);
    expect(mail.text).toContain('The ticket did not take an internal note about this: the ticket is closed.');
    const { notes, auditEvents, mails } = await stage.story(scan);
    expect(notes).toMatchObject([{ kind: 'contained', state: 'refused', refusal: 'ticket_closed' }]);
    expect(auditEvents.some((one) => one.kind === 'note.refused' && one.detail['reason'] === 'ticket_closed')).toBe(
      true,
    );
    expect(mails).toMatchObject([{ kind: 'note' }]);
    expect(await stage.notes(sent.ticketId)).toEqual([]);
    expect(await stage.lazaret.agent.updates(sent.ticketId)).toMatchObject({ redactions: 1, notes: 0 });
    expect(sha256(await stage.gives(sent.files[0]?.content_url))).not.toBe(sha256(bytes));
    expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
  }, 60_000);

  test('a file cannot go back to a closed ticket: mailed, downloaded byte for byte, returned in a follow-up on a click', async () => {
    const bytes = bad();
    const { sent, scan } = await contained(bytes);
    await close(sent);
    await stage.decide(scan, 'clean');
    await stage.scanIn(sent.ticketId, 'release_refused(ticket_closed)');
    const mail = await stage.mail(sent.ticketId, 2);
    expect(mail.subject).toContain('1 file could not be put back');
    expect(mail.text).toContain('the ticket is closed');
    expect((await stage.download(scan)).equals(bytes)).toBe(true);
    await stage.lazaret.admin.call('POST', `/api/v1/scans/${scan.id}/follow-up`);
    await stage.scanIn(sent.ticketId, 'released');
    const path = `/api/v2/tickets/${sent.ticketId}`;
    const { ticket } = await stage.lazaret.agent.api<{ ticket: { followup_ids: number[] } }>('GET', path);
    const [followUp = 0, ...more] = ticket.followup_ids;
    expect(more).toEqual([]);
    const [comment] = await stage.comments(followUp);
    expect(comment?.public).toBe(false);
    expect(sha256(await stage.gives(comment?.attachments[0]?.content_url))).toBe(sha256(bytes));
    const copy = await until('the copy', async () => (await stage.scansOf(followUp))[0]);
    expect(copy).toMatchObject({ releasedFrom: scan.id, sha256: sha256(bytes) });
    await stage.mail(sent.ticketId, 3);
  }, 60_000);

  test('the file of a merged ticket goes back to the ticket it was merged into', async () => {
    const bytes = bad();
    const { sent, scan } = await contained(bytes);
    const { ticket: target } = await stage.lazaret.agent.createTicket({ subject: 'Both', comment: 'The same again.' });
    await stage.lazaret.agent.merge(target.id, [sent.ticketId]);
    await stage.decide(scan, 'clean');
    await stage.scanIn(sent.ticketId, 'released');
    const files = (await stage.notes(target.id)).flatMap((note) => note.attachments);
    const hashes = await Promise.all(files.map(async (one) => sha256(await stage.gives(one.content_url))));
    expect(hashes).toEqual([sha256(bytes)]);
    const copy = await until('the copy', async () => (await stage.scansOf(target.id)).find((one) => one.releasedFrom));
    expect(copy).toMatchObject({ releasedFrom: scan.id, state: 'clean' });
  }, 60_000);

  test('on a ticket that was deleted before the redaction, containment is refused and mailed', async () => {
    const bytes = bad();
    const sent = await stage.sendAfter([{ name: 'deleted.com', bytes }], remove);
    const scan = await stage.scanIn(sent.ticketId, 'refused(ticket_gone)');
    const mail = await stage.mail(sent.ticketId);
    expect(mail.text).toContain('the ticket no longer exists');
    expect((await stage.story(scan)).notes).toMatchObject([{ state: 'refused', refusal: 'ticket_gone' }]);
    expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
  }, 60_000);

  test('a file cannot go back to a deleted ticket: mailed, and downloaded byte for byte', async () => {
    const bytes = bad();
    const { sent, scan } = await contained(bytes);
    await remove(sent);
    await stage.decide(scan, 'clean');
    await stage.scanIn(sent.ticketId, 'release_refused(ticket_gone)');
    expect((await stage.mail(sent.ticketId, 2)).text).toContain('the ticket no longer exists');
    expect((await stage.download(scan)).equals(bytes)).toBe(true);
  }, 60_000);

  test('a file that Zendesk takes as no upload stays in quarantine and can be downloaded', async () => {
    const bytes = bad();
    const { sent, scan } = await contained(bytes);
    await stage.lazaret.zendeskAdmin.switches({ uploads: { allowedExtensions: ['pdf'] } });
    await stage.decide(scan, 'clean');
    await stage.scanIn(sent.ticketId, 'release_refused(uploads_restricted)');
    await stage.lazaret.zendeskAdmin.switches({ uploads: { allowedExtensions: [] } });
    expect((await stage.mail(sent.ticketId, 2)).subject).toContain('1 file could not be put back');
    expect((await stage.download(scan)).equals(bytes)).toBe(true);
  }, 60_000);
});
