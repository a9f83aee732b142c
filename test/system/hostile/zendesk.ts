import { until } from '../../../embedded/lazaret-client';
import { sha256 } from '../../support/hostile';
import type { Sent } from '../../support/hostile';
import { bad, stage, text } from './stage';

describe('Zendesk', () => {
  /** Contained once, noted once, and the bytes are sealed. */
  async function isContainedOnce(sent: Sent, bytes: Buffer): Promise<void> {
    const scan = await stage.scanIn(sent.ticketId, 'held');
    expect(scan.sha256).toBe(sha256(bytes));
    await stage.mail(sent.ticketId);
    expect(await stage.lazaret.agent.updates(sent.ticketId)).toMatchObject({ redactions: 1, notes: 1 });
    expect(sha256(await stage.gives(sent.files[0]?.content_url))).not.toBe(sha256(bytes));
    expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
  }

  describe('Zendesk refuses for a while, or nobody knows what it did: one redaction, one note', () => {
    const limited = {
      error: 'APIRateLimitExceeded',
      description: 'Number of allowed API requests per minute exceeded',
    };
    const troubles: [string, Record<string, unknown>][] = [
      ['429 as JSON', { status: 429, body: limited, retryAfter: 1 }],
      ['429 as text', { status: 429, bodyText: limited.description, retryAfter: 1 }],
      ['503 with Retry-After', { status: 503, html: '<h1>Maintenance</h1>', retryAfter: 1 }],
      ['503 without Retry-After', { status: 503, html: '<h1>Maintenance</h1>' }],
      ['a connection cut before handling', { dropConnection: true }],
      ['a connection cut after handling', { dropConnectionAfterHandling: true }],
    ];
    const cases = troubles.flatMap(([name, fault]) =>
      (['redaction', 'note'] as const).map((call) => ({ name, fault, call, bytes: bad() })),
    );
    const sent = new Map<object, Sent>();
    beforeAll(async () => {
      for (const one of cases) {
        const add = ({ ticketId }: Sent) => {
          const path =
            one.call === 'note' ? `/api/v2/tickets/${ticketId}$` : `/api/v2/tickets/${ticketId}/comments/.*/redact$`;
          return stage.fault({ match: { method: 'PUT', path }, ...one.fault });
        };
        sent.set(one, await stage.sendAfter([{ name: 'trouble.com', bytes: one.bytes }], add));
      }
    }, 60_000);

    test.each(cases.map((one) => ({ ...one, one })))(
      '$name at the $call',
      async ({ one }) => {
        const opened = sent.get(one);
        if (!opened) throw new Error('the ticket was not opened');
        await isContainedOnce(opened, one.bytes);
      },
      60_000,
    );
  });

  test('a user without the right to redact: refused, noted, mailed, the file untouched and sealed', async () => {
    const bytes = bad();
    const { user } = await stage.lazaret.zendeskAdmin.api<{ user: { id: number } }>('GET', '/api/v2/users/me');
    const customRole = { ticketRedaction: false, manageWebhooks: true };
    await stage.control('/users', { account: 'acme', id: user.id, role: 'agent', customRole });
    const sent = await stage.send([{ name: 'forbidden.com', bytes }]);
    await stage.scanIn(sent.ticketId, 'refused(redaction_forbidden)');
    const mail = await stage.mail(sent.ticketId);
    await stage.control('/users', { account: 'acme', id: user.id, role: 'admin' });
    expect(mail.text).toContain('Zendesk does not allow the connected user to redact here');
    const [note, ...more] = await stage.notes(sent.ticketId);
    expect(note?.body).toContain('Please do not open it');
    expect(more).toEqual([]);
    expect((await stage.gives(sent.files[0]?.content_url)).equals(bytes)).toBe(true);
    expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
  }, 60_000);

  /** Revokes tokens when the redaction is on its way: its request is held at Zendesk's door meanwhile. */
  async function revokeDuringRedaction(bytes: Buffer, what: { refresh: boolean }): Promise<Sent> {
    const before = stage.lazaret.steps().filter((step) => step === 'before-redaction').length;
    const sent = await stage.sendAfter([{ name: 'revoked.com', bytes }], ({ ticketId }) =>
      stage.fault({ match: { method: 'PUT', path: `/tickets/${ticketId}/comments/.*/redact$` }, delayMs: 1500 }),
    );
    await until('the redaction', async () =>
      stage.lazaret.steps().filter((step) => step === 'before-redaction').length > before ? true : undefined,
    );
    await stage.control('/revoke', { account: 'acme', ...what });
    return sent;
  }

  test('an access token revoked in the middle of a redaction is renewed, and the redaction finished', async () => {
    const bytes = bad();
    const sent = await revokeDuringRedaction(bytes, { refresh: false });
    await isContainedOnce(sent, bytes);
    expect((await stage.redactionRequests(sent)).map((one) => one.status)).toEqual([401, 200]);
  }, 60_000);

  test('all tokens revoked in the middle of a redaction: it waits, admins are mailed, and after sign-in it is finished', async () => {
    const bytes = bad();
    const sent = await revokeDuringRedaction(bytes, { refresh: true });
    await stage.scanIn(sent.ticketId, 'waiting(reconnect_needed)');
    expect(await stage.connection()).toMatchObject({ state: 'reconnect_needed' });
    const mails = await until('the mail about the sign-in', async () => {
      const found = (await stage.lazaret.inbox.messages()).filter((mail) => mail.subject.includes('Reconnect needed'));
      return found.length > 0 ? found : undefined;
    });
    expect(mails.map((mail) => mail.to)).toEqual([['security@acme.example']]);
    expect((await stage.gives(sent.files[0]?.content_url)).equals(bytes)).toBe(true);
    const meanwhile = text();
    const later = await stage.send([{ name: 'meanwhile.txt', bytes: meanwhile }]);
    await stage.scanIn(later.ticketId, 'waiting(reconnect_needed)');
    await stage.signInAgain();
    await isContainedOnce(sent, bytes);
    expect((await stage.scanIn(later.ticketId, 'clean')).sha256).toBe(sha256(meanwhile));
  }, 90_000);

  test("events that overtake the answer to our own note start nothing, and a customer's file of that moment is scanned", async () => {
    const [bytes, customers] = [bad(), text()];
    const { ticketId } = await stage.send([{ name: 'returned.com', bytes }]);
    const held = await stage.scanIn(ticketId, 'held');
    await stage.mail(ticketId);
    await stage.lazaret.zendeskAdmin.switches({ webhooks: { duplicate: true, reorder: true, delayMs: 20 } });
    await stage.fault({ match: { method: 'PUT', path: `/api/v2/tickets/${ticketId}$` }, delayAnswerMs: 2500 });
    await stage.decide(held, 'clean');
    await until('our note', async () => ((await stage.notes(ticketId)).length === 2 ? true : undefined));
    await stage.send([{ name: 'customers.txt', bytes: customers }], ticketId);
    expect((await stage.scanIn(ticketId, 'clean', 'customers.txt')).sha256).toBe(sha256(customers));
    await stage.scanIn(ticketId, 'released');
    await stage.mail(ticketId, 2);
    await stage.lazaret.zendeskAdmin.switches({ webhooks: { duplicate: false, reorder: false, delayMs: 0 } });
    const scans = await stage.scansOf(ticketId);
    expect(scans).toHaveLength(3);
    const [copy, ...others] = scans.filter((one) => one.releasedFrom === held.id);
    expect(others).toEqual([]);
    expect(copy).toMatchObject({ state: 'clean', sha256: sha256(bytes) });
    expect(await stage.lazaret.agent.updates(ticketId)).toMatchObject({ redactions: 1, notes: 2 });
    const returned = (await stage.notes(ticketId)).flatMap((note) => note.attachments);
    expect(returned).toHaveLength(1);
    expect((await stage.gives(returned[0]?.content_url)).equals(bytes)).toBe(true);
  }, 60_000);

  test('webhooks that come twice, late and out of order do nothing twice', async () => {
    const files = [bad(), bad(), bad()];
    await stage.lazaret.zendeskAdmin.switches({ webhooks: { duplicate: true, reorder: true, delayMs: 30 } });
    const sent = await stage.send(files.map((bytes, index) => ({ name: `twice-${index}.com`, bytes })));
    await stage.mail(sent.ticketId);
    await stage.lazaret.zendeskAdmin.switches({ webhooks: { duplicate: false, reorder: false, delayMs: 0 } });
    const scans = await stage.scansOf(sent.ticketId);
    expect(scans.map((one) => one.state)).toEqual(['held', 'held', 'held']);
    expect(await stage.lazaret.agent.updates(sent.ticketId)).toMatchObject({ redactions: 3, notes: 1 });
    expect(await stage.mails(sent.ticketId)).toHaveLength(1);
  }, 60_000);

  test('on a deactivated connection work waits, a decision for release is refused, and the file can be downloaded', async () => {
    const [bytes, waiting] = [bad(), text()];
    const { ticketId } = await stage.send([{ name: 'left.com', bytes }]);
    const held = await stage.scanIn(ticketId, 'held');
    await stage.mail(ticketId);
    const sent = await stage.sendAfter([{ name: 'unread.txt', bytes: waiting }], ({ files }) => {
      const { pathname } = new URL(files[0]?.content_url ?? '');
      return stage.fault({
        match: { path: pathname.replace(/\/$/u, '') },
        status: 503,
        html: 'no',
        retryAfter: 1,
        times: -1,
      });
    });
    await stage.scanIn(sent.ticketId, 'waiting(zendesk_unavailable)');
    const path = `/api/v1/organisations/${stage.lazaret.organisationId}/channels/zendesk/connection/deactivate`;
    const { openHolds } = await stage.lazaret.admin.call<{ openHolds: number }>('POST', path);
    expect(openHolds).toBeGreaterThan(0);
    await until('the end of the connection', async () =>
      (await stage.connection()).state === 'deactivated' ? true : undefined,
    );
    await stage.scanIn(sent.ticketId, 'waiting(not_active)');
    await stage.decide(held, 'clean');
    await stage.scanIn(ticketId, 'release_refused(not_active)');
    expect((await stage.mail(ticketId, 2)).subject).toContain('1 file could not be put back');
    expect((await stage.download(held)).equals(bytes)).toBe(true);
    await stage.clearFaults();
    await stage.signInAgain();
    expect((await stage.scanIn(sent.ticketId, 'clean')).sha256).toBe(sha256(waiting));
  }, 90_000);
});
