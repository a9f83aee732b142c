import type { Socket } from 'node:net';
import {
  connectClamd,
  parseClamdReply,
  readReply,
  type ClamdAddress,
  type ClamdReply,
  type ClamdVersion,
} from './clamd-protocol';
import { StreamSniffer, type StreamSigns } from './clamd-sniff';
import type { EngineSession, ScanTarget } from './engine';
import { StreamSession, unscannable, type Outcome, type StreamContext } from './stream-session';
import type { Turnstile } from './turnstile';

/** What the daemon does with files that it cannot look into. Found out by probes, since it does not tell. */
export interface ClamdSettings extends ClamdVersion {
  alertEncrypted: boolean;
  alertExceedsMax: boolean;
}

export interface ClamdContext extends StreamContext {
  address: ClamdAddress;
  settings(): Promise<ClamdSettings>;
}

/** Deflate makes at most 1,032 bytes of one; other formats make more and are never small enough to be trusted unseen. */
const MAX_DEFLATE_RATIO = 1_032;

/** One file over one connection. A place is queued for by `enter`, at the latest with the first byte or the end. */
export function createClamdSession(
  context: ClamdContext,
  queue: Turnstile,
  target: ScanTarget,
  signal: AbortSignal | undefined,
): EngineSession {
  return new ClamdSession(context, queue, target, signal).session;
}

class ClamdSession extends StreamSession {
  private readonly context: ClamdContext;
  private readonly sniffer = new StreamSniffer();
  private connection: Promise<Socket> | undefined;
  private socket: Socket | undefined;

  constructor(context: ClamdContext, queue: Turnstile, target: ScanTarget, signal: AbortSignal | undefined) {
    super(context, queue, target, signal);
    this.context = context;
  }

  protected override async transmit(chunk: Buffer): Promise<void> {
    this.sniffer.push(chunk);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(chunk.length);
    await this.write(header, chunk);
  }

  protected override transmitEnd(): Promise<void> {
    return this.write(Buffer.alloc(4));
  }

  protected override dispose(): void {
    this.socket?.destroy();
  }

  private async write(...parts: Buffer[]): Promise<void> {
    const socket = await (this.connection ??= this.connect());
    const taken = new Promise<void>((resolve) => {
      socket.cork();
      parts.forEach((part, index) => socket.write(part, index === parts.length - 1 ? () => resolve() : undefined));
      socket.uncork();
    });
    await this.underClock(taken);
  }

  private async connect(): Promise<Socket> {
    await this.ourTurn();
    const socket = await connectClamd(this.context.address, this.context.timeoutMs);
    if (this.settled) {
      socket.destroy();
      throw new Error('given up while connecting');
    }
    this.socket = socket;
    void readReply(socket).then((reply) => this.hear(reply));
    socket.write('zINSTREAM\0');
    return socket;
  }

  private async hear(text: string | undefined): Promise<void> {
    if (this.settled) return;
    if (text === undefined) return this.fail('engine_unavailable');
    const early = !this.allSent;
    // The reply is here, only the settings may be missing: their probe has a clock of its own.
    this.stopClock();
    const settings = await this.context.settings().catch(() => undefined);
    const reply = parseClamdReply(text);
    switch (reply.kind) {
      case 'found':
        return this.finish(findingOf(this.context.name, reply, this.path));
      case 'unscannable':
        return this.finish(unscannable(reply.reason));
      case 'refused':
        return this.fail(reply.reason);
      case 'ok':
        if (early || !settings) return this.fail('engine_unavailable');
        return this.finish(judgeOk(settings, this.sniffer.signs(), this.length, this.context.maxBytes));
      default: {
        const never: never = reply;
        return never;
      }
    }
  }
}

/** `OK` is believed only from a daemon that reports what it does not look into. */
function judgeOk(settings: ClamdSettings, signs: StreamSigns, length: number, maxBytes: number): Outcome {
  const { container, mayBeEncrypted, largestMember } = signs;
  const mayExpand = container && length * MAX_DEFLATE_RATIO > maxBytes;
  // Seen with clamd 1.4.6: a zip member over MaxFileSize is skipped with OK even where AlertExceedsMax is on.
  if (container && largestMember > maxBytes) return unscannable('limit_reached');
  if (!settings.alertEncrypted && mayBeEncrypted) return unscannable('encrypted');
  if (!settings.alertExceedsMax && mayExpand) return unscannable('limit_reached');
  return { result: 'clean', findings: [] };
}

function findingOf(engine: string, reply: Extract<ClamdReply, { kind: 'found' }>, path: string[]): Outcome {
  const { signature, severity } = reply;
  const what = severity === 'medium' ? 'ClamAV calls this file suspicious.' : 'ClamAV knows this file as malware.';
  return { result: 'findings', findings: [{ engine, rule: signature, severity, path, what }] };
}
