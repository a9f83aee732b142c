/** First come, first served. The turn is taken when asked for, in the order of the calls. */
export class Turnstile {
  private free: number;
  private readonly waiting: (() => void)[] = [];
  private closed = false;

  constructor(places: number) {
    this.free = places;
  }

  /** Resolves when it is our turn; the result gives the place back, once. Rejects after `close`. */
  async enter(): Promise<() => void> {
    if (this.closed) throw new Error('the engine was closed');
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    };
    if (!this.closed) return leave;
    leave();
    throw new Error('the engine was closed');
  }

  close(): void {
    this.closed = true;
    for (const next of this.waiting.splice(0)) next();
  }
}
