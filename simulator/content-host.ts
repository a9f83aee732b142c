import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Answer, Call, Route } from './http';
import { html, notFound, redirect, Refusal, route } from './http';
import type { Account, Attachment } from './model';
import type { Switches } from './switches';
import { escapeHtml } from './ticket-changes';
import { forgetBytes } from './upload-tokens';
import { settleScan } from './zendesk-scan';
import type { World } from './world';

const CONTENT_KEY = 'signs addresses of the content host for ten minutes';
const LIFE_SECONDS = 600;

const signatureOf = (token: string, expires: string): string =>
  createHmac('sha256', CONTENT_KEY).update(`${token}.${expires}`).digest('hex');

/** `GET /attachments/token/…`: leads to the content host; the token is the permission unless attachments are private. */
function openContentUrl(call: Call): Answer {
  const token = call.params['token'] ?? '';
  const settings = call.account.switches;
  if (settings.privateAttachments && call.identity === undefined) {
    if (settings.privateRefusalStatus === 302)
      return redirect(`${call.origin}/access/login?return_to=${encodeURIComponent(call.path)}`);
    throw new Refusal(settings.privateRefusalStatus, { error: "Couldn't authenticate you" });
  }
  if (findFile(call.world, call.account, token) === undefined) throw notFound();
  const expires = String(Math.floor(call.world.clock() / 1000) + LIFE_SECONDS);
  const name = encodeURIComponent(call.query.get('name') ?? '');
  const query = `name=${name}&expires=${expires}&signature=${signatureOf(token, expires)}`;
  return redirect(`${call.contentOrigin}/attachment/${call.account.id}/${token}/?${query}`);
}

export const contentRoutes: Route[] = [
  route('GET', '/attachments/token/:token', 'anonymous', undefined, openContentUrl),
];

interface File {
  fileName: string;
  contentType: string;
  blobId: string;
  attachment: Attachment | undefined;
}

function findFile(world: World, account: Account, token: string): File | undefined {
  const id = world.links.get(token)?.attachmentId;
  const attachment = id === undefined ? undefined : world.attachments.get(id);
  if (attachment !== undefined) return attachment.accountId === account.id ? { ...attachment, attachment } : undefined;
  const dead = world.deadLinks.get(token);
  return dead?.accountId === account.id ? { ...dead, attachment: undefined } : undefined;
}

/** An old address that still works is used up by downloads. */
function countDownload(world: World, token: string): void {
  const dead = world.deadLinks.get(token);
  if (dead === undefined || dead.remaining < 0) return;
  if (dead.remaining > 1) {
    world.deadLinks.put(token, { ...dead, remaining: dead.remaining - 1 });
    return;
  }
  world.deadLinks.remove(token);
  forgetBytes(world, dead.blobId);
}

const CONTENT_PATH = /^\/attachment\/(\d+)\/([A-Za-z0-9]+)\/?$/;

/** Answers a request to the content host (`*.zdusercontent.com`), which must never see credentials. */
export function answerContent(world: World, method: string, url: URL, authorization: string | undefined): Answer {
  if (authorization !== undefined) {
    world.violation('The content host received an Authorization header.', null, method, url.pathname);
    return html('Only one auth mechanism allowed', 400);
  }
  const match = CONTENT_PATH.exec(url.pathname);
  const account = match === null ? undefined : world.accounts.get(match[1] ?? '');
  const token = match?.[2] ?? '';
  if (account === undefined || (method !== 'GET' && method !== 'HEAD')) return html('Not found', 404);
  const expires = url.searchParams.get('expires') ?? '';
  const given = Buffer.from(url.searchParams.get('signature') ?? '');
  const wanted = Buffer.from(signatureOf(token, expires));
  const fresh = Number(expires) * 1000 >= world.clock();
  if (!fresh || given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return html('Request has expired', 403);
  const file = findFile(world, account, token);
  const bytes = file === undefined ? undefined : world.blobs.get(file.blobId);
  if (file === undefined || bytes === undefined) return html('Not found', 404);
  const blocked =
    file.attachment !== undefined &&
    settleScan(world, file.attachment) === 'malware_found' &&
    !file.attachment.malwareAccessOverride;
  if (blocked) return blockPage(file.fileName, account.switches.download.blockedStatus);
  countDownload(world, token);
  return serve(takeMode(world, account), file, bytes, account.switches);
}

/** The page that stands in place of a file which Zendesk's scan found malicious. */
export function blockPage(fileName: string, status: number): Answer {
  const name = escapeHtml(fileName);
  const page = `<!DOCTYPE html><html><head><title>Malicious attachment</title></head><body><h1>This file is malicious</h1>
<p>${name} was identified as malware and cannot be downloaded.</p></body></html>`;
  return html(page, status);
}

/** The download mode in force; counts down where it was ordered for some downloads only. */
function takeMode(world: World, account: Account): string {
  const settings = account.switches.download;
  if (settings.mode === 'normal' || settings.times === 0) return 'normal';
  if (settings.times > 0) {
    const download = { ...settings, times: settings.times - 1 };
    world.accounts.put(account.id, Object.assign(account, { switches: { ...account.switches, download } }));
  }
  return settings.mode;
}

function serve(mode: string, file: File, bytes: Buffer, switches: Switches): Answer {
  const { fraction, chunkBytes, chunkDelayMs, blockedStatus } = switches.download;
  const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(file.fileName)}`;
  const headers = {
    'content-type': file.contentType,
    'content-length': String(bytes.length),
    'content-disposition': disposition,
    'x-content-type-options': 'nosniff',
  };
  const plain: Answer = { status: 200, headers, body: bytes };
  switch (mode) {
    case 'blocked_page':
      return blockPage(file.fileName, blockedStatus);
    case 'not_found':
      return html('Not found', 404);
    case 'encoded':
      return { ...plain, headers: { ...headers, 'content-encoding': 'gzip' } };
    case 'truncated':
      return { ...plain, write: (response) => cut(response, bytes.subarray(0, Math.floor(bytes.length * fraction))) };
    case 'wrong_length': {
      // Complete as HTTP goes, but shorter than the attachment that the API lists.
      const part = bytes.subarray(0, Math.floor(bytes.length * fraction));
      return { status: 200, headers: { ...headers, 'content-length': String(part.length) }, body: part };
    }
    case 'no_length': {
      const rest = { 'content-type': file.contentType, 'content-disposition': disposition };
      return { status: 200, headers: rest, body: '', write: (response) => response.end(bytes) };
    }
    case 'slow':
      return { ...plain, write: (response) => drip(response, bytes, chunkBytes, chunkDelayMs) };
    default:
      return plain;
  }
}

function cut(response: ServerResponse, part: Buffer): void {
  response.write(part, () => setImmediate(() => response.destroy()));
}

function drip(response: ServerResponse, bytes: Buffer, size: number, delayMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(at, at + size));
    at += size;
    if (at < bytes.length) return;
    clearInterval(timer);
    response.end();
  }, delayMs);
  response.on('close', () => clearInterval(timer));
}
