import { buffer } from 'node:stream/consumers';
import type { ServerResponse } from 'node:http';
import type { FetchOutcome } from '../../../domain/channel';
import { ZendeskError } from '../../../zendesk/errors';
import { attachmentRecord, json, type ScriptedZendesk } from './scripted-zendesk';

export const FIRST = 'https://acme.zendesk.com/attachments/token/AbC/?name=invoice.pdf';
export const CONTENT = 'https://p1.zdusercontent.com/signed/1?sig=x';
export const FILE = '0123456789';
export const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** Who answers what while a file is downloaded. */
export interface Parts {
  /** Answers of the account's own hosts to the file's address; default: a redirect to the content host. */
  own?: (response: ServerResponse, host: string, path: string) => void;
  content?: (response: ServerResponse) => void;
  /** Answer to `GET attachments/5`; default: none, and asking for it fails the test. */
  record?: (response: ServerResponse) => void;
}

export const redirect = (response: ServerResponse, location: string): void =>
  void response.writeHead(302, { location }).end();

/** Lets the scripted Zendesk answer so. */
export function serve(zendesk: ScriptedZendesk, parts: Parts): void {
  zendesk.use(({ host, path }, response) => {
    if (path.startsWith('/api/v2/attachments/5')) {
      return parts.record ? parts.record(response) : json(response, 500, {});
    }
    if (host.endsWith('.zdusercontent.com')) return (parts.content ?? ((r) => r.end(FILE)))(response);
    return (parts.own ?? ((r) => redirect(r, CONTENT)))(response, host, path);
  });
}
export const recordOf =
  (change: Record<string, unknown> = {}) =>
  (response: ServerResponse) =>
    json(response, 200, { attachment: attachmentRecord(change) });

/** The whole body, as text. */
export async function bytesOf(outcome: FetchOutcome): Promise<string> {
  if (outcome.outcome !== 'bytes') throw new Error(`no bytes but ${JSON.stringify(outcome)}`);
  return (await buffer(outcome.body)).toString();
}
/** The error with which a body ends. */
export async function failureOf(outcome: FetchOutcome): Promise<ZendeskError> {
  const error: unknown = await bytesOf(outcome).then(
    () => new Error('the whole body came'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ZendeskError)) throw error;
  return error;
}
