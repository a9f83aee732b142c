import { readFile, stat } from 'node:fs/promises';
import type { LinkEngine, LinkEngineHealth } from '../link-engine';
import { allFailed } from '../link-engine';
import { createFeedEngine } from './feed';

export interface WatchedFeedOptions {
  /** What findings are called by. */
  name: string;
  /** The file that somebody else downloads. */
  path: string;
  maxAgeDays?: number;
  /** Pause between two looks at the file. Default 5 s. */
  pollMs?: number;
  /** Told of every list that was taken, and of every one that was not. */
  onList?: (change: { feed: string; taken: boolean; detail: string }) => void;
}

/** Bytes of a list; the largest public ones have 200 MB less. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * A downloaded list that is read again when its file changes. Two looks have to agree, so that a half-written file is not
 * taken. A list that cannot be used is told and shown by the engine's health; the last good one stays in use. Without any,
 * every answer is an error.
 */
export async function watchFeed(options: WatchedFeedOptions): Promise<{ engine: LinkEngine; close: () => void }> {
  const feed = new WatchedFeed(options);
  await feed.take(await feed.stamp());
  feed.schedule();
  return { engine: feed, close: () => feed.close() };
}

class WatchedFeed implements LinkEngine {
  readonly name: string;
  readonly local = true;
  private readonly options: WatchedFeedOptions;
  private current: ReturnType<typeof createFeedEngine> | undefined;
  private problem: string | undefined;
  private known: string | undefined;
  private pending: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(options: WatchedFeedOptions) {
    this.name = options.name;
    this.options = options;
  }

  look: LinkEngine['look'] = (urls) => this.current?.look(urls) ?? Promise.resolve(allFailed(urls));

  async health(): Promise<LinkEngineHealth> {
    const { problem } = this;
    if (!this.current) return { engine: this.name, ok: false, detail: problem ?? 'not read yet', rulesVersion: '' };
    const health = await this.current.health();
    if (problem === undefined) return health;
    return { ...health, ok: false, detail: `${health.detail}; the newest file is not used: ${problem}` };
  }

  /** Size and time of the file; undefined where there is none. */
  async stamp(): Promise<string | undefined> {
    const found = await stat(this.options.path).catch(() => undefined);
    return found && `${found.size}:${found.mtimeMs}:${found.ino}`;
  }

  /** Reads the file and uses it, or keeps what is in use. */
  async take(stamp: string | undefined): Promise<void> {
    this.known = stamp ?? 'missing';
    try {
      this.current = await this.read();
      this.problem = undefined;
      this.tell(true, `${this.current.size} entries`);
    } catch (error) {
      this.problem = error instanceof Error && !('code' in error) ? error.message : 'the file cannot be read';
      this.tell(false, this.problem);
    }
  }

  schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(
      () => void this.turn().finally(() => this.schedule()),
      this.options.pollMs ?? 5_000,
    ).unref();
  }

  close(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async turn(): Promise<void> {
    const stamp = await this.stamp();
    if ((stamp ?? 'missing') === this.known) return void (this.pending = undefined);
    if (stamp !== undefined && stamp !== this.pending) return void (this.pending = stamp);
    await this.take(stamp);
  }

  private async read(): Promise<ReturnType<typeof createFeedEngine>> {
    const { name, path, maxAgeDays } = this.options;
    const { size, mtime } = await stat(path);
    if (size > MAX_BYTES) throw new Error('the file is larger than 256 MiB');
    const content = await readFile(path, 'utf8');
    return createFeedEngine({ name, content, loadedAt: mtime, ...(maxAgeDays !== undefined && { maxAgeDays }) });
  }

  private tell(taken: boolean, detail: string): void {
    this.options.onList?.({ feed: this.name, taken, detail });
  }
}
