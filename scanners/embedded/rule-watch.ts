import { createGeneration, type RuleGeneration } from './generation';
import type { RuleSource } from './protocol';
import { listRuleFiles, readRuleFiles } from './rule-files';

/** Reads the shipped rules together with the added directories. */
export async function readGeneration(
  shipped: readonly RuleSource[],
  directories: readonly string[],
): Promise<{ generation: RuleGeneration; stamp: string }> {
  const listing = await listRuleFiles(directories);
  const { sources, problems } = await readRuleFiles(listing);
  return { generation: createGeneration([...shipped, ...sources], problems), stamp: listing.stamp };
}

/**
 * Looks at the added directories every so often and tells of new rules once two looks agree, so that half-copied files
 * are not taken. Polling, since notifications of the file system do not come through network and container mounts.
 */
export class RuleWatch {
  private readonly shipped: readonly RuleSource[];
  private readonly directories: readonly string[];
  private readonly pollMs: number;
  private readonly changed: (generation: RuleGeneration) => Promise<unknown>;
  private timer: NodeJS.Timeout | undefined;
  private known: string;
  private pending: string | undefined;
  private stopped = false;

  /** @param known the stamp of what is in use */
  constructor(
    shipped: readonly RuleSource[],
    directories: readonly string[],
    known: string,
    pollMs: number,
    changed: (generation: RuleGeneration) => Promise<unknown>,
  ) {
    this.shipped = shipped;
    this.directories = directories;
    this.known = known;
    this.pollMs = pollMs;
    this.changed = changed;
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.look().finally(() => this.schedule()), this.pollMs);
    this.timer.unref();
  }

  private async look(): Promise<void> {
    const { stamp } = await listRuleFiles(this.directories);
    if (stamp === this.known) return void (this.pending = undefined);
    if (stamp !== this.pending) return void (this.pending = stamp);
    const read = await readGeneration(this.shipped, this.directories);
    // Changed again between listing and reading: the next look decides.
    if (read.stamp !== stamp || this.stopped) return;
    this.known = stamp;
    this.pending = undefined;
    await this.changed(read.generation);
  }
}
