const MAX_NAMES = 2_000;
const MAX_VALUE = 8_192;
const SET = /^[\s@(]{0,20}set\s{1,20}(?:\/a\s{1,20})?"?([^=\s"][^="]{0,80})=([^\r\n]{0,8192})$/i;

/**
 * A batch file as the command interpreter reads it: carets dropped, `%name%` and `%name:~1,2%` replaced by the values set
 * before. Gives undefined where nothing was hidden. Never longer than four times the text.
 */
export function foldBatch(text: string): string | undefined {
  const values = new Map<string, string>([
    ['comspec', 'cmd.exe'],
    ['public', 'C:\\Users\\Public'],
    ['programfiles', 'C:\\Program Files'],
    ['systemroot', 'C:\\Windows'],
    ['windir', 'C:\\Windows'],
  ]);
  const out: string[] = [];
  let length = 0;
  for (const line of text.split(/\r?\n/)) {
    if (length > text.length * 4 + 65_536) break;
    const plain = expand(line.replace(/\^(.)/g, '$1'), values);
    for (const part of plain.split(/&{1,2}/)) remember(part, values);
    out.push(plain);
    length += plain.length + 1;
  }
  const folded = out.join('\n');
  return folded === text.replaceAll('\r\n', '\n') ? undefined : folded;
}

function remember(part: string, values: Map<string, string>): void {
  const found = SET.exec(part.slice(0, 10_000).trim());
  if (!found || values.size >= MAX_NAMES) return;
  values.set((found[1] ?? '').toLowerCase(), (found[2] ?? '').replace(/"\s*$/, '').slice(0, MAX_VALUE));
}

function expand(line: string, values: ReadonlyMap<string, string>): string {
  let length = line.length;
  return line.replace(
    /[%!]([^%!:\r\n]{1,80})(?::~(-?\d{1,5})(?:,(-?\d{1,5}))?|:([^=%!\r\n]{1,80})=([^%!\r\n]{0,80}))?[%!]/g,
    (whole, ...parts) => {
      const [name, from, to, old, young] = parts as (string | undefined)[];
      const value = values.get((name ?? '').toLowerCase());
      if (value === undefined) return whole;
      const taken = old === undefined ? cut(value, from, to) : value.replaceAll(old, () => young ?? '');
      length += taken.length;
      return length > MAX_VALUE * 4 + line.length * 4 ? whole : taken;
    },
  );
}

function cut(value: string, from: string | undefined, to: string | undefined): string {
  if (from === undefined) return value;
  const start = Number(from) < 0 ? Math.max(0, value.length + Number(from)) : Number(from);
  if (to === undefined) return value.slice(start);
  return Number(to) < 0 ? value.slice(start, Number(to)) : value.slice(start, start + Number(to));
}
