import { randomBytes } from 'node:crypto';
import { sha256 } from '../../support/hostile';
import type { Sent } from '../../support/hostile';
import { bad, MAX_BYTES, stage } from './stage';

describe('files', () => {
  afterEach(async () => {
    await stage.clearFaults();
    await stage.lazaret.zendeskAdmin.switches({
      download: { mode: 'normal', times: -1, blockedStatus: 200 },
      redaction: { urlLiveRequests: 0 },
    });
    await stage.policy({});
  });

  const text = (): Buffer => Buffer.from(`A harmless line ${randomBytes(6).toString('hex')}.\n`.repeat(40));
  const page = (): Buffer =>
    Buffer.from(`<!DOCTYPE html><html><body><p>${randomBytes(6).toString('hex')}</p></body></html>`);

  /** The file is where it was and has its bytes, and nothing was asked of Zendesk that could change that. */
  async function isUntouched(sent: Sent, bytes: Buffer): Promise<void> {
    expect((await stage.gives(sent.files[0]?.content_url)).equals(bytes)).toBe(true);
    expect(await stage.redactionRequests(sent)).toEqual([]);
  }

  async function isContained(sent: Sent, bytes: Buffer): Promise<void> {
    expect(sha256(await stage.gives(sent.files[0]?.content_url))).not.toBe(sha256(bytes));
    expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
  }

  test('malware named redacted.txt is taken out, and a clean redacted.txt beside it stays', async () => {
    const [malware, clean] = [bad(), text()];
    const sent = await stage.send([
      { name: 'redacted.txt', bytes: malware, contentType: 'text/plain' },
      { name: 'redacted.txt', bytes: clean, contentType: 'text/plain' },
    ]);
    const held = await stage.scanIn(sent.ticketId, 'held');
    const kept = await stage.scanIn(sent.ticketId, 'clean');
    expect([held.sha256, kept.sha256]).toEqual([sha256(malware), sha256(clean)]);
    await isContained(sent, malware);
    expect((await stage.gives(sent.files[1]?.content_url)).equals(clean)).toBe(true);
    const [comment] = await stage.comments(sent.ticketId);
    const listed = comment?.attachments ?? [];
    expect(listed.map((one) => one.file_name)).toEqual(['redacted.txt', 'redacted.txt']);
    for (const one of listed) expect(sha256(await stage.gives(one.content_url))).not.toBe(sha256(malware));
  }, 60_000);

  test.each([
    ['malicious', bad],
    ['clean', text],
  ])(
    'a download that is always cut at 80 %% is tried again, then unscannable: a %s file',
    async (_kind, make) => {
      const bytes = make();
      await stage.lazaret.zendeskAdmin.switches({ download: { mode: 'truncated', fraction: 0.8 } });
      await stage.policy({ unscannable: { truncated: 'note' } });
      const sent = await stage.send([{ name: 'cut.txt', bytes }]);
      const scan = await stage.scanIn(sent.ticketId, 'noted');
      const { scan: told } = await stage.story(scan);
      expect([told.verdict, told.reason]).toEqual(['unscannable', 'truncated']);
      const path = new URL(sent.files[0]?.content_url ?? '').pathname.replace(/\/$/u, '');
      const asked = (await stage.lazaret.agent.requests()).filter((one) => one.path.startsWith(path));
      expect(asked).toHaveLength(3);
      await stage.mail(sent.ticketId);
      const [note, ...more] = await stage.notes(sent.ticketId);
      expect(note?.body).toContain('it arrived incomplete');
      expect(more).toEqual([]);
      await stage.lazaret.zendeskAdmin.switches({ download: { mode: 'normal' } });
      await isUntouched(sent, bytes);
    },
    60_000,
  );

  test('a download that is cut once is scanned whole on the second try', async () => {
    const bytes = bad();
    await stage.lazaret.zendeskAdmin.switches({ download: { mode: 'truncated', fraction: 0.8, times: 1 } });
    const sent = await stage.send([{ name: 'once.com', bytes }]);
    const scan = await stage.scanIn(sent.ticketId, 'held');
    expect([scan.verdict, scan.sha256]).toEqual(['malicious', sha256(bytes)]);
    await isContained(sent, bytes);
  }, 60_000);

  test('where policy contains what arrives incomplete, containment is refused: nothing could be sealed', async () => {
    const bytes = text();
    await stage.lazaret.zendeskAdmin.switches({ download: { mode: 'truncated' } });
    await stage.policy({ unscannable: { truncated: 'contain' } });
    const sent = await stage.send([{ name: 'half.bin', bytes }]);
    await stage.scanIn(sent.ticketId, 'refused(sealed_copy_missing)');
    await stage.mail(sent.ticketId);
    await stage.lazaret.zendeskAdmin.switches({ download: { mode: 'normal' } });
    await isUntouched(sent, bytes);
  }, 60_000);

  test.each([
    ['an HTML file', 'page.html', 'text/html', page],
    ['a PDF', 'plan.pdf', 'application/pdf', () => Buffer.from(`%PDF-1.4\n${randomBytes(6).toString('hex')}\n%%EOF\n`)],
  ])(
    'an HTML page that comes in place of %s is not the file: unscannable, untouched',
    async (_kind, name, type, make) => {
      const bytes = make();
      await stage.lazaret.zendeskAdmin.switches({ download: { mode: 'blocked_page' } });
      const sent = await stage.send([{ name, bytes, contentType: type }]);
      const { scan } = await stage.story(await stage.scanIn(sent.ticketId, 'noted'));
      expect([scan.verdict, scan.reason, scan.sha256]).toEqual(['unscannable', 'malformed', null]);
      await stage.lazaret.zendeskAdmin.switches({ download: { mode: 'normal' } });
      await isUntouched(sent, bytes);
    },
    60_000,
  );

  test.each([
    ['an HTML file, told by a page', 'page.html', 'text/html', 200, page],
    ['a PDF, told by a page', 'plan.pdf', 'application/pdf', 200, text],
    ['a PDF, told by status 403', 'plan.pdf', 'application/pdf', 403, text],
  ])(
    'a file that Zendesk blocks is noted and mailed, never redacted: %s',
    async (_kind, name, type, status, make) => {
      await stage.lazaret.zendeskAdmin.switches({ download: { blockedStatus: status } });
      const sent = await stage.sendAfter([{ name, bytes: make(), contentType: type }], ({ files }) =>
        stage.control(`/attachments/${files[0]?.id}`, { scanResult: 'malware_found' }),
      );
      const { scan, findings, sealedCopy } = await stage.story(await stage.scanIn(sent.ticketId, 'blocked_at_source'));
      expect([scan.verdict, scan.sha256, sealedCopy]).toEqual(['malicious', null, null]);
      expect(findings.map((one) => one.engine)).toEqual(['zendesk']);
      const mail = await stage.mail(sent.ticketId);
      expect(mail.subject).toContain('1 file blocked by Zendesk');
      const [note] = await stage.notes(sent.ticketId);
      expect(note?.body).toContain('Zendesk itself blocks 1 file');
      expect(await stage.redactionRequests(sent)).toEqual([]);
    },
    60_000,
  );

  test('a file that Zendesk blocks is only recorded where policy says so', async () => {
    await stage.policy({ blockedAtSource: 'monitor' });
    const sent = await stage.sendAfter([{ name: 'quiet.bin', bytes: text() }], ({ files }) =>
      stage.control(`/attachments/${files[0]?.id}`, { scanResult: 'malware_found' }),
    );
    const { notes } = await stage.story(await stage.scanIn(sent.ticketId, 'blocked_at_source'));
    expect(notes).toEqual([]);
  }, 60_000);

  test('a redacted file whose old address gives its bytes for a while is contained when it stops', async () => {
    const bytes = bad();
    await stage.lazaret.zendeskAdmin.switches({ redaction: { urlLiveRequests: 2 } });
    const sent = await stage.send([{ name: 'lingering.com', bytes }]);
    await stage.scanIn(sent.ticketId, 'held');
    await isContained(sent, bytes);
    expect(await stage.redactionRequests(sent)).toHaveLength(1);
  }, 60_000);

  test('a redacted file whose old address gives its bytes for ever is refused, and people are told', async () => {
    const bytes = bad();
    await stage.lazaret.zendeskAdmin.switches({ redaction: { urlLiveRequests: -1 } });
    const sent = await stage.send([{ name: 'undead.com', bytes }]);
    await stage.scanIn(sent.ticketId, 'refused(redacted_url_live)');
    const mail = await stage.mail(sent.ticketId);
    expect(mail.text).toContain('Zendesk still gives out the file after redaction');
    const [note, ...more] = await stage.notes(sent.ticketId);
    expect(note?.body).toContain('Please do not open it');
    expect(more).toEqual([]);
    expect(await stage.redactionRequests(sent)).toHaveLength(1);
    expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
  }, 60_000);

  type Listing = { comments: { attachments: Record<string, unknown>[] }[] };
  test.each([
    ['size', (one: Record<string, unknown>) => ({ ...one, size: 4711 })],
    [
      'address',
      (one: Record<string, unknown>) => ({
        ...one,
        content_url: String(one['content_url']).replace(/token\/\w+/u, 'token/Other'),
      }),
    ],
  ])(
    'nothing is redacted when Zendesk lists another %s than the one scanned',
    async (_what, change) => {
      const bytes = bad();
      const sent = await stage.sendAfter([{ name: 'swapped.com', bytes }], async ({ ticketId }) => {
        const path = `/api/v2/tickets/${ticketId}/comments`;
        const body = await stage.lazaret.agent.api<Listing>('GET', `${path}?include_inline_images=true&page[size]=100`);
        for (const comment of body.comments) comment.attachments = comment.attachments.map((one) => change(one));
        await stage.fault({ match: { method: 'GET', path: `${path}\\?.*sort=` }, body, times: -1 });
      });
      await stage.scanIn(sent.ticketId, 'refused(listing_mismatch)');
      await stage.mail(sent.ticketId);
      await isUntouched(sent, bytes);
      expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
    },
    60_000,
  );

  test('a file that is gone before it could be read ends as gone, and nobody is bothered', async () => {
    const sent = await stage.sendAfter([{ name: 'vanished.bin', bytes: text() }], async ({ files }) =>
      stage.lazaret.simulator.world.attachments.remove(files[0]?.id ?? 0),
    );
    const { scan, notes } = await stage.story(await stage.scanIn(sent.ticketId, 'gone'));
    expect([scan.verdict, scan.reason]).toEqual(['unscannable', 'gone']);
    expect(notes).toEqual([]);
  }, 60_000);

  test('an empty file is clean by its content, and shown with its size of 0', async () => {
    const sent = await stage.send([{ name: 'empty.exe', bytes: Buffer.alloc(0) }]);
    const { scan, engines } = await stage.story(await stage.scanIn(sent.ticketId, 'clean'));
    expect([scan.verdict, scan.size, scan.sha256]).toEqual(['clean', 0, sha256(Buffer.alloc(0))]);
    expect(engines.map((one) => one.result)).toEqual(['clean']);
  }, 60_000);

  test('a file larger than allowed is unscannable before a byte of it is read', async () => {
    const bytes = randomBytes(MAX_BYTES + 1);
    const sent = await stage.send([{ name: 'large.bin', bytes }]);
    const { scan } = await stage.story(await stage.scanIn(sent.ticketId, 'noted'));
    expect([scan.verdict, scan.reason, scan.size]).toEqual(['unscannable', 'too_large', null]);
    await isUntouched(sent, bytes);
  }, 60_000);

  test('a file exactly as large as allowed is scanned', async () => {
    const bytes = randomBytes(MAX_BYTES);
    const sent = await stage.send([{ name: 'just.bin', bytes }]);
    const scan = await stage.scanIn(sent.ticketId, 'clean');
    expect(scan.sha256).toBe(sha256(bytes));
  }, 60_000);
});
