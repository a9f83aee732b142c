import { createConnection, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Severity, UnscannableReason } from '../domain/words';
import { probeZip } from './probe-zip';

/** Where clamd listens. */
export type ClamdAddress = { path: string } | { host: string; port: number };

/**
 * Reads `unix:/path` or `tcp:host:port` (IPv6 in brackets).
 * @throws with a sentence for the operator
 */
export function parseClamdAddress(text: string): ClamdAddress {
  const unix = /^unix:(\/.+)$/.exec(text);
  if (unix?.[1]) return { path: unix[1] };
  const tcp = /^tcp:(\[[0-9a-f:.]+\]|[^:[\]/\s]+):(\d{1,5})$/i.exec(text);
  const port = Number(tcp?.[2]);
  if (tcp?.[1] && port >= 1 && port <= 65_535) return { host: tcp[1].replace(/^\[|\]$/g, ''), port };
  throw new Error('The address of clamd must read unix:/path/to/socket or tcp:host:port.');
}

/** What one reply means. `refused`: the daemon answered, but not about the file. */
export type ClamdReply =
  | { kind: 'ok' }
  | { kind: 'found'; signature: string; severity: Severity }
  | { kind: 'unscannable'; reason: UnscannableReason }
  | { kind: 'refused'; reason: UnscannableReason };

/** Judges a complete reply to INSTREAM. Whatever is not exactly `OK` or `… FOUND` is no answer about the file. */
export function parseClamdReply(reply: string): ClamdReply {
  if (reply === 'stream: OK') return { kind: 'ok' };
  const found = /^stream: (.+) FOUND$/.exec(reply);
  if (found?.[1]) return judgeSignature(found[1]);
  if (/size limit exceeded/i.test(reply)) return { kind: 'unscannable', reason: 'too_large' };
  if (/TIMED? ?OUT|time limit/i.test(reply)) return { kind: 'refused', reason: 'timeout' };
  return { kind: 'refused', reason: 'engine_unavailable' };
}

/** clamd reports its own limits and encryption as if they were malware (`AlertExceedsMax`, `AlertEncrypted`). */
export function judgeSignature(name: string): Extract<ClamdReply, { kind: 'found' | 'unscannable' }> {
  if (/^Heuristics\.Limits\.Exceeded/.test(name)) return { kind: 'unscannable', reason: 'limit_reached' };
  if (/^Heuristics\.Encrypted/.test(name)) return { kind: 'unscannable', reason: 'encrypted' };
  const weak = /^(PUA\.|Heuristics\.(?!Phishing))/.test(name);
  const signature = /^[\w.:+\-/ ()]{1,200}$/.test(name) ? name : 'unnamed signature';
  return { kind: 'found', signature, severity: weak ? 'medium' : 'critical' };
}

/** What VERSION tells: `ClamAV 1.4.6/27450/Mon Nov 23 09:00:00 2026`; own databases have no number and no date. */
export interface ClamdVersion {
  engineVersion: string;
  rulesVersion: string;
  databaseDate?: Date;
}

export function parseClamdVersion(reply: string): ClamdVersion | undefined {
  const match = /^ClamAV ([\w.+~-]{1,60})(?:\/(\d{1,10})\/([\w :]{1,40}))?$/.exec(reply.trim());
  if (!match?.[1]) return undefined;
  const date = match[3] ? new Date(`${match[3]} UTC`) : undefined;
  return {
    engineVersion: match[1],
    rulesVersion: match[2] ?? 'no official database',
    ...(date && !Number.isNaN(date.getTime()) && { databaseDate: date }),
  };
}

/**
 * Opens a connection. Under load a unix socket answers EAGAIN: tried again with growing pauses.
 * @throws the socket's error, or a time-out
 */
export async function connectClamd(address: ClamdAddress, timeoutMs: number): Promise<Socket> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      return await connectOnce(address, deadline - Date.now());
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!busy || Date.now() + pauseMs >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function connectOnce(address: ClamdAddress, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address);
    const timer = setTimeout(() => socket.destroy(new Error('clamd does not accept the connection')), timeoutMs);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => clearTimeout(timer));
  });
}

/**
 * Collects the reply up to its terminating zero byte. The reply counts even when the connection breaks right after it.
 * Resolves with undefined when the connection ends first, or when the reply is longer than any that clamd writes.
 */
export function readReply(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\0');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > 4_096) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(undefined));
  });
}

/** A zip with one encrypted entry and nothing in it: answered `OK` only where `AlertEncrypted` is off. */
export function encryptedProbe(): Buffer {
  const body = Buffer.from('4c617a617265742070726f626520627974657321', 'hex');
  return probeZip({ name: 'probe.txt', body, crc: 0x5a2b_3c4d, plainBytes: body.length - 12, encrypted: true });
}

/** Text gzipped sixty times over, deeper than clamd's default of 17: `OK` only where `AlertExceedsMax` is off. */
export function nestedProbe(): Buffer {
  let data = Buffer.from('Lazaret looks whether limits are reported.');
  for (let depth = 0; depth < 60; depth += 1) data = gzipSync(data);
  return data;
}
