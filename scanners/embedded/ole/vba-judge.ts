import type { OleRule } from './findings';
import type { MacroSource } from './vba';
import { compiledLines, sourceLines } from './vba-lines';
import { codeOf, readStrings } from './vba-strings';

/** What a macro project does, as far as its text or its compiled form tells. */
export interface Judgement {
  findings: { rule: OleRule; module?: string }[];
  /** Texts and files that the code puts together out of pieces. */
  parts: { name: string; data: Buffer }[];
  links: { url: string; module: string }[];
}

const PROCEDURE = '(?:sub|function)[ \\t]+';
const EVENTS =
  'auto_?(?:open|close|exec|exit|new|activate)|(?:app_?)?document_?(?:open|close|new|change|beforeclose|beforesave|beforeprint)|(?:app_)?(?:workbook|xlapp)_?(?:open|activate|deactivate|beforeclose|beforesave|beforeprint|windowactivate|sheetactivate|newsheet|addininstall)|worksheet_(?:activate|calculate)|onslideshowpagechange|onslideshowterminate|presentation_?open|slideshow_?begin|application_(?:startup|newmail|newmailex|quit)|item_open|project_open|filenew|fileopen|fileclose|filesave|filesaveas|toolsmacro|viewvbcode|[a-z]\\w{0,60}_(?:painted|layout|gotfocus|beforenavigate2?|navigatecomplete2?|documentcomplete|downloadbegin|progresschange|statustextchange|titlechange|commandstatechange|mousehover|initialize)';
const AUTO_RUN = new RegExp(`${PROCEDURE}(?:${EVENTS})\\b`, 'i');
const AUTO_RUN_NAME = new RegExp(`(?<![a-z0-9_])(?:${EVENTS.split('|[a-z]')[0] ?? ''})(?![a-z0-9_])`, 'i');

const RUNS =
  /(?:^|[^.\w]|vba\.|interaction\.)shell\$?[ \t]*(?:\(|"|[a-z_])|wscript\.shell|shell\.application|f935dc22-1cf0-11d0-adb9-00c04fd58a0b|72c24dd5-d70a-438b-8a42-98424b88afb8|13709620-c279-11ce-a49e-444553540000|9ba05972-f6a8-11cf-a442-00a0c90a8f39|c08afd90-f2a1-11d1-8455-00a0c91f3880|\bcreateprocess|\bwinexec\b|virtualalloc|createremotethread|\bcreatethread\b|ntwritevirtualmemory|writeprocessmemory|heapcreate|enumsystemlocales|win32_process|\bpowershell|\bpwsh\b|\bmshta\b|rundll32|regsvr32|certutil|bitsadmin|\bcmd(?:\.exe)?[ \t]+\/|\bcmd\.exe|wscript\.exe|cscript\.exe|executeexcel4macro|do[ \t]+shell[ \t]+script|schedule\.service|schtasks|lib[ \t]+"libc|popen[ \t]*\(|\bexecshell\b/i;
const RUNS_MAYBE =
  /\bmacscript\b|applescripttask|shellexecute|followhyperlink|winmgmts|\bddeinitiate|\bddeexecute|application\.run\b/i;
const LOADS =
  /urldownloadtofile|xmlhttp|winhttp|internetopenurl|internetreadfile|net\.webclient|invoke-webrequest|internetexplorer\.application|workbooks\.open[^\n]{0,20}"https?:/i;
const WRITES = /adodb\.stream|savetofile|createtextfile|for[ \t]+(?:binary|output)\b|\bput[ \t]+#|filesystemobject/i;
const INFECTS =
  /\.insertlines|\.addfromstring|\.addfromfile|organizercopy|\bmacrocopy\b|normaltemplate\.vbproject|virusprotection[ \t]*=[ \t]*(?:false|0)|\.vbcomponents[^\n]{0,60}\.(?:import|export)|startuppath[^\n]{0,80}\.(?:xls|dot)/i;
const URLS = /\b(?:https?|ftp):\/\/[^\s"'<>()|^`{}\\]{4,2000}/gi;
const MAX_URLS = 100;

/** Judges a project as a whole: what opens the door and what does the work often stand in different modules. */
export function judgeProject(
  project: readonly MacroSource[],
  compiledNames: Buffer,
  work: { texts: number },
): Judgement {
  const judgement: Judgement = { findings: [], parts: [], links: [] };
  const texts: string[] = [];
  let [starter, scrambled] = ['', 0];
  for (const { name, text } of project) {
    const code = codeOf(text);
    const { joined, files } = readStrings(code, work);
    if (starter === '' && AUTO_RUN.test(code)) starter = name;
    scrambled += scrambling(code);
    texts.push(code, joined);
    if (joined.length > 0) judgement.parts.push({ name: `${name}.strings.txt`, data: Buffer.from(joined) });
    for (const [index, data] of files.entries()) judgement.parts.push({ name: `${name}.decoded-${index + 1}`, data });
    for (const [url] of `${code}\n${joined}`.matchAll(URLS)) {
      if (judgement.links.length < MAX_URLS) judgement.links.push({ url, module: name });
    }
  }
  const all = texts.join('\n');
  if (texts.some((text) => text.trim() !== '')) judgement.findings.push({ rule: 'Vba_Macros_Present' });
  const rule = ruleOf(all, starter !== '', scrambled);
  if (rule) judgement.findings.push({ rule, ...(starter && { module: starter }) });
  if (INFECTS.test(all) && (starter !== '' || /\.vbproject|organizercopy|macrocopy/i.test(all))) {
    judgement.findings.push({ rule: 'Vba_Macro_Infects_Documents' });
  }
  judgeCompiled(project, all, compiledNames, judgement);
  return judgement;
}

function ruleOf(code: string, startsItself: boolean, scrambled: number): OleRule | undefined {
  const [runs, loads, writes] = [RUNS.test(code), LOADS.test(code), WRITES.test(code)];
  if (startsItself) {
    if (runs || (loads && writes) || (RUNS_MAYBE.test(code) && (loads || scrambled > 0))) {
      return 'Vba_Macro_Runs_On_Open_And_Starts_Programs';
    }
    if (scrambled >= 3) return 'Vba_Macro_Runs_On_Open_Obfuscated';
    return loads ? 'Vba_Macro_Starts_Programs' : 'Vba_Macro_Runs_By_Itself';
  }
  const commands = /powershell|mshta|certutil|bitsadmin|regsvr32|win32_process|virtualalloc|createremotethread/i;
  return (runs && (loads || scrambled >= 2 || commands.test(code))) || (loads && writes)
    ? 'Vba_Macro_Starts_Programs'
    : undefined;
}

/** Signs of code that hides what it says; three together are no accident. */
function scrambling(code: string): number {
  const count = (pattern: RegExp): number => (code.match(pattern) ?? []).length;
  let score = 0;
  const characters = count(/\bchrw?\$?[ \t]*\(/gi);
  if (characters >= 20) score += 2;
  else if (characters >= 8) score += 1;
  if (/\b(?:createobject|getobject)[ \t]*\([ \t]*(?!")[a-z(]/i.test(code)) score += 2;
  if (/\bcallbyname\b/i.test(code)) score += 1;
  if (/\bstrreverse\b/i.test(code)) score += 1;
  if (/\bxor\b/i.test(code) && /\b(?:asc|mid)b?w?\$?[ \t]*\(/i.test(code)) score += 2;
  if (/"[0-9a-z+/=]{200,}"/i.test(code)) score += 1;
  return score;
}

/**
 * Compiled code that its text does not show: Office runs it where the version fits, whatever the text says. Names of
 * procedures stand in the project's table, text constants in the module. The table keeps the names of what its author
 * deleted long ago: by themselves they count only where a module was compiled from another text than it has.
 */
function judgeCompiled(project: readonly MacroSource[], all: string, names: Buffer, judgement: Judgement): void {
  const source = all.toLowerCase();
  const gone = project.some(sourceIsGone);
  const table = names.toString('latin1');
  const modules = project.map(({ compiled }) => compiled.toString('latin1'));
  const starts = firstNew(table, source, AUTO_RUN_NAME);
  const works = [...(gone ? [table] : []), ...modules].some((text) => firstNew(text, source, HIDDEN_WORK));
  if (gone && works) judgement.findings.push({ rule: 'Vba_Source_Missing_And_Runs_On_Open' });
  else if (gone || (starts && works)) judgement.findings.push({ rule: 'Vba_Source_Missing' });
}

/** Without a table of lines an empty text beside much compiled code tells. */
function sourceIsGone({ text, compiled }: MacroSource): boolean {
  const lines = compiledLines(compiled);
  if (lines !== undefined) return lines > 0 && lines !== sourceLines(text);
  return text.trim() === '' && compiled.length > 0x600;
}

const HIDDEN_WORK =
  /(?<![a-z0-9_])(?:shell|wscript\.shell|createobject|urldownloadtofilea?|powershell|cmd\.exe|mshta|callbyname|getobject)(?![a-z0-9_])/i;

/** Whether the compiled form has such a word and the text has not. */
function firstNew(compiled: string, source: string, pattern: RegExp): boolean {
  const found = pattern.exec(compiled)?.[0];
  return found !== undefined && !source.includes(found.toLowerCase());
}
