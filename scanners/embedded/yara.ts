import type { ChildFinding, RuleSource } from './protocol';
import { SEVERITIES, type Severity } from '../../domain/words';
import { fromUtf16 } from './utf16';
import { loadYara, type Matcher, type Meta, type PartVariables, type YaraEngine } from './yara-engines';
import { SilentParts } from './yara-memory';

export type { PartVariables } from './yara-engines';

type PartFinding = Omit<ChildFinding, 'path'>;

/** Compiled rules. `problems` are one sentence per rule file that was left out, `broken` those files' names. */
export interface RuleSet {
  version: string;
  problems: string[];
  broken: string[];
  /** @param digest of the data: a part without findings is not looked at twice */
  scan(data: Uint8Array, variables: PartVariables, digest?: string): PartFinding[];
}

interface Group {
  match: Matcher;
  /** Source of a rule, by the rule's name. */
  sources: ReadonlyMap<string, RuleSource>;
  /** The WebAssembly build tells of private rules too. */
  hidden: ReadonlySet<string>;
}

/**
 * Compiles rules. A file with an error is left out and reported, never silently. Rules shipped with Lazaret are
 * compiled apart, so that no added file can change them; added files may use the same rule names as one another.
 * @param checked the sources are known to compile each by itself, which saves compiling them twice
 * @throws when the shipped rules do not compile: an engine without rules must not answer
 */
export async function loadRules(
  sources: readonly RuleSource[],
  prefer: 'auto' | 'wasm',
  checked = false,
): Promise<RuleSet> {
  const yara = await loadYara(prefer);
  const shipped = sources.filter(({ added }) => !added);
  const added = sources.filter((source) => source.added);
  const groups = pack(shipped).flatMap((files) => compile(yara, files));
  if (groups.length === 0) throw new Error('There are no rules.');
  const broken = new Map<string, string>();
  const bounded = withinBound(yara, added, broken);
  const good = checked ? bounded : bounded.filter((source) => compilesAlone(yara, source, broken));
  groups.push(...pack(good).flatMap((files) => compile(yara, files)));
  const silent = new SilentParts([...shipped, ...good].map(({ text }) => text));
  return {
    version: yara.version,
    problems: [...broken.values()],
    broken: [...broken.keys()],
    scan(data, variables, digest) {
      const key = digest === undefined ? undefined : silent.key(digest, variables);
      if (key !== undefined && silent.has(key)) return [];
      const text = fromUtf16(data);
      const views = text ? [data, text] : [data];
      const all = groups.flatMap((group) => views.flatMap((view) => findingsOf(group, view, variables)));
      if (key !== undefined && all.length === 0) silent.remember(key);
      return gravestOfEach(all);
    },
  };
}

function withinBound(yara: YaraEngine, added: readonly RuleSource[], broken: Map<string, string>): RuleSource[] {
  if (yara.maxRules === undefined) return [...added];
  let rules = 0;
  return added.filter((source) => {
    rules += ruleNames(source.text).length;
    if (rules <= (yara.maxRules ?? 0)) return true;
    const bound = `more than ${yara.maxRules} added rules need the native YARA-X, which is not installed here`;
    broken.set(source.name, `rule file ${source.name} was left out: ${bound}`);
    return false;
  });
}

function compilesAlone(yara: YaraEngine, { name, text }: RuleSource, broken: Map<string, string>): boolean {
  try {
    yara.build(text);
    return true;
  } catch (error) {
    broken.set(name, `rule file ${name} does not compile and was left out (${complaint(error)})`);
    return false;
  }
}

/** YARA-X's first line and the place; not the lines of source that it shows. */
function complaint(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const what = /error\[E\d+\]: [^\n]{1,150}/.exec(message)?.[0] ?? 'unknown error';
  const line = /line:(\d+)/.exec(message)?.[1];
  return line === undefined ? what : `line ${line}: ${what}`;
}

/** As few groups as possible, in which no rule name comes twice; a file with a global rule, which rules over all of its group, alone. */
function pack(sources: readonly RuleSource[]): RuleSource[][] {
  const groups: { files: RuleSource[]; names: Set<string> }[] = [];
  const alone: RuleSource[][] = [];
  for (const source of sources) {
    if (/\bglobal\s+(private\s+)?rule\b/.test(source.text) || /\bprivate\s+global\s+rule\b/.test(source.text)) {
      alone.push([source]);
      continue;
    }
    const names = ruleNames(source.text);
    let group = groups.find((candidate) => names.every((name) => !candidate.names.has(name)));
    if (!group) groups.push((group = { files: [], names: new Set() }));
    group.files.push(source);
    for (const name of names) group.names.add(name);
  }
  return [...groups.map(({ files }) => files), ...alone];
}

/** May name too many (comments, strings), which only splits groups. */
function ruleNames(text: string): string[] {
  return [...text.matchAll(/\brule\s+([A-Za-z_]\w{0,127})/g)].map(([, name]) => name ?? '');
}

function privateNames(text: string): string[] {
  return [...text.matchAll(/\bprivate\s+(?:global\s+)?rule\s+(\w{1,128})/g)].map(([, name]) => name ?? '');
}

/** Files that compile each but not together go apart. @throws for a single file that does not compile */
function compile(yara: YaraEngine, files: readonly RuleSource[]): Group[] {
  if (files.length === 0) return [];
  try {
    const match = yara.build(files.map(({ text }) => text).join('\n'));
    const sources = new Map(files.flatMap((file) => ruleNames(file.text).map((name) => [name, file] as const)));
    const hidden = new Set(files.flatMap(({ text }) => privateNames(text)));
    return [{ match, sources, hidden }];
  } catch (error) {
    if (files.length === 1) throw error;
    const half = files.length >> 1;
    return [...compile(yara, files.slice(0, half)), ...compile(yara, files.slice(half))];
  }
}

function findingsOf({ match, sources, hidden }: Group, data: Uint8Array, variables: PartVariables): PartFinding[] {
  const hits = match(data, variables).filter(({ rule }) => !hidden.has(rule));
  return hits.map(({ rule, meta }) => toFinding(rule, meta, sources.get(rule)));
}

/** Two files may have a rule of the same name. */
function gravestOfEach(findings: PartFinding[]): PartFinding[] {
  if (findings.length < 2) return findings;
  const kept = new Map<string, PartFinding>();
  for (const finding of findings) {
    const known = kept.get(finding.rule);
    if (!known || SEVERITIES.indexOf(finding.severity) > SEVERITIES.indexOf(known.severity)) {
      kept.set(finding.rule, finding);
    }
  }
  return [...kept.values()];
}

function toFinding(rule: string, meta: Meta, source: RuleSource | undefined): PartFinding {
  const text = (...keys: string[]): string | undefined => {
    for (const key of keys) {
      const value = meta[key];
      // The native binding gives this word for what is neither number nor UTF-8 text.
      if (typeof value === 'string' && value !== '' && value !== 'unknown') return value.slice(0, 1_000);
    }
    return undefined;
  };
  const [author, reference] = [text('author', 'Author'), text('reference', 'Reference', 'references', 'url')];
  const analyst = text('analyst');
  const licence = text('license', 'licence', 'License', 'license_url') ?? source?.licence;
  return {
    rule: rule.slice(0, 200),
    severity: severityOf(meta),
    what: text('description', 'Description', 'desc') ?? 'A detection rule matches this content.',
    ...(analyst !== undefined && { analyst }),
    ...(author !== undefined && { author }),
    ...(reference !== undefined && { reference }),
    ...(licence !== undefined && { licence }),
  };
}

/** `severity` in our words or in others', else `score` from 0 to 100 as signature-base has it. A rule without either is taken seriously. */
function severityOf(meta: Meta): Severity {
  const given = meta['severity'] ?? meta['score'];
  const word = String(given ?? '')
    .trim()
    .toLowerCase();
  const ours = SEVERITIES.find((severity) => severity === word);
  if (ours) return ours;
  if (/^info/.test(word)) return 'info';
  if (/^(moderate|suspicious|warning)$/.test(word)) return 'medium';
  const score = /^\d{1,3}(\.\d+)?$/.test(word) ? Number(word) : undefined;
  if (score === undefined) return 'high';
  return score >= 75 ? 'high' : score >= 50 ? 'medium' : 'low';
}
