import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The bytes of uploads: files below a directory, or memory where there is none. */
export class Blobs {
  private readonly memory = new Map<string, Buffer>();
  private readonly directory: string | undefined;

  constructor(directory: string | undefined) {
    this.directory = directory === undefined ? undefined : join(directory, 'blobs');
    if (this.directory !== undefined) mkdirSync(this.directory, { recursive: true });
  }

  put(id: string, bytes: Buffer): void {
    if (this.directory === undefined) this.memory.set(id, bytes);
    else writeFileSync(join(this.directory, id), bytes);
  }

  get(id: string): Buffer | undefined {
    if (this.directory === undefined) return this.memory.get(id);
    try {
      return readFileSync(join(this.directory, id));
    } catch {
      return undefined;
    }
  }

  remove(id: string): void {
    if (this.directory === undefined) this.memory.delete(id);
    else rmSync(join(this.directory, id), { force: true });
  }
}
