import {
  connectionVerifiedMail,
  digestMail,
  investigationAnsweredMail,
  investigationRequestedMail,
  noteMail,
  reconnectNeededMail,
} from '../../email/templates';
import { batch, HOSTILE_NAMES, item } from '../domain/note-fixture';

describe('the mail about a note', () => {
  test('has a subject of ids and counts only', () => {
    expect(noteMail(batch([item(), item()])).subject).toBe('[Lazaret] 2 files quarantined in ticket 48211');
    const mixed = [item(), item({ kind: 'refused', reason: 'ticket_closed' })];
    expect(noteMail(batch(mixed)).subject).toBe(
      '[Lazaret] 1 file could not be removed, 1 file quarantined in ticket 48211',
    );
  });

  test('says what the note says, where, and why the reader gets it', () => {
    const { text, html } = noteMail(batch([item()], { noteRefusal: 'comment_limit' }));
    for (const part of [text, html]) {
      expect(part).toContain('A Word macro that starts PowerShell when opened.');
      expect(part).toContain('The ticket did not take an internal note about this: the ticket takes no more comments.');
      expect(part).toContain('https://acme.zendesk.com/agent/tickets/48211');
      expect(part).toContain('You get this because your address is set for notifications of Acme in Lazaret.');
    }
  });

  test('is one column, safe in dark mode and fetches nothing', () => {
    const { html } = noteMail(batch([item()]));
    expect(html).toContain('color-scheme:light dark');
    expect(html).not.toMatch(/<img|<link|<script|src=|url\(|@import|(?<!-)color:#|background/u);
  });

  test('is the same mail every time', () => {
    expect(noteMail(batch([item()]))).toEqual(noteMail(batch([item()])));
  });

  test.each(HOSTILE_NAMES)('keeps %j out of the subject and harmless in the body', (name) => {
    const hostile = item({ fileName: name, findings: [{ engine: name, what: name, path: [name, name] }] });
    const { subject, text, html } = noteMail(batch([hostile], { organisationName: name, subdomain: name }));
    expect(subject).toBe('[Lazaret] 1 file quarantined in ticket 48211');
    for (const part of [text, html]) {
      expect(part).not.toMatch(/evil\.example|[\u202a-\u202e]|\{[{%]|^Bcc:/mu);
    }
    expect(html).not.toMatch(/<script|<img|<[^>]*\son\w+=/u);
    expect([...html.matchAll(/<a /gu)]).toHaveLength(3);
  });

  test('takes nothing but digits for the ticket', () => {
    expect(noteMail(batch([item()], { ticketId: '1\r\nBcc: a@b.c' })).subject).toBe(
      '[Lazaret] 1 file quarantined in ticket 1',
    );
  });
});

describe('other mails', () => {
  const connection = {
    organisationName: 'Acme <b>',
    connectionId: '01HCONN7A2B',
    subdomain: 'acme',
    connectionUrl: 'https://lazaret.example/connections/1',
  };
  const investigation = {
    organisationName: 'Acme',
    scanId: '01HZX3QK7F3K',
    fileName: '{{x}}<b>.pdf',
    scanUrl: 'https://lazaret.example/scans/1',
    expected: 'clean',
    requestedBy: 'agent',
    requestReason: 'The customer says https://evil.example is fine\nreally',
  } as const;

  test('connection verified', () => {
    const { subject, text, html } = connectionVerifiedMail(connection);
    expect(subject).toBe('[Lazaret] Zendesk connection 7A2B verified');
    expect(text).toContain('Support has checked every part of the connection to the Zendesk account acme');
    expect(html).not.toContain('<b>');
  });

  test('reconnect needed', () => {
    const { subject, text } = reconnectNeededMail(connection);
    expect(subject).toBe('[Lazaret] Zendesk connection 7A2B needs a new sign-in');
    expect(text).toMatch(/^The Zendesk account acme no longer accepts/u);
    expect(text).toContain('https://lazaret.example/connections/1');
  });

  test('investigation requested', () => {
    const { subject, text, html } = investigationRequestedMail(investigation);
    expect(subject).toBe('[Lazaret] Investigation requested for scan 7F3K');
    expect(text).toContain('A Zendesk agent asks the analysts to look again and thinks: clean.');
    expect(text).toContain('hxxps[:]//evil[.]example is fine⟨LF⟩really');
    expect(html).not.toMatch(/<b>|\{\{/u);
  });

  test('investigation answered', () => {
    const { subject, text } = investigationAnsweredMail({
      ...investigation,
      verdict: 'malicious',
      answer: 'A dropper',
    });
    expect(subject).toBe('[Lazaret] Investigation of scan 7F3K answered');
    expect(text).toContain('Their verdict: malicious.');
    expect(text).toContain('A dropper');
  });

  test('digest of 60 notes: newest first, fifty rows, the rest counted', () => {
    const notes = Array.from({ length: 60 }, (_, at) => ({
      batch: batch([item(), item()], { ticketId: String(1000 + at) }),
      at: new Date(Date.UTC(2026, 0, 1, 0, at)),
    }));
    const { subject, text, html } = digestMail('Acme', notes);
    expect(subject).toBe('[Lazaret] Digest: 60 notes');
    expect(text).toContain('60 notes about 120 files, newest first.');
    expect(text.indexOf('ticket 1059')).toBeLessThan(text.indexOf('ticket 1010'));
    expect(text).not.toContain('ticket 1009');
    expect(text).toContain('And 10 more notes, listed in the console.');
    expect([...html.matchAll(/<tr>/gu)]).toHaveLength(51);
  });
});
