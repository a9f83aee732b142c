import { ansi } from './bytes';
import type { CompoundEntry } from './cfb';
import { decompressVba, readDirStream } from './ovba';
import type { Scene } from './scene';
import { judgeProject } from './vba-judge';

/** A macro module's text, and the compiled form that stands before it. */
export interface MacroSource {
  name: string;
  text: string;
  compiled: Buffer;
}

const MAX_SOURCE = 8 * 1024 * 1024;
/** Bytes that all projects of a file may decompress to: streams can share their sectors. */
const MAX_SOURCES = 32 * 1024 * 1024;
/** Characters looked at to put texts together: code may double its texts with every line. */
const MAX_TEXTS = 16 * 1024 * 1024;
/** A module's text always begins with the word "Attribute": eight literals behind a flag byte of zero. */
const FIRST_WORD = Buffer.from('\0Attribut', 'latin1');

/** What may still be done for a file. */
interface Work {
  sources: number;
  texts: number;
}

/** Finds every macro project of the file, gives the modules' texts as parts and says what they do. */
export function lookAtMacros(scene: Scene): void {
  const seen = new Set<CompoundEntry>();
  const work = { sources: MAX_SOURCES, texts: MAX_TEXTS };
  for (const dir of scene.file.entries.filter(({ name, kind }) => kind === 'stream' && /^dir$/i.test(name))) {
    const project = readProject(scene, dir, seen, work);
    if (project.length > 0) report(scene, project, neighbour(scene, dir, '_VBA_PROJECT'), work);
  }
  // Modules that no list names, whatever their stream is called.
  const strays = scene.file.entries.filter((entry) => entry.kind === 'stream' && !seen.has(entry));
  const found = strays.flatMap((entry): MacroSource[] => {
    const bytes = scene.bytes(entry);
    const at = sourceStart(bytes);
    if (at < 0) return [];
    const text = ansi(unpacked(bytes, at, work));
    return text.startsWith('Attribut') ? [{ name: entry.name, text, compiled: bytes.subarray(0, at) }] : [];
  });
  if (found.length > 0) report(scene, found, Buffer.alloc(0), work);
  if (work.sources <= 0) scene.haul.gap('limit_reached');
}

function unpacked(bytes: Buffer, at: number, work: Work): Buffer {
  const source = decompressVba(bytes, at, Math.max(0, Math.min(MAX_SOURCE, work.sources)));
  work.sources -= source.length;
  return source;
}

function readProject(scene: Scene, dir: CompoundEntry, seen: Set<CompoundEntry>, work: Work): MacroSource[] {
  const { modules, codePage } = readDirStream(unpacked(scene.bytes(dir), 0, work), ansi);
  return modules.flatMap((module): MacroSource[] => {
    const entry = sibling(scene, dir, module.stream) ?? sibling(scene, dir, module.name);
    if (!entry) return [];
    seen.add(entry);
    const bytes = scene.bytes(entry);
    let source = unpacked(bytes, module.offset, work);
    let offset = module.offset;
    if (!source.toString('latin1', 0, 9).startsWith('Attribut')) {
      const at = sourceStart(bytes);
      const other = at < 0 ? Buffer.alloc(0) : unpacked(bytes, at, work);
      if (other.length > 0) [source, offset] = [other, at];
    }
    return [{ name: module.name || entry.name, text: ansi(source, codePage), compiled: bytes.subarray(0, offset) }];
  });
}

function sourceStart(bytes: Buffer): number {
  const at = bytes.indexOf(FIRST_WORD);
  return at >= 3 && bytes[at - 3] === 1 ? at - 3 : -1;
}

function sibling(scene: Scene, entry: CompoundEntry, name: string): CompoundEntry | undefined {
  if (name === '') return undefined;
  return scene.file.find(...entry.path.slice(0, -1), name);
}

function neighbour(scene: Scene, entry: CompoundEntry, name: string): Buffer {
  const found = sibling(scene, entry, name);
  return found ? scene.bytes(found) : Buffer.alloc(0);
}

function report(scene: Scene, project: readonly MacroSource[], compiledNames: Buffer, work: Work): void {
  const { haul } = scene;
  for (const { name, text } of project) if (text.length > 0) haul.member(`${name}.bas`, Buffer.from(text));
  const judged = judgeProject(project, compiledNames, work);
  for (const { rule, module } of judged.findings) haul.find(rule, ...(module ? [`${module}.bas`] : []));
  for (const { name, data } of judged.parts) haul.member(name, data);
  for (const { url, module } of judged.links) haul.link(url, `${module}.bas`);
}
