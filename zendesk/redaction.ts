import type { RedactionRequest } from '../domain/channel';
import type { ZendeskClient } from './client';
import { isZendeskError } from './errors';
import { canParseUrl } from '../domain/urls';

/**
 * Takes files out of one comment with as few updates as the account allows (fact sheet §3.5, §3.6). Several files go in
 * one `comment_redactions` call where Agent Workspace is on; a single file, an inline image, and accounts without Agent
 * Workspace take one call per file. A closed ticket knows only `comment_redactions`, in which images are marked in the
 * comment's HTML. No answer proves anything: list and fetch.
 * @returns how many update requests were made
 * @throws ZendeskError `ticket_closed` where the ticket is closed and Agent Workspace is off
 */
export async function redact(
  client: ZendeskClient,
  agentWorkspace: boolean,
  request: RedactionRequest,
): Promise<{ requests: number }> {
  if (!agentWorkspace) return { requests: (await oneByOne(client, request)).requests };
  const only = (inline: boolean): RedactionRequest => ({
    ...request,
    attachments: request.attachments.filter((one) => (one.inline === true) === inline),
  });
  return { requests: (await redactFiles(client, only(false))) + (await redactImages(client, only(true))) };
}

async function redactFiles(client: ZendeskClient, request: RedactionRequest): Promise<number> {
  if (request.attachments.length === 0) return 0;
  if (request.attachments.length === 1) return single(client, request);
  try {
    await together(client, request);
    return 1;
  } catch (error) {
    // Messaging comments, an account that left Agent Workspace since its activation, and whatever else this call does not
    // take, may still be redacted file by file.
    if (!isZendeskError(error, 'record_invalid', 'not_found', 'bad_request', 'forbidden')) throw error;
    return 1 + (await oneByOne(client, request)).requests;
  }
}

async function redactImages(client: ZendeskClient, request: RedactionRequest): Promise<number> {
  try {
    return (await oneByOne(client, request)).requests;
  } catch (error) {
    if (!isZendeskError(error, 'ticket_closed', 'record_invalid')) throw error;
    const { ticketId, commentId } = request;
    const comments = await client.tickets.comments(ticketId, 'redact', commentId);
    const html = comments.find((one) => one.id === commentId)?.html_body ?? '';
    const htmlBody = markImages(
      html,
      request.attachments.map((one) => one.contentUrl),
    );
    if (htmlBody === html) throw error;
    await client.attachments.redactComment({ ticketId, commentId, contentUrls: [], htmlBody }, 'redact');
    return 2;
  }
}

/** Adds the attribute `redact` to images with one of these addresses; name parameters and escapes may differ. */
function markImages(html: string, contentUrls: readonly string[]): string {
  const pathOf = (address: string): string => {
    const plain = address.replace(/&amp;/g, '&');
    return canParseUrl(plain, 'https://x') ? new URL(plain, 'https://x').pathname : '';
  };
  const paths = contentUrls.map(pathOf);
  return html.replace(/<img\b[^>]*>/gi, (tag) => {
    const source = /\ssrc\s*=\s*["']([^"']*)["']/i.exec(tag)?.[1];
    if (source === undefined || !paths.includes(pathOf(source))) return tag;
    return tag.replace(/\s*\/?>$/, ' redact>');
  });
}

/** A single file: how Zendesk words its refusal on closed tickets is unconfirmed, so "unknown" gets the other call too. */
async function single(client: ZendeskClient, request: RedactionRequest): Promise<number> {
  try {
    const { requests, unknown } = await oneByOne(client, request);
    if (unknown === 0) return requests;
  } catch (error) {
    if (!isZendeskError(error, 'ticket_closed', 'record_invalid')) throw error;
    await together(client, request);
    return 2;
  }
  await together(client, request).catch((error: unknown) => {
    if (!isZendeskError(error, 'not_found')) throw error;
  });
  return 2;
}

function together(client: ZendeskClient, request: RedactionRequest): Promise<void> {
  const contentUrls = request.attachments.map((one) => one.contentUrl);
  const { ticketId, commentId } = request;
  return client.attachments.redactComment({ ticketId, commentId, contentUrls }, 'redact');
}

async function oneByOne(
  client: ZendeskClient,
  request: RedactionRequest,
): Promise<{ requests: number; unknown: number }> {
  let unknown = 0;
  for (const { id } of request.attachments) {
    const ids = { ticketId: request.ticketId, commentId: request.commentId, attachmentId: id };
    try {
      await client.attachments.redact(ids, 'redact');
    } catch (error) {
      // What an earlier try has redacted may be unknown by now; whether it is gone is proven by bytes, not here.
      if (!isZendeskError(error, 'not_found')) throw error;
      unknown += 1;
    }
  }
  return { requests: request.attachments.length, unknown };
}
