import type { Paragraph } from '../domain/note';
import { paragraphsToHtml, paragraphsToText } from '../domain/note';
import { escapeHtml } from '../domain/text';

/** A mail's content: subject of ids and counts, text and HTML with the same words. */
export interface MailContent {
  subject: string;
  text: string;
  html: string;
}

/** A table of plain cells, already harmless; each row may lead to one of our own pages. */
export interface MailTable {
  head: readonly string[];
  rows: readonly { cells: readonly string[]; link?: string }[];
}

const STYLE =
  ':root{color-scheme:light dark;supported-color-schemes:light dark}' +
  'body{margin:0;padding:16px;font:16px/1.5 -apple-system,"Segoe UI",Roboto,sans-serif}' +
  'main{max-width:600px;margin:0 auto}code{overflow-wrap:anywhere}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:6px 8px 6px 0}' +
  '.footer{font-size:13px;opacity:.75;border-top:1px solid #8888;margin-top:24px}';

/**
 * Lays out a mail: one column, colours left to the reader's theme, nothing fetched from anywhere.
 * @param subject ids and counts only; `[Lazaret]` is put before it
 */
export function layOutMail(
  subject: string,
  paragraphs: readonly Paragraph[],
  footer: string,
  table?: MailTable,
): MailContent {
  const text = [paragraphsToText(paragraphs), ...(table ? [tableToText(table)] : [])].join('\n\n');
  const parts = [paragraphsToHtml(paragraphs), ...(table ? [tableToHtml(table)] : [])].join('\n');
  const title = `[Lazaret] ${subject}`;
  return {
    subject: title,
    text: `${text}\n\n-- \n${footer}\n`,
    html:
      '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
      '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">' +
      `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>\n<body><main>\n${parts}\n` +
      `<p class="footer">${escapeHtml(footer)}</p>\n</main></body></html>\n`,
  };
}

function tableToText(table: MailTable): string {
  return table.rows
    .map((row) => `- ${row.cells.join(' · ')}${row.link === undefined ? '' : `\n  ${row.link}`}`)
    .join('\n');
}

function tableToHtml(table: MailTable): string {
  const head = table.head.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('');
  const rows = table.rows.map((row) => {
    const [first = '', ...rest] = row.cells;
    const lead =
      row.link === undefined ? escapeHtml(first) : `<a href="${escapeHtml(row.link)}">${escapeHtml(first)}</a>`;
    return `<tr><td>${lead}</td>${rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
