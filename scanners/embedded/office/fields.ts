import type { Found } from './found';
import { loadSeverity, targetKind } from './targets';

const DANGEROUS_LINK =
  /^(ms-msdt|search-ms|ms-search|search|ms-officecmd|ms-appinstaller|ms-cxh(-full)?|ms-availablenetworks|script|scriptlet|shell):/i;
const OFFICE_CLASS = /^(excel|word|powerpoint)\.(sheet|chart|document|show|slide)\w*(\.\d+)?$/i;

/**
 * Judges one field code of Word (ECMA-376 part 1, 17.16.5), wherever it was stored: OOXML, RTF, Word 2003 XML.
 * @param code the code with nested fields already put in place
 * @param shown the field's result as a reader sees it
 */
export function judgeField(code: string, found: Found, shown = ''): void {
  const [name = '', ...words] = wordsOf(code);
  const [first = '', second = ''] = words.filter((word) => !/^\\[a-z*#@!]$/i.test(word));
  switch (name.toUpperCase()) {
    case 'DDE':
    case 'DDEAUTO':
      return found.find(
        'Office_Dde_Field',
        OFFICE_CLASS.test(first) ? 'medium' : 'high',
        'A field of the document asks another program for data through DDE and can start it.',
      );
    case 'LINK':
      return judgeLoad(
        second,
        'Office_Linked_Object',
        'high',
        'A field of the document loads an object from elsewhere.',
        found,
      );
    case 'INCLUDETEXT':
    case 'INCLUDE':
    case 'RD':
    case 'IMPORT':
      return judgeLoad(
        first,
        'Office_Includes_Remote_Text',
        'high',
        'A field of the document loads text from elsewhere.',
        found,
      );
    case 'INCLUDEPICTURE':
      return judgeLoad(
        first,
        'Office_Remote_Picture',
        'low',
        'The document loads a picture from elsewhere when it is shown.',
        found,
      );
    case 'HYPERLINK':
      return judgeHyperlink(first, found, shown);
    default:
      return undefined;
  }
}

/** Something that the document loads by itself. `web`: how grave that is for an ordinary web address. */
export function judgeLoad(raw: string, rule: string, web: 'low' | 'medium' | 'high', what: string, found: Found): void {
  const { kind } = targetKind(raw);
  found.find(rule, loadSeverity(kind, web), what);
  if (kind === 'web') found.link(raw);
}

/** Something that a click opens: a link, or a program. */
export function judgeHyperlink(raw: string, found: Found, shown?: string): void {
  const { kind, address } = targetKind(raw);
  if (kind === 'program') {
    const bare = /^[^:\\/]{0,40}(cmd|powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil)\b/i.test(
      address,
    );
    const away = address.startsWith('\\\\') || bare;
    found.find('Office_Link_Starts_Program', away ? 'high' : 'low', 'A link of the document starts a program.');
  } else if (DANGEROUS_LINK.test(address)) {
    found.find(
      'Office_Link_To_Handler',
      'high',
      'A link of the document hands its address to a tool of Windows that runs commands.',
    );
  }
  found.link(raw, shown);
}

/** Words of a field code; quotes of every kind hold words together, backslashes in them are doubled. */
function wordsOf(code: string): string[] {
  const words: string[] = [];
  const text = code.slice(0, 20_000);
  for (let at = 0; at < text.length && words.length < 40;) {
    if (/\s/.test(text[at] ?? '')) at += 1;
    else if (/["“”„«»]/.test(text[at] ?? '')) {
      const start = (at += 1);
      while (at < text.length && !/["“”„«»]/.test(text[at] ?? '')) at += text[at] === '\\' ? 2 : 1;
      words.push(text.slice(start, at).replace(/\\(.)/g, '$1'));
      at += 1;
    } else {
      const start = at;
      while (at < text.length && !/[\s"“”„«»]/.test(text[at] ?? '')) at += 1;
      words.push(text.slice(start, at).replace(/\\\\/g, '\\'));
    }
  }
  return words;
}

interface OpenField {
  code: string;
  result: string;
  inResult: boolean;
}

const MAX_FIELD = 20_000;

/** Follows fields through a document: begin, code, separator, result, end, nested as deep as the document likes. */
export class FieldTracker {
  private readonly stack: OpenField[] = [];
  private readonly found: Found;

  constructor(found: Found) {
    this.found = found;
  }

  begin(): void {
    if (this.stack.length < 500) this.stack.push({ code: '', result: '', inResult: false });
  }

  separate(): void {
    const top = this.stack.at(-1);
    if (top) top.inResult = true;
  }

  /** Text of an instruction: a code's piece, whether or not a beginning was seen. */
  code(text: string): void {
    if (this.stack.length === 0) this.begin();
    const top = this.stack.at(-1);
    if (top && top.code.length < MAX_FIELD) top.code += text;
  }

  text(text: string): void {
    const top = this.stack.at(-1);
    if (!top) return;
    if (top.inResult && top.result.length < MAX_FIELD) top.result += text;
  }

  end(): void {
    const field = this.stack.pop();
    if (!field) return;
    judgeField(field.code, this.found, field.result);
    const parent = this.stack.at(-1);
    if (!parent) return;
    const text = quoted(field.code) ?? field.result;
    if (parent.inResult) {
      if (parent.result.length < MAX_FIELD) parent.result += text;
    } else if (parent.code.length < MAX_FIELD) parent.code += text;
  }

  finish(): void {
    while (this.stack.length > 0) this.end();
  }
}

/** QUOTE gives its text, and character codes as characters: a way to hide the name of another field. */
function quoted(code: string): string | undefined {
  const [name = '', ...words] = wordsOf(code);
  if (name.toUpperCase() !== 'QUOTE') return undefined;
  return words
    .map((word) => (/^\d{1,6}$/.test(word) && Number(word) < 0x10_ffff ? String.fromCodePoint(Number(word)) : word))
    .join('');
}
