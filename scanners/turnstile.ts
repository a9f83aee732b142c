/** First come, first served. The turn is taken when asked for, in the order of the calls. */
export class Turnstile {
  private places: number;
  private free: number;
  private readonly waiting: (() => void)[] = [];
  private closed = false;

  constructor(places: number) {
    this.places = places;
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
      this.free += 1;
      this.admit();
    };
    if (!this.closed) return leave;
    leave();
    throw new Error('the engine was closed');
  }

  /** More or fewer places from now on; who is inside stays. */
  resize(places: number): void {
    this.free += places - this.places;
    this.places = places;
    this.admit();
  }

  close(): void {
    this.closed = true;
    for (const next of this.waiting.splice(0)) next();
  }

  private admit(): void {
    while (this.free > 0) {
      const next = this.waiting.shift();
      if (!next) return;
      this.free -= 1;
      next();
    }
  }
}
