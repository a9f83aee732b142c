import type { Found } from './found';
import { judgeHyperlink } from './fields';
import { attributesOf, decodeEntities, xmlPieces } from './xml';

const MACRO_PROJECT = /vnd\.ms-office\.vbaProject["']/i;
const MAIN = /(document|sheet|presentation|template|slideshow)\.(main\+xml|macroEnabled\.main\+xml)/gi;

/** `[Content_Types].xml`: a macro project in a package that says of itself that it has none. */
export function readTypes(text: string, found: Found): void {
  const mains = text.match(MAIN) ?? [];
  const enabled = /macroEnabled|addin\.macro|sheet\.binary/i.test(text);
  if (MACRO_PROJECT.test(text) && mains.length > 0 && !enabled) {
    found.find(
      'Ooxml_Hidden_Macro_Project',
      'medium',
      'The document says it has no macros, but contains a macro project.',
    );
  }
}

const AUTO_NAME = /^(_xlnm\.)?auto_(open|close|activate|deactivate)/i;

/** `xl/workbook.xml`: macros of Excel 4 that run by themselves, and sheets that no menu shows. */
export function readWorkbook(text: string, found: Found): void {
  for (const piece of xmlPieces(text)) {
    if (piece.kind !== 'open') continue;
    if (piece.name === 'definedName' && AUTO_NAME.test(attributesOf(piece.tag).get('name') ?? '')) {
      found.find('Excel4_Macro_Runs_On_Open', 'high', 'A macro of Excel 4 runs when the workbook is opened or closed.');
    } else if (piece.name === 'sheet' && attributesOf(piece.tag).get('state') === 'veryHidden') {
      found.find(
        'Excel_Sheet_Very_Hidden',
        'info',
        'The workbook has a sheet that the program does not offer to show.',
      );
    }
  }
}

/** Functions of Excel 4 that start programs, call libraries or write files (Excel 4.0 Macro Functions Reference). */
const MACRO_CALL =
  /\b(EXEC|CALL|REGISTER|FOPEN|FWRITE|FWRITELN|RUN|APP\.MAXIMIZE|FILE\.DELETE|DIRECTORIES|FORMULA\.FILL|GET\.WORKSPACE|SEND\.KEYS)\s*\(/i;
const GRAVE_CALL = /\b(EXEC|CALL|REGISTER|FWRITE|FWRITELN)\s*\(/i;

/** A macro sheet of Excel 4. */
export function readMacroSheet(text: string, found: Found): void {
  found.find('Ooxml_Macro_Sheet', 'medium', 'The workbook contains a macro sheet of Excel 4.');
  for (const formula of formulasOf(text, () => true)) {
    if (GRAVE_CALL.test(formula)) {
      return found.find(
        'Excel4_Macro_Runs_Program',
        'high',
        'A macro of Excel 4 starts a program, calls a library or writes a file.',
      );
    }
    if (MACRO_CALL.test(formula)) {
      found.find('Excel4_Macro_Commands', 'medium', 'A macro of Excel 4 uses commands that attacks use.');
    }
  }
}

const WORTH_READING = /HYPERLINK|WEBSERVICE|\||DDE/i;
/** A formula that asks another program: `program|topic!item`. */
const DDE_FORMULA =
  /^\s*[=+\-@]?\s*'?(cmd|msexcel|powershell|mshta|rundll32|regsvr32|wscript|cscript|certutil|explorer)(\.exe)?'?\s*\|/i;

/** Formulas of a sheet: links, requests to the network, commands. Cell values are not looked at. */
export function readFormulas(text: string, found: Found): void {
  for (const formula of formulasOf(text, (raw) => WORTH_READING.test(raw))) {
    const link = /\bHYPERLINK\s*\(\s*"([^"]{1,2000})"(?:\s*[,;]\s*"([^"]{0,500})")?/i.exec(formula);
    if (link) judgeHyperlink(link[1] ?? '', found, link[2]);
    if (DDE_FORMULA.test(formula)) {
      found.find('Excel_Dde_Formula', 'high', 'A formula of the workbook starts a command through DDE.');
    }
    if (/\bWEBSERVICE\s*\(/i.test(formula)) {
      found.find('Excel_Web_Formula', 'low', 'A formula of the workbook asks a web server for data.');
    }
  }
  // Excel's XML of 2003 keeps formulas and links in attributes.
  for (const [, name, value] of text.matchAll(/\bss:(Formula|HRef)\s*=\s*"([^"]{1,4000})"/g)) {
    const plain = decodeEntities(value ?? '');
    if (name === 'HRef') judgeHyperlink(plain, found);
    else if (DDE_FORMULA.test(plain)) {
      found.find('Excel_Dde_Formula', 'high', 'A formula of the workbook starts a command through DDE.');
    }
  }
}

const MAX_FORMULA = 10_000;

/** Contents of `f` elements that pass; found by pattern, since sheets are long and formulas few. */
function* formulasOf(text: string, wanted: (raw: string) => boolean): Generator<string> {
  const start = /<(?:[\w.-]{1,20}:)?f(?:\s[^<>]{0,300})?>/g;
  for (let left = 100_000, match = start.exec(text); match && left > 0; match = start.exec(text), left -= 1) {
    const at = match.index + match[0].length;
    const raw = text.slice(at, at + MAX_FORMULA).split('</', 1)[0] ?? '';
    if (wanted(raw)) yield decodeEntities(raw);
  }
}

const COMMAND =
  /(cmd|powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil|msiexec|bitsadmin|msexcel|explorer)(\.exe)?/i;

/** `xl/externalLinks`: data that comes from another program. */
export function readExternalLink(text: string, found: Found): void {
  for (const piece of xmlPieces(text)) {
    if (piece.kind !== 'open') continue;
    const attributes = attributesOf(piece.tag);
    if (piece.name === 'ddeLink') judgeDde(attributes.get('ddeService') ?? '', attributes.get('ddeTopic') ?? '', found);
    else if (piece.name === 'oleLink' && /^(htmlfile|script|package)/i.test(attributes.get('progId') ?? '')) {
      found.find('Office_Script_Object', 'high', 'The document embeds a web page or script as an object.');
    }
  }
}

/** Market data comes through DDE every day; a shell as its source does not. */
export function judgeDde(service: string, topic: string, found: Found): void {
  const grave =
    COMMAND.test(service) || /\\|\.\.|\/[ck]\b/i.test(service) || /^\s*[/-][a-z]\b|https?:|\.exe\b/i.test(topic);
  found.find(
    'Excel_Dde_Link',
    grave ? 'high' : 'low',
    grave ? 'The workbook starts a command through DDE.' : 'The workbook takes data from another program through DDE.',
  );
}

/** Controls whose only use in a document is to show or start what lies outside ([MS-OAUT]; killbit lists). */
const OUTSIDE_CONTROLS = [
  '8856f961-340a-11d0-a96b-00c04fd705a2',
  'eab22ac3-30c1-11cf-a7eb-0000c05bae0b',
  'd27cdb6e-ae6d-11cf-96b8-444553540000',
  'f20da720-c02f-11ce-927b-0800095ae340',
  '72c24dd5-d70a-438b-8a42-98424b88afb8',
  '06290bd3-48aa-11d2-8432-006008c3fbfc',
];

/** ActiveX controls and ribbons of a document. */
export function readControl(text: string, found: Found): void {
  if (/\bonLoad\s*=/.test(text.slice(0, 20_000)) && /customUI/.test(text.slice(0, 2_000))) {
    found.find(
      'Office_Ribbon_Calls_Macro',
      'low',
      'The document extends the ribbon and calls a macro when it is opened.',
    );
  }
  const classId = /\bclassid\s*=\s*["']\{?([\da-f-]{36})/i.exec(text.slice(0, 20_000))?.[1]?.toLowerCase();
  if (classId === undefined) return;
  const outside = OUTSIDE_CONTROLS.includes(classId);
  found.find(
    'Office_Control',
    outside ? 'medium' : 'info',
    outside
      ? 'The document contains a control that shows pages, plays Flash or starts files.'
      : 'The document contains an ActiveX control.',
  );
}
