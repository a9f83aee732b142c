import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ScanProcess } from '../child-process';
import type { ChildEnd } from '../child-process';
import type { Launcher } from '../isolation';
import { FRAME_END, frameHeader, type InspectionLimits } from '../protocol';
import {
  fromViewerSchema,
  type FromViewer,
  type StructureAnswer,
  type StructureQuestion,
  type StructureTree,
  type ToViewer,
} from './protocol';

const WATCH_MS = 50;

export interface SessionOptions {
  launcher: Launcher;
  modulePath: string;
  heapMb: number;
  memoryBytes: number;
  limits: InspectionLimits;
}

/** The process that read the file is gone: it took too long or too much, or it died of the file. */
export class LookFailed extends Error {
  override readonly name = 'LookFailed';
  readonly end: ChildEnd;

  constructor(end: ChildEnd) {
    super(`the process that shows the structure ended: ${end}`);
    this.end = end;
  }
}

/** One process with one file in its hands. It is killed when an answer takes too long or it grows too large. */
export class Session {
  readonly tree: Promise<StructureTree>;
  readonly gone: Promise<ChildEnd>;
  private readonly process: ScanProcess<ToViewer, FromViewer>;
  private readonly options: SessionOptions;
  private readonly waiting = new Map<number, (answer: StructureAnswer) => void>();
  private readonly watch: NodeJS.Timeout;
  private clock: NodeJS.Timeout | undefined;
  private heardTree: (tree: StructureTree) => void = () => undefined;
  private asked = 0;

  constructor(options: SessionOptions, fileName: string, body: Readable) {
    this.options = options;
    const told = new Promise<StructureTree>((resolve) => (this.heardTree = resolve));
    const { launcher, modulePath, heapMb, limits } = options;
    this.process = new ScanProcess(launcher, modulePath, heapMb, {
      schema: fromViewerSchema,
      onMessage: (message) => this.hear(message),
    });
    this.gone = this.process.gone;
    this.watch = setInterval(() => this.checkMemory(), WATCH_MS).unref();
    void this.gone.then(() => {
      clearInterval(this.watch);
      clearTimeout(this.clock);
    });
    // Starting a process and loading libraries is not the file's doing.
    this.startClock(3 * limits.wallMs);
    this.process.send({ type: 'open', fileName, limits });
    const read = this.feed(body);
    this.tree = Promise.all([this.unlessGone(told), read]).then(([tree]) => tree);
    this.tree.catch(() => this.close());
  }

  /** Asks about one part. @throws LookFailed when the process ends before it has answered */
  ask(part: string, question: StructureQuestion): Promise<StructureAnswer> {
    const id = (this.asked += 1);
    const answered = new Promise<StructureAnswer>((resolve) => this.waiting.set(id, resolve));
    this.startClock(this.options.limits.wallMs);
    this.process.send({ type: 'ask', id, part, question });
    return this.unlessGone(answered);
  }

  get isBusy(): boolean {
    return this.waiting.size > 0;
  }

  close(): void {
    this.process.kill('closed');
  }

  private async unlessGone<T>(answer: Promise<T>): Promise<T> {
    const fail = this.gone.then((end): never => {
      throw new LookFailed(end);
    });
    return Promise.race([answer, fail]);
  }

  /** The end is announced only when the seal held to its last byte: nothing is shown of a copy that was changed. */
  private async feed(body: Readable): Promise<void> {
    const { bytes } = this.process;
    const frames = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (chunk.length === 0) return done();
        bytes.cork();
        bytes.write(frameHeader(chunk.length));
        bytes.write(chunk, done);
        bytes.uncork();
      },
      final: (done) => void bytes.write(frameHeader(FRAME_END), done),
    });
    // A process that is gone reads nothing more; why it went is told by its end.
    bytes.once('error', () => frames.destroy());
    void this.gone.then(() => frames.destroy());
    try {
      await pipeline(body, frames);
    } catch (error) {
      if (!bytes.destroyed) throw error;
    }
  }

  private hear(message: FromViewer): void {
    switch (message.type) {
      case 'loaded':
        return;
      case 'tree':
        this.stopClock();
        return this.heardTree(message.tree);
      case 'answer': {
        const settle = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (!this.isBusy) this.stopClock();
        return settle?.(message.answer);
      }
      default:
        return message satisfies never;
    }
  }

  private checkMemory(): void {
    const resident = this.process.residentBytes();
    if (resident !== undefined && resident > this.options.memoryBytes) this.process.kill('memory');
  }

  private startClock(ms: number): void {
    clearTimeout(this.clock);
    this.clock = setTimeout(() => this.process.kill('clock'), ms).unref();
  }

  private stopClock(): void {
    clearTimeout(this.clock);
  }
}
