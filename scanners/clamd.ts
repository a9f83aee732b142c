import { createClamdSession, type ClamdContext, type ClamdSettings } from './clamd-session';
import {
  connectClamd,
  encryptedProbe,
  nestedProbe,
  parseClamdAddress,
  parseClamdReply,
  parseClamdVersion,
  readReply,
  type ClamdAddress,
  type ClamdVersion,
} from './clamd-protocol';
import type { Engine, EngineHealth } from './engine';
import { Turnstile } from './turnstile';

export interface ClamdOptions {
  /** `unix:/path/to/socket` or `tcp:host:port`. */
  address: string;
  /** Name in reports. Default `clamd`. */
  name?: string;
  /** Connections at a time. Default 8: twice clamd's usual MaxThreads of 4 (measured, scanners.md §2). */
  concurrency?: number;
  /** Longest wait for a connection, for one chunk to be taken, and for the answer. Default 30 s. */
  timeoutMs?: number;
  /** The smaller of the daemon's StreamMaxLength and MaxFileSize, bytes. Default 25 MiB. A longer file is `too_large`. */
  maxBytes?: number;
  /** A database older than this makes the engine unhealthy. Default 7 days. */
  maxDatabaseAgeDays?: number;
}

const SETTINGS_LIVE_MS = 60_000;

/**
 * clamd over INSTREAM, one connection a file. No answer is never clean: silence, a closed connection, half a reply and an
 * unknown reply are errors, and `OK` counts only as far as the daemon was seen to report encryption and limits.
 * @throws when the address cannot be read; a daemon that is down is a matter of reports and health
 */
export function createClamdEngine(options: ClamdOptions): Engine {
  const address = parseClamdAddress(options.address);
  const name = options.name ?? 'clamd';
  const timeoutMs = options.timeoutMs ?? 30_000;
  const queue = new Turnstile(options.concurrency ?? 8);
  let known: { at: number; settings: Promise<ClamdSettings> } | undefined;
  let last: ClamdSettings | undefined;
  const settings = (): Promise<ClamdSettings> => {
    if (!known || Date.now() - known.at > SETTINGS_LIVE_MS) {
      const probing = probeSettings(address, timeoutMs);
      const entry = { at: Date.now(), settings: probing };
      known = entry;
      probing.then(
        (found) => (last = found),
        () => {
          if (known === entry) known = undefined;
        },
      );
    }
    return known.settings;
  };
  const context: ClamdContext = {
    name,
    address,
    timeoutMs,
    maxBytes: options.maxBytes ?? 25 * 1024 * 1024,
    settings,
    versions: () => ({
      engine: name,
      engineVersion: last?.engineVersion ?? '',
      rulesVersion: last?.rulesVersion ?? '',
    }),
  };
  const look = async (): Promise<ClamdSettings> => (last = await currentSettings(address, timeoutMs, settings));
  return {
    name,
    open: (target, signal) => createClamdSession(context, queue, target, signal),
    health: () => health(context, look, options.maxDatabaseAgeDays ?? 7),
    close: () => Promise.resolve(queue.close()),
  };
}

async function health(
  context: ClamdContext,
  probe: () => Promise<ClamdSettings>,
  maxAgeDays: number,
): Promise<EngineHealth> {
  try {
    const found = await probe();
    const ageDays = found.databaseDate ? (Date.now() - found.databaseDate.getTime()) / 86_400_000 : undefined;
    const complaints = [
      found.alertEncrypted ? '' : 'set AlertEncrypted yes: encrypted files are answered OK',
      found.alertExceedsMax ? '' : 'set AlertExceedsMax yes: files over a limit are answered OK',
      ageDays !== undefined && ageDays > maxAgeDays ? `the database is ${Math.floor(ageDays)} days old` : '',
    ].filter((text) => text !== '');
    const database = ageDays === undefined ? 'no official database' : `database of ${Math.floor(ageDays)} days`;
    return { ...context.versions(), ok: complaints.length === 0, detail: [database, ...complaints].join('; ') };
  } catch {
    return { ...context.versions(), ok: false, detail: 'clamd does not answer at the configured address' };
  }
}

/** Asks for the version anew, which is cheap; what the probes showed is a minute old at most. */
async function currentSettings(
  address: ClamdAddress,
  timeoutMs: number,
  settings: () => Promise<ClamdSettings>,
): Promise<ClamdSettings> {
  const version = await askVersion(address, timeoutMs);
  return { ...(await settings()), ...version };
}

async function askVersion(address: ClamdAddress, timeoutMs: number): Promise<ClamdVersion> {
  const version = parseClamdVersion(await ask(address, timeoutMs, Buffer.from('zVERSION\0')));
  if (!version) throw new Error('clamd gave no version');
  return version;
}

async function probeSettings(address: ClamdAddress, timeoutMs: number): Promise<ClamdSettings> {
  return {
    ...(await askVersion(address, timeoutMs)),
    alertEncrypted: await reportsGap(address, timeoutMs, encryptedProbe()),
    alertExceedsMax: await reportsGap(address, timeoutMs, nestedProbe()),
  };
}

async function reportsGap(address: ClamdAddress, timeoutMs: number, probe: Buffer): Promise<boolean> {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(probe.length);
  const request = Buffer.concat([Buffer.from('zINSTREAM\0'), length, probe, Buffer.alloc(4)]);
  const reply = parseClamdReply(await ask(address, timeoutMs, request));
  if (reply.kind === 'refused') throw new Error('clamd did not answer a probe');
  return reply.kind !== 'ok';
}

async function ask(address: ClamdAddress, timeoutMs: number, request: Buffer): Promise<string> {
  const socket = await connectClamd(address, timeoutMs);
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  try {
    const answer = readReply(socket);
    socket.write(request);
    const reply = await answer;
    if (reply === undefined) throw new Error('clamd closed the connection without an answer');
    return reply;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
