import type { Severity, UnscannableReason } from '../domain/words';
import { judgeSignature } from './clamd-protocol';
import { canParseUrl } from '../domain/urls';

/** Where an ICAP service is. `uri` is what a request line names. */
export interface IcapAddress {
  tls: boolean;
  host: string;
  port: number;
  uri: string;
}

/**
 * Reads `icap://host[:1344]/service` or `icaps://host[:11344]/service` (TLS); arguments of the service may follow a `?`.
 * @throws with a sentence for the operator
 */
export function parseIcapAddress(text: string): IcapAddress {
  const scheme = /^(icaps?):\/\//i.exec(text)?.[1]?.toLowerCase();
  const plain = `http://${text.slice((scheme?.length ?? 0) + 3)}`;
  const url = scheme !== undefined && canParseUrl(plain) ? new URL(plain) : undefined;
  if (!url || url.pathname === '/' || url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new Error('The address of the ICAP service must read icap://host/service or icaps://host/service.');
  }
  const tls = scheme === 'icaps';
  // URL leaves out the port 80, which is http's default and not ours.
  const given = /^[^/]*:(\d+)\//.exec(plain.slice(7))?.[1];
  const port = given === undefined ? (tls ? 11_344 : 1_344) : Number(given);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { tls, host, port, uri: `${scheme}://${url.hostname}:${port}${url.pathname}${url.search}` };
}

const hostOf = (address: IcapAddress): string => /^icaps?:\/\/([^/]+)/.exec(address.uri)?.[1] ?? address.host;

export function optionsRequest(address: IcapAddress): Buffer {
  return Buffer.from(`OPTIONS ${address.uri} ICAP/1.0\r\nHost: ${hostOf(address)}\r\nUser-Agent: Lazaret\r\n\r\n`);
}

/**
 * The head of a RESPMOD request (RFC 3507 4.9). The sender's file name and type stay here: services leave files out by
 * either, and both are the sender's to choose. No preview: a service that has seen only a part cannot vouch for the file.
 */
export function respmodHead(address: IcapAddress): Buffer {
  const request = 'GET http://lazaret.invalid/sample HTTP/1.1\r\nHost: lazaret.invalid\r\n\r\n';
  const response = 'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n';
  const head = [
    `RESPMOD ${address.uri} ICAP/1.0`,
    `Host: ${hostOf(address)}`,
    'User-Agent: Lazaret',
    'Allow: 204',
    `Encapsulated: req-hdr=0, res-hdr=${request.length}, res-body=${request.length + response.length}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${request}${response}`);
}

/** Header names in lower case. A folded line keeps its line break, since X-Violations-Found is a list of lines. */
export type IcapHeaders = ReadonlyMap<string, string>;

/** A complete reply. `body` describes the encapsulated body, which is not kept. */
export interface IcapReply {
  status: number;
  headers: IcapHeaders;
  inner?: { status: number; headers: IcapHeaders };
  body?: { sha256: string; length: number };
}

/** What a service offers (RFC 3507 4.10.2). */
export interface IcapOptions {
  service: string;
  isTag: string;
  respmod: boolean;
  maxConnections: number | undefined;
  ttlMs: number | undefined;
}

/** Reads the answer to OPTIONS; undefined where it is none. */
export function parseOptions(reply: IcapReply): IcapOptions | undefined {
  if (reply.status !== 200) return undefined;
  const number = (name: string): number | undefined => {
    const text = reply.headers.get(name) ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  };
  const ttl = number('options-ttl');
  return {
    service: printable(reply.headers.get('service') ?? reply.headers.get('server') ?? ''),
    isTag: isTagOf(reply),
    respmod: /\bRESPMOD\b/i.test(reply.headers.get('methods') ?? ''),
    maxConnections: number('max-connections'),
    ttlMs: ttl === undefined ? undefined : ttl * 1_000,
  };
}

/** The tag of the service's state (software, signatures): the version behind an answer. */
export function isTagOf(reply: IcapReply): string {
  return printable((reply.headers.get('istag') ?? '').replace(/^"|"$/g, ''));
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '').slice(0, 100);

/** What a reply says about the bytes, before it is asked how much of the file the service had seen. */
export type IcapAnswer =
  | { kind: 'unmodified' }
  | { kind: 'returned'; sha256: string; length: number }
  | { kind: 'found'; signature: string; severity: Severity }
  | { kind: 'unscannable'; reason: UnscannableReason }
  | { kind: 'refused' };

/** Judges a reply to RESPMOD: by headers that name an infection, else by the inner status; a body alone is no verdict. */
export function judgeReply(reply: IcapReply): IcapAnswer {
  const infection = infectionIn(reply.headers) ?? (reply.inner && infectionIn(reply.inner.headers));
  if (infection) return infection;
  if (reply.status === 204) return { kind: 'unmodified' };
  if (reply.status !== 200 || !reply.inner) return { kind: 'refused' };
  if (reply.inner.status === 403) return { kind: 'found', signature: 'Blocked', severity: 'critical' };
  if (reply.inner.status !== 200) return { kind: 'refused' };
  return { kind: 'returned', ...(reply.body ?? { sha256: EMPTY_SHA256, length: 0 }) };
}

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const NOTHING = /^\s*(0|no|none|false|clean|ok|-)?\s*$/i;

/** `X-Infection-Found`, `X-Violations-Found`, `X-Virus-ID` (draft-stecher-icap-subid-00) and `X-Blocked`, as services send them. */
function infectionIn(headers: IcapHeaders): IcapAnswer | undefined {
  const infection = headers.get('x-infection-found') ?? '';
  if (!NOTHING.test(infection)) {
    const name = /Threat=([^;]*)/i.exec(infection)?.[1]?.trim() ?? '';
    return judgeThreat(name, /Type=(\d)/i.exec(infection)?.[1]);
  }
  const violations = (headers.get('x-violations-found') ?? '').split('\n').map((line) => line.trim());
  if (!NOTHING.test(violations[0] ?? '')) return judgeThreat(violations[2] ?? '', undefined);
  const virus = headers.get('x-virus-id') ?? '';
  if (!NOTHING.test(virus)) return judgeThreat(virus.trim(), undefined);
  return NOTHING.test(headers.get('x-blocked') ?? '') ? undefined : judgeThreat('Blocked', undefined);
}

/** Type 1 is a policy of the service, type 2 a container that it could not look into. */
function judgeThreat(name: string, type: string | undefined): IcapAnswer {
  const judged = judgeSignature(name);
  if (judged.kind === 'unscannable') return judged;
  if (type === '2') return { kind: 'unscannable', reason: 'limit_reached' };
  return judged.kind === 'found' && type === '1' ? { ...judged, severity: 'medium' } : judged;
}
