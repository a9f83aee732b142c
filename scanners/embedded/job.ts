import { Writable } from 'node:stream';
import type { EngineReport, Finding } from '../../domain/inspection';
import type { UnscannableReason } from '../../domain/words';
import type { EngineSession, ScanTarget } from '../engine';
import { MAX_FINDINGS, type ChildFinding } from './protocol';

/** Where a job's bytes go once a process took it. */
export interface JobOutlet {
  data(chunk: Buffer, done: (error?: Error) => void): void;
  end(): void;
  abort(): void;
}

type Versions = Pick<EngineReport, 'engine' | 'engineVersion' | 'rulesVersion'>;

const FAILURES: readonly UnscannableReason[] = ['engine_unavailable', 'engine_crashed'];

/**
 * One file on its way through the pool. Until a process took the job its sink takes nothing: back-pressure, no buffer.
 * What was found is kept here, so that a process killed on a bomb does not take its findings along.
 */
export class Job {
  readonly session: EngineSession;
  readonly target: ScanTarget;
  private readonly findings: Finding[] = [];
  private readonly versions: () => Versions;
  private readonly onGivenUp: () => void;
  private readonly started = performance.now();
  private outlet: JobOutlet | undefined;
  private held: (() => void) | undefined;
  private settle: (report: EngineReport) => void = () => undefined;
  private settled = false;
  private ended = false;

  constructor(target: ScanTarget, versions: () => Versions, onGivenUp: () => void) {
    this.target = target;
    this.versions = versions;
    this.onGivenUp = onGivenUp;
    const report = new Promise<EngineReport>((resolve) => (this.settle = resolve));
    this.session = { sink: this.createSink(), report };
  }

  /** A process took the job: held bytes flow. */
  attach(outlet: JobOutlet): void {
    this.outlet = outlet;
    const held = this.held;
    this.held = undefined;
    held?.();
  }

  found(finding: ChildFinding): void {
    if (this.findings.length >= MAX_FINDINGS) return;
    const { author, reference, licence, ...rest } = finding;
    this.findings.push({
      engine: this.versions().engine,
      ...rest,
      ...(author !== undefined && { author }),
      ...(reference !== undefined && { reference }),
      ...(licence !== undefined && { licence }),
    });
  }

  /** Settles the report, once. A malicious finding beats every reason; a lesser one does not hide it. */
  finish(reason?: UnscannableReason, detectedType?: string): void {
    if (this.settled) return;
    this.settled = true;
    const malicious = this.findings.some(({ severity }) => severity === 'high' || severity === 'critical');
    const unread = reason && FAILURES.includes(reason) ? 'error' : 'unscannable';
    const result = malicious || (!reason && this.findings.length > 0) ? 'findings' : reason ? unread : 'clean';
    this.settle({
      ...this.versions(),
      result,
      ...(reason && { reason }),
      findings: this.findings,
      ...(detectedType !== undefined && { detectedType }),
      ms: Math.round((performance.now() - this.started) * 10) / 10,
    });
    if (!this.ended) this.session.sink.destroy();
  }

  private createSink(): Writable {
    const whenAttached = (act: (outlet: JobOutlet) => void): void => {
      const go = (): void => {
        if (this.outlet) act(this.outlet);
      };
      if (this.outlet) go();
      else this.held = go;
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
    this.onGivenUp();
    this.outlet?.abort();
    this.finish('engine_unavailable');
  }
}
