import { readFileSync } from 'node:fs';

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

export type Meta = Record<string, unknown>;

/** Compiled rules of one namespace. */
export type Matcher = (data: Uint8Array, variables: PartVariables) => { rule: string; meta: Meta }[];

/** A YARA-X build that this machine can load. `build` throws YARA-X's own message for text that does not compile. */
export interface YaraEngine {
  version: string;
  build(text: string): Matcher;
  /** Rules beyond this number would take minutes to compile and seconds a file; undefined: no such bound. */
  maxRules?: number;
}

const VARIABLES: readonly (keyof PartVariables)[] = ['filename', 'filepath', 'extension', 'filetype', 'owner'];
/**
 * Ours alone: the extension between bars, to be looked up in a list (`"|js|vbs|" contains suffix`). A regular expression
 * would be compiled anew for every part.
 */
const SUFFIX = 'suffix';
/** Rules count matches; more than this tells nothing new and costs time on hostile files. */
const MATCHES_PER_PATTERN = 1_000;

/** The native YARA-X where it is installed and wanted, else its WebAssembly build: the same rules, the same answers. */
export async function loadYara(prefer: 'auto' | 'wasm'): Promise<YaraEngine> {
  const native = prefer === 'auto' ? await loadNative() : undefined;
  return native ?? (await loadWasm());
}

async function loadNative(): Promise<YaraEngine | undefined> {
  // An optional dependency: where it has no build for this machine, the WebAssembly build takes its place.
  const yara = await import('@litko/yara-x').catch(() => undefined);
  if (!yara) return undefined;
  const defineVariables = Object.fromEntries([...VARIABLES, SUFFIX].map((name) => [name, '']));
  return {
    version: 'yara-x native 0.3.0',
    build(text) {
      const rules = yara.compile(text, { defineVariables, enableIncludes: false });
      rules.setMaxMatchesPerPattern(MATCHES_PER_PATTERN);
      return (data, variables) => {
        const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        const hits: { ruleIdentifier: string; meta: object }[] = rules.scan(bytes, asStrings(variables));
        return hits.map((hit) => ({ rule: hit.ruleIdentifier, meta: { ...hit.meta } }));
      };
    },
  };
}

/** The native binding reads "001" and "true" as a number and a truth value, and then refuses the type: no rule names such a file. */
function asStrings(variables: PartVariables): Record<string, string> {
  const guarded = (value: string): string =>
    /^\s*[+-]?([\d.][\d.e+_-]*|inf|infinity|nan)\s*$|^\s*(true|false)\s*$/i.test(value) ? `_${value}` : value;
  const strings = Object.fromEntries(VARIABLES.map((name) => [name, guarded(variables[name])]));
  return { ...strings, [SUFFIX]: `|${variables.extension}|` };
}

async function loadWasm(): Promise<YaraEngine> {
  const yara = await import('@virustotal/yara-x');
  const wasm = require.resolve('@virustotal/yara-x/package.json').replace(/package\.json$/, 'pkg/yara_x_js_bg.wasm');
  yara.initSync({ module: readFileSync(wasm) });
  return {
    version: 'yara-x wasm 1.20.0',
    maxRules: 500,
    build(text) {
      const compiler = new yara.Compiler();
      try {
        for (const name of [...VARIABLES, SUFFIX]) compiler.defineGlobal(name, '');
        compiler.addSource(text);
        const scanner = compiler.build().scanner();
        scanner.setMaxMatchesPerPattern(MATCHES_PER_PATTERN);
        return (data, variables) => {
          for (const name of VARIABLES) scanner.setGlobal(name, variables[name]);
          scanner.setGlobal(SUFFIX, `|${variables.extension}|`);
          return wasmHits(scanner.scan(data));
        };
      } finally {
        compiler.free();
      }
    },
  };
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
