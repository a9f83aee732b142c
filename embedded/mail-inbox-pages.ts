import { escapeHtml, showHidden } from '../domain/text';
import type { InboxMessage } from './mail-inbox';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}' +
  'table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem;border-bottom:1px solid #8888}' +
  'pre{white-space:pre-wrap;overflow-wrap:anywhere}';

/** The list of mails, newest first. */
export function inboxPage(messages: readonly InboxMessage[]): string {
  const rows = [...messages]
    .reverse()
    .map(
      (mail) =>
        `<tr><td>${shown(mail.receivedAt)}</td><td>${shown(mail.to.join(', '))}</td>` +
        `<td><a href="/mail/${shown(mail.id)}">${shown(mail.subject || '(no subject)')}</a></td></tr>`,
    )
    .join('');
  const list = `<table><thead><tr><th>When</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows}</tbody></table>`;
  return page('Mail inbox', messages.length === 0 ? '<p>No mail has arrived yet.</p>' : list);
}

/** One mail as plain text: its HTML part is never rendered here. */
export function mailPage(mail: InboxMessage): string {
  const heads = [
    ['When', mail.receivedAt],
    ['From', mail.from],
    ['To', mail.to.join(', ')],
    ['Message-ID', mail.messageId],
  ];
  const table = heads.map(([name = '', value = '']) => `<tr><th>${shown(name)}</th><td>${shown(value)}</td></tr>`);
  const raw = `<a href="/messages/${shown(mail.id)}/raw">As received</a> · <a href="/">All mails</a>`;
  return page(
    mail.subject || '(no subject)',
    `<table>${table.join('')}</table><pre>${lines(mail.text)}</pre><p>${raw}</p>`,
  );
}

function page(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${shown(title)}</title><style>${STYLE}</style></head><body><h1>${shown(title)}</h1>${body}</body></html>`
  );
}

function shown(text: string): string {
  return escapeHtml(showHidden(text));
}

function lines(text: string): string {
  return text.split('\n').map(shown).join('\n');
}
