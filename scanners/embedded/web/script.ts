import type { Member, Opened, OpenContext, PartFinding } from '../opener';
import { foldBatch } from './batch';
import { fromBase64 } from './decode';
import { foldScript } from './fold';
import type { Value } from './fold-calls';
import { findHidden, type Hidden } from './hidden';
import type { Dialect } from './lexer';
import { joinedPieces, longRuns } from './runs';
import { decodeScripts } from './screnc';
import { decodeText, extensionOf } from './text';
import { writtenFiles } from './written';

/** Characters of a script that are worked out; the rest is searched for encoded files only. */
const MAX_FOLDED = 800_000;
/** Types that nobody sends to a help desk but to have them run; plain scripts are everyday among developers. */
const ENCODED_TYPES: ReadonlySet<string> = new Set([
  'jse',
  'vbe',
  'wsc',
  'sct',
  'hta',
  'scr',
  'pif',
  'wsf',
  'wsh',
  'cpl',
]);
const DIALECTS: ReadonlyMap<string, Dialect | 'batch'> = new Map([
  ['js', 'js'],
  ['jse', 'js'],
  ['mjs', 'js'],
  ['cjs', 'js'],
  ['ts', 'js'],
  ['vbs', 'vbs'],
  ['vbe', 'vbs'],
  ['vba', 'vbs'],
  ['bas', 'vbs'],
  ['cls', 'vbs'],
  ['asp', 'vbs'],
  ['ps1', 'ps'],
  ['psm1', 'ps'],
  ['psd1', 'ps'],
  ['bat', 'batch'],
  ['cmd', 'batch'],
]);

/** What a script says when nothing is veiled any more. */
export interface Unveiled {
  /** The text with its constants worked out; absent where that changes nothing. */
  text?: string;
  hidden: Hidden[];
}

/** Works a script's text out: joined and encoded constants, encoded commands of PowerShell, files that it carries. */
export function unveil(source: string, dialect: Dialect | 'batch'): Unveiled {
  const commands = encodedCommands(source);
  if (dialect === 'batch') {
    const text = foldBatch(source.slice(0, MAX_FOLDED));
    const inner = text === undefined ? [] : encodedCommands(text);
    return {
      ...(text !== undefined && { text }),
      hidden: [...commands, ...inner, ...findHidden(longRuns(source), source), ...writtenFiles(source)],
    };
  }
  const folded = foldScript(source.slice(0, MAX_FOLDED), dialect);
  const values: Value[] = folded.values;
  values.push(...longRuns(source.slice(MAX_FOLDED)), ...joinedPieces(source));
  const inner = folded.changed ? encodedCommands(folded.text) : [];
  const hidden = [...commands, ...inner, ...findHidden(values, source), ...writtenFiles(source)];
  return { ...(folded.changed && { text: folded.text }), hidden };
}

/** Commands behind `-EncodedCommand` of PowerShell, in any of its short forms. */
export function encodedCommands(source: string): Hidden[] {
  const found = source.matchAll(/[-/][eE][a-zA-Z^`]{0,20}["'\s]{1,10}([A-Za-z0-9+/]{16,}={0,2})/g);
  const commands: Hidden[] = [];
  for (const [, text = ''] of found) {
    const data = fromBase64(text);
    if (!data || commands.length >= 50) continue;
    const zeros = data.subarray(0, 64).filter((byte, at) => at % 2 === 1 && byte === 0).length;
    if (zeros > Math.min(data.length, 64) * 0.35)
      commands.push({ data: Buffer.from(data.toString('utf16le')), kind: 'script' });
  }
  return commands;
}

/** Which language a script is written in, by its name and else by its words. */
export function dialectOf(name: string, text: string): Dialect | 'batch' {
  const known = DIALECTS.get(extensionOf(name));
  if (known) return known;
  const head = text.slice(0, 20_000);
  if (/^\s*(@echo off|rem\b|setlocal)/im.test(head.slice(0, 2_000))) return 'batch';
  if (/^\s*(dim|sub|on error resume next|set \w+\s?=|execute(global)?\b|function \w+\([^)]*\)\s*$)/im.test(head))
    return 'vbs';
  if (
    /\$\w+\s?=|\b(iex|invoke-expression|new-object|param\s?\()/i.test(head) &&
    !/\b(var|let|const|function)\b[^\n]{0,100}[;{]/.test(head)
  )
    return 'ps';
  return 'js';
}

/** Opens a script: what it says unveiled, and the files that it carries, are its members. */
export function openScript(data: Uint8Array, { name, budget }: OpenContext): Opened {
  const text = decodeText(data);
  const members: Member[] = decodeScripts(text).map((script, index) => ({
    name: `decoded-${index + 1}.${extensionOf(name) === 'vbe' ? 'vbs' : 'js'}`,
    data: Buffer.from(script),
  }));
  const dialect = dialectOf(name, text);
  const ending = { js: 'js', vbs: 'vbs', ps: 'ps1', batch: 'bat' }[dialect];
  // What was unveiled is opened again, so that veils in veils fall; it changes less each time.
  const unveiled = unveil(text, dialect);
  if (unveiled.text !== undefined) members.push({ name: `unveiled.${ending}`, data: Buffer.from(unveiled.text) });
  members.push(...hiddenMembers(unveiled.hidden));
  return { ...withinBudget(members, budget), findings: typeFindings(name) };
}

/** Hidden files as members, named after what they are. */
export function hiddenMembers(hidden: readonly Hidden[]): Member[] {
  const endings: Readonly<Record<string, string>> = { page: 'html', script: 'txt', other: 'txt' };
  return hidden.map(({ data, kind }, index) => ({ name: `hidden-${index + 1}.${endings[kind] ?? 'bin'}`, data }));
}

/** Members up to a budget; what goes beyond is a gap. */
export function withinBudget(
  members: readonly Member[],
  budget: OpenContext['budget'],
): { members: Member[]; gaps: Set<'limit_reached'> } {
  const kept: Member[] = [];
  let bytes = 0;
  for (const member of members) {
    bytes += member.data.length;
    if (kept.length >= budget.members || bytes > budget.totalBytes || member.data.length > budget.memberBytes) {
      return { members: kept, gaps: new Set(['limit_reached']) };
    }
    kept.push(member);
  }
  return { members: kept, gaps: new Set() };
}

function typeFindings(name: string): PartFinding[] {
  const extension = extensionOf(name);
  if (ENCODED_TYPES.has(extension)) {
    return [
      {
        rule: 'Script_Type_Runs_On_Click',
        severity: 'medium',
        what: 'The file is of a type that Windows runs with a double click and that is hardly ever sent for another reason.',
        place: [],
      },
    ];
  }
  if (!DIALECTS.has(extension)) return [];
  return [
    {
      rule: 'Script_Plain_Type',
      severity: 'low',
      what: 'The file is a script: harmless to read, but Windows may run it with a double click.',
      place: [],
    },
  ];
}
