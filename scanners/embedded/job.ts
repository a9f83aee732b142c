import { Writable } from 'node:stream';
import type { EngineReport, Finding } from '../../domain/inspection';
import { SEVERITIES, type UnscannableReason } from '../../domain/words';
import type { EngineSession, ScanTarget } from '../engine';
import { analystSentence } from '../explanations';
import { MAX_FINDINGS, type ChildFinding } from './protocol';

/** Where a job's bytes go once a process took it. */
export interface JobOutlet {
  data(chunk: Buffer, done: (error?: Error) => void): void;
  end(): void;
  abort(): void;
}

type Versions = Pick<EngineReport, 'engine' | 'engineVersion' | 'rulesVersion'>;

const FAILURES: readonly UnscannableReason[] = ['engine_unavailable', 'engine_crashed'];

/** What a process saw of a file beside findings. */
export type Seen = Pick<EngineReport, 'detectedType' | 'links'>;

/** How a job comes into the pool's queue, and out of it. */
export interface JobQueue {
  add(job: Job): void;
  remove(job: Job): void;
}

/**
 * One file on its way through the pool. Until a process took the job its sink takes nothing: back-pressure, no buffer.
 * What was found is kept here, so that a process killed on a bomb does not take its findings along.
 */
export class Job {
  readonly session: EngineSession;
  readonly target: ScanTarget;
  /** Version of the rules that really looked; set by the process that takes the job. */
  rulesVersion: string | undefined;
  private readonly findings: Finding[] = [];
  private readonly versions: () => Versions;
  private readonly queue: JobQueue;
  private readonly started = performance.now();
  private outlet: JobOutlet | undefined;
  private held: (() => void) | undefined;
  private settle: (report: EngineReport) => void = () => undefined;
  private readonly placed: Promise<void>;
  private markPlaced: () => void = () => undefined;
  private entered = false;
  private settled = false;
  private ended = false;
  private cut = false;

  constructor(target: ScanTarget, versions: () => Versions, queue: JobQueue) {
    this.target = target;
    this.versions = versions;
    this.queue = queue;
    const report = new Promise<EngineReport>((resolve) => (this.settle = resolve));
    this.placed = new Promise((resolve) => (this.markPlaced = resolve));
    this.session = { sink: this.createSink(), report, enter: () => this.enter() };
  }

  private enter(): Promise<void> {
    if (!this.entered && !this.settled) {
      this.entered = true;
      this.queue.add(this);
    }
    return this.placed;
  }

  /** A process took the job: held bytes flow. */
  attach(outlet: JobOutlet): void {
    this.outlet = outlet;
    this.markPlaced();
    const held = this.held;
    this.held = undefined;
    held?.();
  }

  /** Beyond the bound a graver finding takes the place of the least grave: malware is never cut off by lesser ones. */
  found(finding: ChildFinding): void {
    if (this.settled) return;
    let at = this.findings.length;
    if (at >= MAX_FINDINGS) {
      this.cut = true;
      const ranks = this.findings.map(({ severity }) => SEVERITIES.indexOf(severity));
      const least = Math.min(...ranks);
      if (SEVERITIES.indexOf(finding.severity) <= least) return;
      at = ranks.lastIndexOf(least);
    }
    const { analyst = analystSentence(finding.rule), author, reference, licence, ...rest } = finding;
    this.findings[at] = {
      engine: this.versions().engine,
      ...rest,
      ...(analyst !== undefined && { analyst }),
      ...(author !== undefined && { author }),
      ...(reference !== undefined && { reference }),
      ...(licence !== undefined && { licence }),
    };
  }

  /**
   * Settles the report, once. A malicious finding beats every reason; a lesser one does not hide it. Findings that were
   * cut off are a gap.
   */
  finish(unread?: UnscannableReason, seen: Seen = {}): void {
    if (this.settled) return;
    this.settled = true;
    const reason = unread ?? (this.cut ? 'limit_reached' : undefined);
    const malicious = this.findings.some(({ severity }) => severity === 'high' || severity === 'critical');
    const failed = reason && FAILURES.includes(reason) ? 'error' : 'unscannable';
    const result = malicious || (!reason && this.findings.length > 0) ? 'findings' : reason ? failed : 'clean';
    this.settle({
      ...this.versions(),
      ...(this.rulesVersion !== undefined && { rulesVersion: this.rulesVersion }),
      result,
      ...(reason && { reason }),
      findings: this.findings,
      ...(seen.detectedType !== undefined && { detectedType: seen.detectedType }),
      ...(seen.links !== undefined && { links: seen.links }),
      ms: Math.round((performance.now() - this.started) * 10) / 10,
    });
    this.markPlaced();
    if (!this.ended) this.session.sink.destroy();
  }

  private createSink(): Writable {
    const whenAttached = (act: (outlet: JobOutlet) => void): void => {
      const go = (): void => {
        if (this.outlet) act(this.outlet);
      };
      if (this.outlet) return go();
      this.held = go;
      void this.enter();
    };
    const sink = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => whenAttached((outlet) => outlet.data(chunk, done)),
      final: (done) =>
        whenAttached((outlet) => {
          this.ended = true;
          outlet.end();
          done();
        }),
      destroy: (error, done) => {
        if (!this.ended && !this.settled) this.giveUp();
        done(error);
      },
    });
    sink.on('error', () => undefined);
    return sink;
  }

  private giveUp(): void {
    this.held = undefined;
    this.queue.remove(this);
    this.outlet?.abort();
    this.finish('engine_unavailable');
  }
}
