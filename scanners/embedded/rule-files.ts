import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { MAX_RULE_FILES, type RuleSource } from './protocol';

const MIB = 1024 * 1024;
const MAX_FILE_BYTES = 4 * MIB;
const MAX_TOTAL_BYTES = 64 * MIB;
const MAX_DEPTH = 16;
const RULE_FILE = /\.yara?$/i;
const LICENCE_FILE = /^(licen[cs]e|copying)(\.(md|txt))?$/i;

/** What was found below the added directories. `stamp` changes when a file comes, goes or changes. */
export interface RuleListing {
  stamp: string;
  files: { path: string; name: string; licencePath?: string }[];
  problems: string[];
}

/**
 * Lists the `.yar` and `.yara` files below directories, in a fixed order. Links are followed, since mounted
 * configuration consists of them; hidden directories are left out. What cannot be listed is a problem, not an error.
 */
export async function listRuleFiles(directories: readonly string[]): Promise<RuleListing> {
  const listing: RuleListing = { stamp: '', files: [], problems: [] };
  const stamps: string[] = [];
  for (const directory of directories) await listOne(resolve(directory), listing, stamps);
  if (listing.files.length > MAX_RULE_FILES) {
    listing.problems.push(`only the first ${MAX_RULE_FILES} of ${listing.files.length} rule files are used`);
    listing.files.length = MAX_RULE_FILES;
  }
  return { ...listing, stamp: [...stamps, ...listing.problems].join('\n') };
}

async function listOne(root: string, listing: RuleListing, stamps: string[]): Promise<void> {
  const seen = new Set<string>();
  const stack: { path: string; depth: number; licencePath?: string }[] = [{ path: root, depth: 0 }];
  for (let folder = stack.pop(); folder; folder = stack.pop()) {
    const { path, depth } = folder;
    try {
      const real = await realpath(path);
      if (seen.has(real) || depth > MAX_DEPTH) continue;
      seen.add(real);
      const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
      const licence = names.find((name) => LICENCE_FILE.test(name));
      const licencePath = licence === undefined ? folder.licencePath : join(path, licence);
      for (const name of names) {
        const inside = join(path, name);
        const is = await stat(inside).catch((error: unknown) => codeOf(error));
        if (typeof is === 'string') listing.problems.push(`${inside} cannot be read (${is})`);
        else if (is.isDirectory()) stack.push({ path: inside, depth: depth + 1, ...(licencePath && { licencePath }) });
        else if (is.isFile() && (RULE_FILE.test(name) || LICENCE_FILE.test(name))) {
          stamps.push(JSON.stringify([inside, is.size, is.mtimeMs, is.ino]));
          if (!RULE_FILE.test(name)) continue;
          const shown = join(basename(root), relative(root, inside));
          listing.files.push({ path: inside, name: shown, ...(licencePath && { licencePath }) });
        }
      }
    } catch (error) {
      listing.problems.push(`${path} cannot be read (${codeOf(error)})`);
    }
  }
}

/** Reads listed files. A file that cannot be read, or is too large, is left out and becomes a problem. */
export async function readRuleFiles(listing: RuleListing): Promise<{ sources: RuleSource[]; problems: string[] }> {
  const sources: RuleSource[] = [];
  const problems = [...listing.problems];
  const licences = new Map<string, string>();
  const names = new Set<string>();
  let total = 0;
  for (const { path, name, licencePath } of listing.files) {
    try {
      const { size } = await stat(path);
      if (size > MAX_FILE_BYTES || total + size > MAX_TOTAL_BYTES) {
        problems.push(`rule file ${name} was left out: the bound is 4 MiB a file and 64 MiB together`);
        continue;
      }
      total += size;
      const text = await readFile(path, 'utf8');
      const licence = licenceLine(text) ?? (licencePath && (await licenceOf(licencePath, licences)));
      sources.push({ name: unique(name, names), text, added: true, ...(licence && { licence }) });
    } catch (error) {
      problems.push(`rule file ${name} cannot be read (${codeOf(error)})`);
    }
  }
  return { sources, problems };
}

/** Two directories of the same name may be given. */
function unique(name: string, taken: Set<string>): string {
  const short = name.length <= 200 ? name : `…${name.slice(-199)}`;
  let free = short;
  for (let count = 2; taken.has(free); count += 1) free = `${short} (${count})`;
  taken.add(free);
  return free;
}

/** The licence that a rule file's head names in a comment. */
function licenceLine(text: string): string | undefined {
  const head = text.slice(0, 4_000).split(/^\s*(?:private\s+|global\s+)*rule\b/m, 1)[0] ?? '';
  return /\blicen[cs]ed?\b[^\n]{0,200}/i.exec(head)?.[0].trim();
}

async function licenceOf(path: string, known: Map<string, string>): Promise<string> {
  const read = known.get(path);
  if (read !== undefined) return read;
  const text = await readFile(path, 'utf8').catch(() => '');
  const line = text.split('\n').find((candidate) => candidate.trim() !== '');
  const licence = (line ?? '').replace(/^[#\s*]+/, '').trim();
  known.set(path, licence.slice(0, 200));
  return licence.slice(0, 200);
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
}
