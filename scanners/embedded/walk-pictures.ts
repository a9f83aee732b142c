/** Processor time for the pictures of one file: with second looks, and in all. */
const HURRY_MS = 1_500;
const MAX_MS = 5_000;

/**
 * What the pictures of one file have cost. Hundreds of photographs get one quick look each; only what takes far longer is
 * a gap. Counted in processor time, so that other processes' load decides nothing.
 */
export class PictureBudget {
  private spentMs = 0;

  get over(): boolean {
    return this.spentMs > MAX_MS;
  }

  /** Second looks are no longer affordable. */
  get hurried(): boolean {
    return this.spentMs > HURRY_MS;
  }

  /** Does the work and counts it. */
  async spend<T>(work: () => Promise<T>): Promise<T> {
    const started = processorMs();
    try {
      return await work();
    } finally {
      this.spentMs += processorMs() - started;
    }
  }
}

/** Of the whole process: pictures are decoded in threads of their own. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
