import type { TextRedaction } from '../domain/channel';
import { findWhole } from '../domain/link-text';
import { escapeHtml } from '../domain/text';
import type { ZendeskClient } from './client';
import { isZendeskError } from './errors';
import { canParseUrl } from '../domain/urls';

/**
 * Takes words out of one comment: with Agent Workspace by its HTML, in which whole links and every other place are marked
 * (fact sheet §3.6), else one call for each way in which they are written (§3.7). What the comment does not hold any more is
 * not asked for. No answer proves anything: list again.
 */
export async function redactText(
  client: ZendeskClient,
  agentWorkspace: boolean,
  request: TextRedaction,
): Promise<void> {
  const { ticketId, commentId, texts } = request;
  const comments = await client.tickets.comments(ticketId, 'redact', commentId);
  const comment = comments.find((one) => one.id === commentId);
  if (!comment) return;
  if (agentWorkspace) {
    const html = comment.html_body ?? '';
    const htmlBody = markTexts(html, texts);
    if (htmlBody === html) return;
    try {
      return await client.attachments.redactComment({ ticketId, commentId, contentUrls: [], htmlBody }, 'redact');
    } catch (error) {
      // The account may have left Agent Workspace since its activation.
      if (!isZendeskError(error, 'forbidden', 'record_invalid', 'not_found', 'bad_request')) throw error;
    }
  }
  const plain = comment.plain_body ?? '';
  for (const text of texts.toSorted((a, b) => b.length - a.length)) {
    if (findWhole(plain, text).length === 0) continue;
    await client.attachments.redactText({ ticketId, commentId, text }, 'redact').catch((error: unknown) => {
      // A longer way to write it held this one.
      if (!isZendeskError(error, 'not_found')) throw error;
    });
  }
}

/** Puts `<redact>` around links that lead to one of these addresses, and around the addresses in the text. */
export function markTexts(html: string, texts: readonly string[]): string {
  const targets = new Set(texts.flatMap((text) => [text, normal(text)]));
  const words = [...new Set(texts.flatMap((text) => [text, escapeHtml(text)]))].sort((a, b) => b.length - a.length);
  const out: string[] = [];
  let inside = false;
  for (const [piece] of html.matchAll(/<[^>]*>|[^<]+|</gu)) {
    const href = /^<a\s[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/iu.exec(piece);
    const target = decodeEntities(href?.[1] ?? href?.[2] ?? '');
    if (!inside && href && (targets.has(target) || targets.has(normal(target)))) {
      inside = true;
      out.push('<redact>', piece);
    } else if (inside && /^<\/a\s*>$/iu.test(piece)) {
      inside = false;
      out.push(piece, '</redact>');
    } else out.push(inside || piece.startsWith('<') ? piece : markWords(piece, words));
  }
  return inside ? `${out.join('')}</redact>` : out.join('');
}

function markWords(text: string, words: readonly string[]): string {
  const spans: { start: number; end: number }[] = [];
  for (const word of words) {
    for (const start of findWhole(text, word)) {
      const end = start + word.length;
      if (!spans.some((span) => start < span.end && span.start < end)) spans.push({ start, end });
    }
  }
  let at = 0;
  const out: string[] = [];
  for (const { start, end } of spans.sort((a, b) => a.start - b.start)) {
    out.push(text.slice(at, start), `<redact>${text.slice(start, end)}</redact>`);
    at = end;
  }
  return out.join('') + text.slice(at);
}

function normal(text: string): string {
  return canParseUrl(text) ? new URL(text).href : text;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', '#39': "'", lt: '<', gt: '>' };

function decodeEntities(text: string): string {
  return text.replace(/&(amp|quot|#39|lt|gt);/gu, (_all, name: string) => ENTITIES[name] ?? '');
}
