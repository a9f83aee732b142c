import { ansi, u16, u32 } from './bytes';
import type { CompoundEntry } from './cfb';
import type { Scene } from './scene';

const TOP_HEADER = 32;
const NESTED_HEADER = 24;
const ENTRY_BYTES = 16;

/** Properties of one message, attachment or recipient: the streams of its storage ([MS-OXMSG] 2.1.3). */
export class Properties {
  private readonly scene: Scene;
  private readonly streams = new Map<string, CompoundEntry>();
  private readonly headerBytes: number;
  private readonly codePage: number;

  constructor(scene: Scene, children: readonly CompoundEntry[], kind: 'top' | 'nested' | 'part', codePage?: number) {
    this.scene = scene;
    for (const entry of children) if (entry.kind === 'stream') this.streams.set(entry.name.toLowerCase(), entry);
    this.headerBytes = { top: TOP_HEADER, nested: NESTED_HEADER, part: 8 }[kind];
    this.codePage = this.number(0x3ffd) || codePage || 1252;
  }

  get page(): number {
    return this.codePage;
  }

  /** A number out of the table of fixed properties. */
  number(id: number): number {
    const entry = this.streams.get('__properties_version1.0');
    const table = entry ? this.scene.bytes(entry) : Buffer.alloc(0);
    for (let at = this.headerBytes; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
      if (u16(table, at + 2) === id) return u32(table, at + 8);
    }
    return 0;
  }

  /** The stream of a property in one of the given types (hexadecimal, as in its name). */
  stream(id: number, ...types: string[]): CompoundEntry | undefined {
    for (const type of types) {
      const name = `__substg1.0_${id.toString(16).padStart(4, '0')}${type}`.toLowerCase();
      const entry = this.streams.get(name);
      if (entry && entry.size > 0) return entry;
    }
    return undefined;
  }

  /** A text property, in either of its types. */
  text(id: number): string {
    const wide = this.stream(id, '001f');
    if (wide) return this.scene.bytes(wide).toString('utf16le').replace(/\0+$/, '');
    const narrow = this.stream(id, '001e');
    return narrow ? ansi(this.scene.bytes(narrow), this.codePage).replace(/\0+$/, '') : '';
  }
}
