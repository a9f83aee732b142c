import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { EngineReport } from '../domain/inspection';
import type { UnscannableReason } from '../domain/words';
import { cutMiddle } from '../domain/text';
import {
  connectClamd,
  parseClamdReply,
  readReply,
  type ClamdAddress,
  type ClamdReply,
  type ClamdVersion,
} from './clamd-protocol';
import { StreamSniffer } from './clamd-sniff';
import type { EngineSession, ScanTarget } from './engine';
import type { Turnstile } from './turnstile';

/** What the daemon does with files that it cannot look into. Found out by probes, since it does not tell. */
export interface ClamdSettings extends ClamdVersion {
  alertEncrypted: boolean;
  alertExceedsMax: boolean;
}

export interface ClamdContext {
  name: string;
  address: ClamdAddress;
  timeoutMs: number;
  maxBytes: number;
  settings(): Promise<ClamdSettings>;
  versions(): Pick<EngineReport, 'engine' | 'engineVersion' | 'rulesVersion'>;
}

/** Deflate makes at most 1,032 bytes of one; other formats make more and are never small enough to be trusted unseen. */
const MAX_DEFLATE_RATIO = 1_032;

type Outcome = Pick<EngineReport, 'result' | 'findings'> & { reason?: UnscannableReason };

/** One file over one connection. A place is queued for by `enter`, at the latest with the first byte or the end. */
export function createClamdSession(
  context: ClamdContext,
  queue: Turnstile,
  target: ScanTarget,
  signal: AbortSignal | undefined,
): EngineSession {
  return new ClamdSession(context, queue, target, signal).session;
}

class ClamdSession {
  readonly session: EngineSession;
  private readonly context: ClamdContext;
  private readonly path: string[];
  private readonly sniffer = new StreamSniffer();
  private readonly started = performance.now();
  private readonly queue: Turnstile;
  private place: Promise<() => void> | undefined;
  private readonly onAbort: () => void;
  private connection: Promise<Socket> | undefined;
  private socket: Socket | undefined;
  private settle: (report: EngineReport) => void = () => undefined;
  private settled = false;
  private allSent = false;
  private length = 0;
  private clock: NodeJS.Timeout | undefined;

  constructor(context: ClamdContext, queue: Turnstile, target: ScanTarget, signal: AbortSignal | undefined) {
    this.context = context;
    this.path = [cutMiddle(target.fileName, 255)];
    this.queue = queue;
    const report = new Promise<EngineReport>((resolve) => (this.settle = resolve));
    const sink = this.createSink();
    this.session = { sink, report, enter: () => this.enter() };
    this.onAbort = () => void sink.destroy();
    if (signal?.aborted) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
    void report.then(() => signal?.removeEventListener('abort', this.onAbort));
  }

  /** Resolves when it is our turn, or when there is nothing to wait for any more. */
  private async enter(): Promise<void> {
    if (this.settled) return;
    await Promise.race([this.takePlace(), this.session.report]).catch(() => undefined);
  }

  private takePlace(): Promise<() => void> {
    if (!this.place) {
      this.place = this.queue.enter();
      this.place.catch(() => this.fail('engine_unavailable'));
    }
    return this.place;
  }

  private createSink(): Writable {
    const sink = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => void this.send(chunk).then(() => done()),
      final: (done) => void this.sendEnd().then(() => done()),
      destroy: (error, done) => {
        if (!this.allSent) this.fail('engine_unavailable');
        done(error);
      },
    });
    sink.on('error', () => undefined);
    return sink;
  }

  /** After an early answer (a limit, a lost daemon) the rest of the file passes by unsent. */
  private async send(chunk: Buffer): Promise<void> {
    if (this.settled || chunk.length === 0) return;
    this.length += chunk.length;
    if (this.length > this.context.maxBytes) return this.finish(unscannable('too_large'));
    this.sniffer.push(chunk);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(chunk.length);
    await this.write(header, chunk);
  }

  private async sendEnd(): Promise<void> {
    this.allSent = true;
    if (this.settled) return;
    await this.write(Buffer.alloc(4));
    if (!this.settled) this.startClock();
  }

  private async write(...parts: Buffer[]): Promise<void> {
    try {
      const socket = await (this.connection ??= this.connect());
      if (this.settled) return;
      this.startClock();
      await Promise.race([
        new Promise<void>((resolve) => {
          socket.cork();
          parts.forEach((part, index) => socket.write(part, index === parts.length - 1 ? () => resolve() : undefined));
          socket.uncork();
        }),
        this.session.report,
      ]);
      if (!this.settled) clearTimeout(this.clock);
    } catch {
      this.fail('engine_unavailable');
    }
  }

  private async connect(): Promise<Socket> {
    const leave = await this.takePlace();
    if (this.settled) {
      leave();
      throw new Error('given up while waiting');
    }
    void this.session.report.then(leave);
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
    clearTimeout(this.clock);
    const settings = await this.context.settings().catch(() => undefined);
    const reply = parseClamdReply(text);
    switch (reply.kind) {
      case 'found':
        return this.finish(this.finding(reply));
      case 'unscannable':
        return this.finish(unscannable(reply.reason));
      case 'refused':
        return this.fail(reply.reason);
      case 'ok':
        return early || !settings ? this.fail('engine_unavailable') : this.finish(this.judgeOk(settings));
      default: {
        const never: never = reply;
        return never;
      }
    }
  }

  /** `OK` is believed only from a daemon that reports what it does not look into. */
  private judgeOk({ alertEncrypted, alertExceedsMax }: ClamdSettings): Outcome {
    const { container, mayBeEncrypted, largestMember } = this.sniffer.signs();
    const mayExpand = container && this.length * MAX_DEFLATE_RATIO > this.context.maxBytes;
    // Seen with clamd 1.4.6: a zip member over MaxFileSize is skipped with OK even where AlertExceedsMax is on.
    if (container && largestMember > this.context.maxBytes) return unscannable('limit_reached');
    if (!alertEncrypted && mayBeEncrypted) return unscannable('encrypted');
    if (!alertExceedsMax && mayExpand) return unscannable('limit_reached');
    return { result: 'clean', findings: [] };
  }

  private finding({ signature, severity }: Extract<ClamdReply, { kind: 'found' }>): Outcome {
    const what = severity === 'medium' ? 'ClamAV calls this file suspicious.' : 'ClamAV knows this file as malware.';
    return {
      result: 'findings',
      findings: [{ engine: this.context.name, rule: signature, severity, path: this.path, what }],
    };
  }

  private fail(reason: UnscannableReason): void {
    this.finish({ result: 'error', reason, findings: [] });
  }

  private finish(outcome: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.clock);
    this.socket?.destroy();
    const release = (leave: () => void): void => leave();
    // A place that was never used goes to the next in line when our turn comes.
    if (!this.connection) void this.place?.then(release, () => undefined);
    this.settle({ ...this.context.versions(), ...outcome, ms: Math.round(performance.now() - this.started) });
  }

  private startClock(): void {
    clearTimeout(this.clock);
    this.clock = setTimeout(() => this.fail('timeout'), this.context.timeoutMs);
  }
}

function unscannable(reason: UnscannableReason): Outcome {
  return { result: 'unscannable', reason, findings: [] };
}
