import type { NoteBatch, NoteItem } from '../../domain/note';

export function item(changes: Partial<NoteItem> = {}): NoteItem {
  return {
    kind: 'contained',
    scanId: '01HZX3QK7F3K',
    fileName: 'invoice.7z',
    size: 38 * 1024,
    sha256: `275a${'0'.repeat(56)}fd0f`,
    verdict: 'malicious',
    findings: [
      {
        engine: 'yara',
        what: 'A Word macro that starts PowerShell when opened',
        path: ['invoice.7z', 'order.docm'],
      },
      { engine: 'clamav', what: 'A known signature matches.', path: [] },
    ],
    scanUrl: 'https://lazaret.example/scans/01HZX3QK7F3K',
    investigateUrl: 'https://lazaret.example/scans/01HZX3QK7F3K?investigate=1',
    ...changes,
  };
}

export function batch(items: NoteItem[], changes: Partial<NoteBatch> = {}): NoteBatch {
  return {
    key: 'batch-1',
    organisationName: 'Acme',
    subdomain: 'acme',
    ticketId: '48211',
    ticketUrl: 'https://acme.zendesk.com/agent/tickets/48211',
    retentionDays: 365,
    items,
    ...changes,
  };
}

export const HOSTILE_NAMES = [
  '<img src=x onerror=alert(1)>.pdf',
  '{{ticket.requester.email}}.pdf',
  '{% assign x = 1 %}.docx',
  '&#123;&#123;ticket.id}}',
  'invoice\u202ecod.exe',
  'a\r\nBcc: victim@example.com\r\n\r\n.pdf',
  '../../etc/passwd',
  'https://evil.example/login.html',
  `"><a href="https://evil.example">click</a>`,
  `${'x'.repeat(10_000)}.docm`,
  '</code></p><script>alert(1)</script>',
];
