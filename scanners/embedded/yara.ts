import { readFileSync } from 'node:fs';
import type { Severity } from '../../domain/words';
import { SEVERITIES } from '../../domain/words';
import type { ChildFinding, RuleSource } from './protocol';

/** What rules may ask about the part they look at, beside its bytes (YARA external variables). */
export interface PartVariables {
  filename: string;
  filepath: string;
  /** Lower case, without dot; empty when there is none. */
  extension: string;
  /** MIME type by content. */
  filetype: string;
  owner: string;
}

/** Compiled rules. `problems` are one sentence per rule file that was left out. */
export interface RuleSet {
  version: string;
  problems: string[];
  scan(data: Uint8Array, variables: PartVariables): Omit<ChildFinding, 'path'>[];
}

type Meta = Record<string, unknown>;
type Matcher = (data: Uint8Array, variables: PartVariables) => { rule: string; meta: Meta }[];

const VARIABLES: readonly (keyof PartVariables)[] = ['filename', 'filepath', 'extension', 'filetype', 'owner'];

/**
 * Compiles rules with the native YARA-X where it is installed, else with its WebAssembly build. A file with an error is
 * left out and reported, never silently. Includes are off.
 * @throws when no rule file compiles: an engine without rules must not answer
 */
export async function loadRules(sources: readonly RuleSource[], prefer: 'auto' | 'wasm'): Promise<RuleSet> {
  const native = prefer === 'auto' ? await loadNative(sources) : undefined;
  const loaded = native ?? (await loadWasm(sources));
  if (loaded.matchers.length === 0) throw new Error(`No rule file compiled: ${loaded.problems.join('; ')}`);
  const scan = (data: Uint8Array, variables: PartVariables): Omit<ChildFinding, 'path'>[] =>
    loaded.matchers.flatMap((match) => match(data, variables)).map(({ rule, meta }) => toFinding(rule, meta));
  return { version: loaded.version, problems: loaded.problems, scan };
}

interface Loaded {
  version: string;
  matchers: Matcher[];
  problems: string[];
}

async function loadNative(sources: readonly RuleSource[]): Promise<Loaded | undefined> {
  const yara = await import('@litko/yara-x').catch(() => undefined);
  if (!yara) return undefined;
  const defineVariables = Object.fromEntries(VARIABLES.map((name) => [name, '']));
  const build = (text: string): Matcher => {
    const rules = yara.compile(text, { defineVariables, enableIncludes: false });
    rules.setMaxMatchesPerPattern(16);
    return (data, variables) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const hits: { ruleIdentifier: string; meta: object }[] = rules.scan(bytes, asStrings(variables));
      return hits.map((hit) => ({ rule: hit.ruleIdentifier, meta: { ...hit.meta } }));
    };
  };
  return { version: 'yara-x native 0.3.0', ...buildAll(sources, build) };
}

/** The native binding reads "001" and "true" as a number and a truth value, and then refuses the type: no rule names such a file. */
function asStrings(variables: PartVariables): Record<string, string> {
  const guarded = (value: string): string =>
    /^\s*[+-]?([\d.][\d.e+_-]*|inf|infinity|nan)\s*$|^\s*(true|false)\s*$/i.test(value) ? `_${value}` : value;
  return Object.fromEntries(VARIABLES.map((name) => [name, guarded(variables[name])]));
}

async function loadWasm(sources: readonly RuleSource[]): Promise<Loaded> {
  const yara = await import('@virustotal/yara-x');
  const wasm = require.resolve('@virustotal/yara-x/package.json').replace(/package\.json$/, 'pkg/yara_x_js_bg.wasm');
  yara.initSync({ module: readFileSync(wasm) });
  const build = (text: string): Matcher => {
    const compiler = new yara.Compiler();
    for (const name of VARIABLES) compiler.defineGlobal(name, '');
    compiler.addSource(text);
    const scanner = compiler.build().scanner();
    scanner.setMaxMatchesPerPattern(16);
    return (data, variables) => {
      for (const name of VARIABLES) scanner.setGlobal(name, variables[name]);
      return wasmHits(scanner.scan(data));
    };
  };
  return { version: 'yara-x wasm 1.20.0', ...buildAll(sources, build) };
}

/** One compilation for all files where that works (one scan a part); else file by file, leaving out the broken ones. */
function buildAll(sources: readonly RuleSource[], build: (text: string) => Matcher): Omit<Loaded, 'version'> {
  try {
    return { matchers: [build(sources.map(({ text }) => text).join('\n'))], problems: [] };
  } catch {
    const good: string[] = [];
    const problems: string[] = [];
    for (const { name, text } of sources) {
      try {
        build([...good, text].join('\n'));
        good.push(text);
      } catch {
        problems.push(`rule file ${name} does not compile and was left out`);
      }
    }
    return { matchers: good.length > 0 ? [build(good.join('\n'))] : [], problems };
  }
}

interface WasmResult {
  matches?: { identifier?: unknown; metadata?: { identifier?: unknown; value?: unknown }[] }[];
}

function wasmHits(result: WasmResult): { rule: string; meta: Meta }[] {
  if (!Array.isArray(result.matches)) throw new Error('YARA-X gave no list of matches');
  return result.matches.map((match) => ({
    rule: String(match.identifier),
    meta: Object.fromEntries((match.metadata ?? []).map((entry) => [String(entry.identifier), entry.value])),
  }));
}

function toFinding(rule: string, meta: Meta): Omit<ChildFinding, 'path'> {
  const text = (key: string): string | undefined => {
    const value = meta[key];
    return typeof value === 'string' && value !== '' ? value.slice(0, 1_000) : undefined;
  };
  const [author, reference, licence] = [text('author'), text('reference'), text('license') ?? text('licence')];
  return {
    rule: rule.slice(0, 200),
    severity: severityOf(text('severity')),
    what: text('description') ?? 'A detection rule matches this content.',
    ...(author !== undefined && { author }),
    ...(reference !== undefined && { reference }),
    ...(licence !== undefined && { licence }),
  };
}

/** A foreign rule without our severity is taken seriously. */
function severityOf(word: string | undefined): Severity {
  return SEVERITIES.find((severity) => severity === word) ?? 'high';
}
