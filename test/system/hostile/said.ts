import { Client, Connection } from '@temporalio/client';
import { attachmentReviewId, mailDeliveryId, ticketNotesId } from '../../../domain/ids';
import { until } from '../../../embedded/lazaret-client';
import { sha256 } from '../../support/hostile';
import type { Sent } from '../../support/hostile';
import { bad, stage } from './stage';

describe('what is said', () => {
  const NAMES = [
    '../../etc/cron.d/qqslashqq\\..\\run.exe',
    'qqcontrolqq\u0000\u0007\r\nX-Injected: yes\u001b[31m.txt',
    'qqrtlqq\u202Etxt.exe\u2066',
    'qqplaceholderqq{{ticket.title}}{{current_user.email}}{% for a in (1..9) %}z{% endfor %}.txt',
    'qqhtmlqq<img src=x onerror=alert(1)><b>bold</b><a href="https://evil.example/">here</a>.html',
    `qqlongqq${'x'.repeat(10_000 - 8 - 4)}.txt`,
  ];
  const MARKS = ['qqslashqq', 'qqcontrolqq', 'qqrtlqq', 'qqplaceholderqq', 'qqhtmlqq', 'qqlongqq'];

  describe('file names that were made to harm', () => {
    const files = NAMES.map((name) => ({ name, bytes: bad(), contentType: 'application/octet-stream' }));
    let sent: Sent;
    beforeAll(async () => {
      const { ticket, comment } = await stage.lazaret.agent.createTicket({
        subject: 'ZZEXPANDEDZZ',
        comment: 'six',
        files,
      });
      sent = { ticketId: ticket.id, commentId: comment.id, files: comment.attachments };
      await stage.mail(sent.ticketId);
    }, 60_000);

    test('each such file is scanned, contained and sealed', async () => {
      const scans = await stage.scansOf(sent.ticketId);
      expect(scans.map((one) => one.state)).toEqual(NAMES.map(() => 'held'));
      for (const { bytes } of files) {
        expect(scans.some((one) => one.sha256 === sha256(bytes))).toBe(true);
        expect((await stage.sealedBytes(sha256(bytes))).equals(bytes)).toBe(true);
      }
      for (const [index, one] of sent.files.entries()) {
        expect(sha256(await stage.gives(one.content_url))).not.toBe(sha256(files[index]?.bytes ?? Buffer.alloc(0)));
      }
    });

    test('one note shows all of them harmlessly: nothing expanded, no tag, no link, nothing hidden', async () => {
      const [note, ...more] = await stage.notes(sent.ticketId);
      expect(more).toEqual([]);
      const { html_body: html = '', body = '' } = note ?? {};
      for (const mark of MARKS) expect(body).toContain(mark);
      expect(body).not.toContain('ZZEXPANDEDZZ');
      expect(body).not.toContain('zzzzzzzzz');
      expect(body).not.toMatch(/@(?!\])/u);
      expect(html).not.toMatch(/[\p{Cf}\u0000-\u0009\u000b-\u001f]/u);
      expect(new Set([...html.matchAll(/<\/?([a-z0-9]+)/giu)].map((one) => one[1]))).toEqual(
        new Set(['div', 'p', 'strong', 'code', 'a']),
      );
      const links = [...html.matchAll(/href="([^"]*)"/gu)].map((one) => one[1] ?? '');
      expect(links.filter((one) => !one.startsWith(`${stage.lazaret.apiUrl}/`))).toEqual([]);
      expect(body.length).toBeLessThan(12_000);
    });

    test("the mail's subject and headers hold ids only, its text shows the names harmlessly", async () => {
      const mail = await stage.mail(sent.ticketId);
      for (const mark of MARKS) expect(mail.subject).not.toContain(mark);
      for (const mark of MARKS) expect(mail.text).toContain(mark);
      const raw = await (await fetch(`${stage.lazaret.inbox.url}/messages/${mail.id}/raw`)).text();
      const headers = raw.slice(0, raw.search(/\r?\n\r?\n/u));
      expect(headers).not.toMatch(/qq|Injected/u);
      expect(mail.html).not.toMatch(/<img|<b>|evil\.example/u);
      expect(mail.text).not.toContain('evil.example');
    });

    test('no name appears in a log, in a history or in a search attribute of Temporal', async () => {
      const { temporal, connectionId, database } = stage.lazaret;
      const scans = await stage.scansOf(sent.ticketId);
      const ticketId = String(sent.ticketId);
      const ids = scans.map((one) => attachmentReviewId({ connectionId, ticketId, attachmentId: one.attachmentId }));
      const { rows } = await database.withService((db) => db.query<{ id: string }>('select id from email_outbox'));
      const connection = await Connection.connect({ address: temporal.address });
      const client = new Client({ connection, namespace: temporal.namespace });
      let told = '';
      for (const id of [...ids, ticketNotesId(connectionId, ticketId), ...rows.map((row) => mailDeliveryId(row.id))]) {
        const handle = client.workflow.getHandle(id);
        told += textIn(await handle.fetchHistory()) + JSON.stringify((await handle.describe()).searchAttributes);
      }
      await connection.close();
      expect(told).toContain('itemId');
      expect(told).not.toMatch(/qq\w+qq|security@acme|content_url|attachments\/token/u);
      expect(stage.lazaret.logs()).not.toMatch(/qq\w+qq|security@acme|attachments\/token/u);
    });

    test('such a file comes back byte for byte when it is decided to be clean', async () => {
      const scans = await stage.scansOf(sent.ticketId);
      for (const scan of scans) await stage.decide(scan, 'clean');
      for (const scan of scans)
        await until('the release', async () =>
          (await stage.story(scan)).scan.state === 'released' ? true : undefined,
        );
      const returned = (await stage.notes(sent.ticketId)).flatMap((note) => note.attachments);
      const hashes = await Promise.all(returned.map(async (one) => sha256(await stage.gives(one.content_url))));
      expect(hashes.sort()).toEqual(files.map((one) => sha256(one.bytes)).sort());
      expect(stage.lazaret.logs()).not.toMatch(/qq\w+qq/u);
    }, 60_000);
  });

  /** Everything readable in a history: payloads are bytes in it. */
  function textIn(value: unknown): string {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
    if (Array.isArray(value)) return value.map(textIn).join('\n');
    if (typeof value === 'object' && value !== null)
      return Object.entries(value)
        .map(([key, one]) => `${key}=${textIn(one)}`)
        .join('\n');
    return String(value);
  }

  describe('a mail server in trouble', () => {
    afterEach(async () => {
      await stage.mailSwitches({});
      await stage.policy({});
    });
    const heldOn = async (sent: Sent) => stage.story(await stage.scanIn(sent.ticketId, 'held'));
    const mailRow = async (sent: Sent) => (await heldOn(sent)).mails[0];
    const sentOff = (sent: Sent) =>
      until('the mail row', async () => ((await mailRow(sent))?.state === 'sent' ? mailRow(sent) : undefined));

    test('while it takes no mail the note is there, and the mail arrives when it is back', async () => {
      await stage.mailSwitches({ refuse: '421' });
      const sent = await stage.send([{ name: 'a.com', bytes: bad() }]);
      await until('two tries', async () => (((await mailRow(sent))?.attempts ?? 0) >= 2 ? true : undefined));
      expect(await stage.notes(sent.ticketId)).toHaveLength(1);
      expect(await stage.mails(sent.ticketId)).toEqual([]);
      await stage.mailSwitches({});
      expect(await sentOff(sent)).toMatchObject({ ambiguous: false });
      expect(await stage.mails(sent.ticketId)).toHaveLength(1);
      expect(await stage.notes(sent.ticketId)).toHaveLength(1);
    }, 60_000);

    test('a connection that is cut after the message is repeated with the same Message-ID, recorded as ambiguous', async () => {
      // The cut is for this test's mail: nobody else's may be on its way.
      await until('a quiet outbox', async () => {
        const sql = "select from email_outbox where state in ('pending', 'sending')";
        const { rowCount } = await stage.lazaret.database.withService((db) => db.query(sql));
        return rowCount === 0 ? true : undefined;
      });
      await stage.mailSwitches({ cutAfterData: 1 });
      const sent = await stage.send([{ name: 'b.com', bytes: bad() }]);
      expect(await sentOff(sent)).toMatchObject({ ambiguous: true, attempts: 2 });
      const mails = await stage.mails(sent.ticketId);
      expect(mails).toHaveLength(2);
      expect(new Set(mails.map((one) => one.messageId)).size).toBe(1);
      expect(await stage.notes(sent.ticketId)).toHaveLength(1);
    }, 60_000);

    test('an address that is refused for good is recorded as refused, and the others get their mail', async () => {
      await stage.policy({ notificationAddresses: ['gone@acme.example', 'security@acme.example'] });
      await stage.mailSwitches({ refuse: '550', refuseOnly: 'gone@acme.example' });
      const sent = await stage.send([{ name: 'c.com', bytes: bad() }]);
      const rows = await until('both ends', async () => {
        const { mails } = await heldOn(sent);
        return mails.length === 2 && mails.every((one) => ['sent', 'refused'].includes(one.state)) ? mails : undefined;
      });
      expect(Object.fromEntries(rows.map((one) => [one.address, one.state]))).toEqual({
        'gone@acme.example': 'refused',
        'security@acme.example': 'sent',
      });
      expect((await stage.mails(sent.ticketId)).map((one) => one.to)).toEqual([['security@acme.example']]);
    }, 60_000);
  });
});
