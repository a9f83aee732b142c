/** Gathers hexadecimal digits that stand among anything, within a bound. */
export class HexSink {
  private digits = Buffer.alloc(0);
  private length = 0;
  private readonly most: number;
  /** More digits came than the bound allows. */
  over = false;

  /** @param bytes bound of the decoded data */
  constructor(bytes: number) {
    this.most = Math.max(0, bytes) * 2;
  }

  /** Takes the digits of `bytes` from `start` to `end`. */
  text(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      const letter = byte | 0x20;
      if ((byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66)) this.put(byte);
    }
  }

  /** Takes bytes as they are. */
  binary(bytes: Buffer): void {
    const hex = Buffer.from(bytes.toString('hex'), 'latin1');
    for (const digit of hex) this.put(digit);
  }

  private put(digit: number): void {
    if (this.length >= this.most) this.over = true;
    else {
      if (this.length === this.digits.length)
        this.digits = Buffer.concat([this.digits, Buffer.alloc(Math.max(256, this.length))]);
      this.digits[this.length++] = digit;
    }
  }

  get size(): number {
    return this.length;
  }

  /** The digits in small letters; they may begin in the middle of a byte. */
  hex(): string {
    return this.digits.toString('latin1', 0, this.length).toLowerCase();
  }
}
