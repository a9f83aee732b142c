import { ansi } from './bytes';

const MAX_DEPTH = 2_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Groups whose text is no text of the message. */
const SILENT =
  /^(fonttbl|colortbl|stylesheet|info|pict|object|generator|listtable|listoverridetable|rsidtbl|themedata)$/;
const BREAKS: Readonly<Record<string, string>> = {
  par: '\r\n',
  line: '\r\n',
  tab: '\t',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  endash: '–',
  emdash: '—',
};
const TOKEN = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)/gi;

interface Group {
  silent: boolean;
  /** Inside `\htmlrtf`: what stands there is for readers of RTF only. */
  forRtf: boolean;
  tag: boolean;
  first: boolean;
}

/** The HTML that Outlook hid in an RTF body ([MS-OXRTFEX] 2.1.3); undefined where there is none. Of a very long body its first part. */
export function htmlOfRtf(rtf: Buffer): string | undefined {
  const source = rtf.toString('latin1', 0, MAX_BYTES);
  if (!/\\fromhtml1/.test(source.slice(0, 2_048))) return undefined;
  const codePage = Number(/\\ansicpg(\d{3,5})/.exec(source.slice(0, 2_048))?.[1] ?? 1252);
  const parts: string[] = [];
  const stack: Group[] = [];
  let group: Group = { silent: false, forRtf: false, tag: false, first: false };
  let bytes: number[] = [];
  let skip = 0;
  const say = (text: string): void => {
    if (bytes.length > 0) parts.push(ansi(Buffer.from(bytes), codePage));
    bytes = [];
    if (text !== '') parts.push(text);
  };
  const heard = (): boolean => !group.silent && !group.forRtf;
  for (const [, word, number, hex, sign, brace, text] of source.matchAll(TOKEN)) {
    if (brace === '{') {
      if (stack.length < MAX_DEPTH) stack.push(group);
      group = { ...group, first: true };
      continue;
    }
    if (brace === '}') {
      group = stack.pop() ?? group;
      continue;
    }
    const first = group.first;
    group.first = false;
    if (sign === '*') {
      // A destination that we do not know is passed over, the HTML tags are not.
      group.silent = true;
      group.first = true;
    } else if (word === 'htmltag' && (first || group.silent)) {
      group.silent = stack.at(-1)?.silent ?? false;
      group.tag = true;
    } else if (word === 'htmlrtf') group.forRtf = number !== '0';
    else if (word === 'u' && number && heard()) {
      say(String.fromCharCode(Number(number) & 0xffff));
      skip = 1;
    } else if (word && SILENT.test(word)) group.silent = true;
    else if (word && heard()) say(BREAKS[word] ?? '');
    else if (hex && heard()) {
      if (skip > 0) skip = 0;
      else bytes.push(parseInt(hex, 16));
    } else if (sign && heard()) say(/[{}\\]/.test(sign) ? sign : sign === '~' ? '&nbsp;' : '');
    else if (text && heard()) {
      say(skip > 0 ? text.slice(1) : text);
      skip = 0;
    }
  }
  say('');
  return parts.join('');
}
