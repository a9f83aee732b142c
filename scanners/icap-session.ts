import { createHash } from 'node:crypto';
import type { UnscannableReason } from '../domain/words';
import { chunkOf, type IcapConnection, type IcapPool } from './icap-pool';
import { isTagOf, judgeReply, respmodHead, type IcapAddress, type IcapAnswer, type IcapReply } from './icap-protocol';
import type { EngineSession, ScanTarget } from './engine';
import { StreamSession, unscannable, type Outcome, type StreamContext } from './stream-session';
import type { Turnstile } from './turnstile';

/** What is known about the service: from OPTIONS, and from the samples it was shown. */
export interface IcapSettings {
  service: string;
  isTag: string;
  /** It found EICAR: without that no answer of it is believed. */
  detects: boolean;
  /** It answers 204 for a harmless file; a service that does not gives clean files back unchanged. */
  says204: boolean;
  /** First bytes of the formats in which it did not find EICAR, with their names. */
  blind: readonly { name: string; magic: Buffer }[];
}

export interface IcapContext extends StreamContext {
  address: IcapAddress;
  pool: IcapPool;
  settings(): Promise<IcapSettings>;
}

/** A dead connection that was used before is replaced while no more than this was sent over it. */
const REPLAY_BYTES = 256 * 1024;
/** What a service may add to a body that it gives back. */
const BODY_SLACK = 1024 * 1024;

/** One file as one RESPMOD request. A place is queued for by `enter`, at the latest with the first byte or the end. */
export function createIcapSession(
  context: IcapContext,
  queue: Turnstile,
  target: ScanTarget,
  signal: AbortSignal | undefined,
): EngineSession {
  return new IcapSession(context, queue, target, signal).session;
}

class IcapSession extends StreamSession {
  private readonly context: IcapContext;
  private readonly hash = createHash('sha256');
  private head = Buffer.alloc(0);
  private connection: Promise<IcapConnection> | undefined;
  private current: IcapConnection | undefined;
  private sent: Buffer[] | undefined = [];
  private sentBytes = 0;
  private replayed = false;

  constructor(context: IcapContext, queue: Turnstile, target: ScanTarget, signal: AbortSignal | undefined) {
    super(context, queue, target, signal);
    this.context = context;
  }

  protected override async transmit(chunk: Buffer): Promise<void> {
    this.hash.update(chunk);
    if (this.head.length < 8) this.head = Buffer.concat([this.head, chunk.subarray(0, 8 - this.head.length)]);
    await this.deliver(chunkOf(chunk));
  }

  protected override transmitEnd(): Promise<void> {
    return this.deliver(chunkOf(Buffer.alloc(0)));
  }

  /** A connection with an exchange half done is of no use to the next file. */
  protected override dispose(): void {
    this.current?.destroy();
  }

  private async deliver(parts: Buffer[]): Promise<void> {
    for (;;) {
      const wanted = (this.connection ??= this.begin());
      const connection = await wanted;
      if (this.settled) return;
      if (wanted !== this.connection) continue;
      this.remember(parts);
      try {
        return await this.underClock(connection.write(...parts));
      } catch (error) {
        if (!this.recover(connection)) throw error;
        // The new connection has these parts with the others.
        return void (await this.connection);
      }
    }
  }

  private async begin(): Promise<IcapConnection> {
    await this.ourTurn();
    return this.open(await this.context.pool.take(), []);
  }

  private async open(connection: IcapConnection, before: Buffer[]): Promise<IcapConnection> {
    if (this.settled) {
      connection.destroy();
      throw new Error('given up while connecting');
    }
    this.current = connection;
    void connection.reply(this.context.maxBytes + BODY_SLACK).then((reply) => this.hear(connection, reply));
    await connection.write(respmodHead(this.context.address), ...before);
    return connection;
  }

  private remember(parts: Buffer[]): void {
    this.sentBytes += parts.reduce((sum, part) => sum + part.length, 0);
    if (this.sentBytes > REPLAY_BYTES) this.sent = undefined;
    else this.sent?.push(...parts);
  }

  /**
   * A service may close a kept connection just as the next file begins (RFC 9112 9.3.1). Nothing of that file was looked
   * at, so it is sent again, once.
   */
  private recover(dead: IcapConnection): boolean {
    if (this.settled) return true;
    if (this.current !== dead) return this.connection !== undefined;
    if (!dead.used || this.replayed || !this.sent) return false;
    this.replayed = true;
    const before = [...this.sent];
    this.current = undefined;
    this.connection = this.context.pool.take(true).then((fresh) => this.open(fresh, before));
    this.connection.catch(() => this.fail('engine_unavailable'));
    return true;
  }

  private async hear(connection: IcapConnection, reply: IcapReply | undefined): Promise<void> {
    if (this.settled || connection !== this.current) return;
    if (!reply) return this.recover(connection) ? undefined : this.fail('engine_unavailable');
    const early = !this.allSent;
    this.stopClock();
    if (!early) {
      // The exchange is over on both sides: the connection is the next file's.
      this.current = undefined;
      this.context.pool.giveBack(connection, reply);
    }
    // Without settings nothing is believed: `judge` refuses to call the file clean.
    const settings = await this.context.settings().catch(() => undefined);
    const versions = { ...this.context.versions(), rulesVersion: isTagOf(reply) || (settings?.isTag ?? '') };
    const answer = judgeReply(reply);
    const outcome = this.judge(answer, early, settings);
    this.finish(outcome, versions);
  }

  private judge(answer: IcapAnswer, early: boolean, settings: IcapSettings | undefined): Outcome {
    switch (answer.kind) {
      case 'found':
        return findingOf(this.context.name, answer, this.path);
      case 'unscannable':
        return unscannable(answer.reason);
      case 'refused':
        return failed('engine_unavailable');
      case 'unmodified':
        // Said before the end: the service let the file pass by its type or size.
        if (early) return unscannable('limit_reached');
        return this.judgeClean(settings);
      case 'returned':
        return this.judgeReturned(answer, early, settings);
      default: {
        const never: never = answer;
        return never;
      }
    }
  }

  /**
   * A file that comes back. c-icap does so with files over its limits, and with files that it began to send before it had
   * looked at them, which it then cuts short. Only a service that never says 204 means "clean" by it.
   */
  private judgeReturned(
    answer: Extract<IcapAnswer, { kind: 'returned' }>,
    early: boolean,
    settings: IcapSettings | undefined,
  ): Outcome {
    if (!settings) return failed('engine_unavailable');
    const same = !early && answer.length === this.length && answer.sha256 === this.hash.digest('hex');
    if (same && (this.length === 0 || !settings.says204)) return this.judgeClean(settings);
    return unscannable('limit_reached');
  }

  private judgeClean(settings: IcapSettings | undefined): Outcome {
    if (!settings?.detects) return failed('engine_unavailable');
    const blind = settings.blind.some(({ magic }) => this.head.subarray(0, magic.length).equals(magic));
    return blind ? unscannable('limit_reached') : { result: 'clean', findings: [] };
  }
}

const failed = (reason: UnscannableReason): Outcome => ({ result: 'error', reason, findings: [] });

function findingOf(engine: string, answer: Extract<IcapAnswer, { kind: 'found' }>, path: string[]): Outcome {
  const { signature, severity } = answer;
  const what =
    severity === 'medium'
      ? 'The ICAP scanner calls this file suspicious.'
      : 'The ICAP scanner calls this file malware.';
  return { result: 'findings', findings: [{ engine, rule: signature, severity, path, what }] };
}
