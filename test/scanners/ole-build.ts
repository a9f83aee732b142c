import { deflateSync } from 'node:zlib';

/** A stream or storage to be written; paths have their steps parted by `/`. */
export interface OleStream {
  path: string;
  data: Buffer;
}

export interface OleOptions {
  version?: 3 | 4;
  /** Class identifiers by path of storage; '' is the root. 32 hexadecimal digits as they stand in the file. */
  classes?: Record<string, string>;
  /** Lays every second sector elsewhere, as files grow that are saved often. */
  scattered?: boolean;
  /** Paths that the directory lists but no storage leads to. */
  orphans?: readonly string[];
}

interface Node {
  name: string;
  type: number;
  path: string;
  data: Buffer;
  children: Node[];
  start: number;
}

const END = 0xffff_fffe;
const NONE = 0xffff_ffff;
const MINI = 64;
const CUTOFF = 4_096;

/** Writes a compound file ([MS-CFB]), with mini stream, allocation table and directory. */
export function compound(streams: readonly OleStream[], options: OleOptions = {}): Buffer {
  const sector = options.version === 4 ? 4_096 : 512;
  const { nodes, root } = tree(streams);
  const body: Buffer[] = [];
  const fat: number[] = [];
  const write = (data: Buffer): number => {
    if (data.length === 0) return END;
    const count = Math.ceil(data.length / sector);
    const first = body.length;
    const places = Array.from({ length: count }, (_unused, index) => first + index);
    if (options.scattered) places.reverse();
    for (const [index, place] of places.entries()) {
      const piece = Buffer.alloc(sector);
      data.copy(piece, 0, index * sector, (index + 1) * sector);
      body[place] = piece;
      fat[place] = places[index + 1] ?? END;
    }
    return places[0] ?? END;
  };
  const minis: Buffer[] = [];
  const miniFat: number[] = [];
  for (const node of nodes) {
    if (node.type !== 2) continue;
    if (node.data.length >= CUTOFF) node.start = write(node.data);
    else if (node.data.length > 0) {
      node.start = miniFat.length;
      const count = Math.ceil(node.data.length / MINI);
      for (let index = 1; index <= count; index += 1) miniFat.push(index < count ? node.start + index : END);
      minis.push(Buffer.concat([node.data, Buffer.alloc(count * MINI - node.data.length)]));
    }
  }
  root.data = Buffer.concat(minis);
  root.start = write(root.data);
  const miniStart = write(numbers(miniFat, sector));
  const directory = write(directoryOf(nodes, options, sector));
  const header = headerOf(sector, directory, miniStart, Math.ceil((miniFat.length * 4) / sector));
  const fatSectors: number[] = [];
  for (let need = 1; fatSectors.length < need; need = Math.ceil(((body.length + need) * 4) / sector)) {
    fatSectors.push(body.length + fatSectors.length);
  }
  for (const place of fatSectors) fat[place] = 0xffff_fffd;
  const table = numbers(fat, sector);
  header.writeUInt32LE(fatSectors.length, 0x2c);
  for (const [index, place] of fatSectors.entries()) header.writeUInt32LE(place, 0x4c + index * 4);
  return Buffer.concat([header, ...body, table]);
}

function tree(streams: readonly OleStream[]): { nodes: Node[]; root: Node } {
  const root: Node = { name: 'Root Entry', type: 5, path: '', data: Buffer.alloc(0), children: [], start: END };
  const nodes = [root];
  for (const { path, data } of streams) {
    let parent = root;
    const steps = path.split('/');
    for (const [index, name] of steps.entries()) {
      const own = steps.slice(0, index + 1).join('/');
      let node = nodes.find((other) => other.path === own && other !== root);
      if (!node) {
        const leaf = index === steps.length - 1;
        const content = leaf ? data : Buffer.alloc(0);
        node = { name, type: leaf ? 2 : 1, path: own, data: content, children: [], start: leaf ? END : 0 };
        nodes.push(node);
        parent.children.push(node);
      }
      parent = node;
    }
  }
  return { nodes, root };
}

function directoryOf(nodes: readonly Node[], { classes, orphans, version }: OleOptions, sector: number): Buffer {
  const entries = Buffer.alloc(Math.ceil((nodes.length * 128) / sector) * sector);
  const linked = (list: readonly Node[]): Node[] => list.filter(({ path }) => !orphans?.includes(path));
  const next = new Map<Node, number>();
  for (const { children } of nodes) {
    const shown = linked(children);
    for (const [index, node] of shown.entries()) {
      const after = shown[index + 1];
      if (after) next.set(node, nodes.indexOf(after));
    }
  }
  for (const [index, node] of nodes.entries()) {
    const entry = entries.subarray(index * 128, index * 128 + 128);
    entry.write(node.name.slice(0, 31), 0, 'utf16le');
    entry.writeUInt16LE((Math.min(31, node.name.length) + 1) * 2, 0x40);
    entry[0x42] = node.type;
    entry[0x43] = 1;
    const [child] = linked(node.children);
    entry.writeUInt32LE(NONE, 0x44);
    entry.writeUInt32LE(next.get(node) ?? NONE, 0x48);
    entry.writeUInt32LE(child ? nodes.indexOf(child) : NONE, 0x4c);
    Buffer.from(classes?.[node.path] ?? '', 'hex').copy(entry, 0x50);
    entry.writeUInt32LE(node.start, 0x74);
    entry.writeUInt32LE(node.data.length, 0x78);
    // Old writers leave anything in the high half of a size.
    if (version !== 4 && node.type === 2) entry.writeUInt32LE(0xcccc_cccc, 0x7c);
  }
  return entries;
}

function headerOf(sector: number, directory: number, miniStart: number, miniSectors: number): Buffer {
  const header = Buffer.alloc(sector);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header);
  header.writeUInt16LE(0x3e, 0x18);
  header.writeUInt16LE(sector === 512 ? 3 : 4, 0x1a);
  header.writeUInt16LE(0xfffe, 0x1c);
  header.writeUInt16LE(Math.log2(sector), 0x1e);
  header.writeUInt16LE(6, 0x20);
  header.writeUInt32LE(directory, 0x30);
  header.writeUInt32LE(CUTOFF, 0x38);
  header.writeUInt32LE(miniSectors > 0 ? miniStart : END, 0x3c);
  header.writeUInt32LE(miniSectors, 0x40);
  header.writeUInt32LE(END, 0x44);
  header.fill(0xff, 0x4c, 512);
  return header;
}

function numbers(values: readonly number[], sector: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((values.length * 4) / sector) * sector, 0xff);
  for (let index = 0; index < values.length; index += 1) bytes.writeUInt32LE(values[index] ?? NONE, index * 4);
  return bytes;
}

/** What Object Packager writes about a file. */
export function ole10Native(name: string, data: Buffer): Buffer {
  const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'latin1');
  const path = text(`C:\\Users\\a\\AppData\\Local\\Temp\\${name}`);
  const body = Buffer.concat([
    Buffer.from([2, 0]),
    text(name),
    text(`C:\\Desktop\\${name}`),
    Buffer.from([0, 0, 3, 0]),
    long(path.length),
    path,
    long(data.length),
    data,
  ]);
  return Buffer.concat([long(body.length), body]);
}

export function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
}

/** A record of PowerPoint that holds a compound file, deflated. */
export function pptObject(file: Buffer): Buffer {
  const body = Buffer.concat([long(file.length), deflateSync(file)]);
  return Buffer.concat([short(0x10), short(0x1011), long(body.length), body]);
}
