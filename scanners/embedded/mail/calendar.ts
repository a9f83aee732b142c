import type { UnscannableReason } from '../../../domain/words';
import type { Member, Opened, OpenContext, PartLink } from '../opener';
import { fromDirtyBase64, fromQuotedPrintable } from '../web/decode';
import { textLinks } from '../web/plain';
import { withinBudget } from '../web/script';
import { decodeText } from '../web/text';

const MAX_LINES = 200_000;
/** Properties whose value may be a file or its address, RFC 5545 and RFC 6350. */
const FILES = /^(attach|photo|logo|sound|key|image|x-alt-desc|x-ms-attach)$/;
const PROPERTY = /^([\w.-]{1,100})((?:;[\w-]{1,60}(?:=(?:"[^"]{0,1000}"|[^";:]{0,1000}))?){0,40}):(.*)$/s;

/** Opens a calendar or contact card: files inside are members, addresses are links, descriptions are read for more. */
export function openCalendar(data: Uint8Array, { budget }: OpenContext): Opened {
  const lines = unfold(decodeText(data));
  const members: Member[] = [];
  const gaps = new Set<UnscannableReason>();
  const links: PartLink[] = [];
  for (const line of lines) {
    const [, group = '', parameters = '', value = ''] = PROPERTY.exec(line) ?? [];
    const name = group.toLowerCase().split('.').at(-1) ?? '';
    if (FILES.test(name)) {
      const member = fileOf(name, parameters, value, members.length + 1);
      if (member) members.push(member);
    }
    if (name === 'attach' || name === 'url' || name === 'source') {
      const url = value.trim();
      if (/^([a-z][a-z0-9+.-]{1,20}:|\\\\)/i.test(url) && !/^(mailto|tel|cid|data):/i.test(url))
        links.push({ url, place: [] });
    }
    if (name === 'description' || name === 'location' || name === 'note' || name === 'comment') {
      const text = (
        /encoding=quoted-printable/i.test(parameters) ? fromQuotedPrintable(Buffer.from(value)).toString() : value
      )
        .replace(/\\n/gi, '\n')
        .replace(/\\([,;\\])/g, '$1');
      for (const url of textLinks(text)) links.push({ url, place: [] });
    }
  }
  const kept = withinBudget(members, budget);
  for (const gap of kept.gaps) gaps.add(gap);
  if (lines.length >= MAX_LINES) gaps.add('limit_reached');
  return { members: kept.members, gaps, links: links.slice(0, 150) };
}

function fileOf(name: string, parameters: string, value: string, index: number): Member | undefined {
  const given = /;(?:x-)?(?:[\w-]{0,30}-)?filename=("[^"]{1,500}"|[^;:]{1,500})/i.exec(parameters)?.[1];
  const label = given?.replace(/^"|"$/g, '') ?? `${name}-${index}`;
  if (name === 'x-alt-desc')
    return { name: 'description.html', data: Buffer.from(value.replace(/\\n/gi, '\n').replace(/\\([,;\\])/g, '$1')) };
  const inline = /^data:[^,]{0,200};base64,/i.exec(value);
  if (inline) return { name: label, data: fromDirtyBase64(value.slice(inline[0].length)) };
  if (/encoding=(base64|b)\b|;base64\b|value=binary/i.test(parameters))
    return { name: label, data: fromDirtyBase64(value) };
  return undefined;
}

/** Lines without the breaks that these formats put into long ones; a base64 block of a version 2.1 card ends at an empty line. */
function unfold(text: string): string[] {
  const lines: string[][] = [];
  let block = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const last = lines.at(-1);
    const goesOn = /^[ \t]/.test(line) || (block && line !== '' && !/^[\w.-]{1,100}[;:]/.test(line));
    if (goesOn && last) last.push(line.slice(/^[ \t]/.test(line) ? 1 : 0));
    else if (lines.length < MAX_LINES) {
      lines.push([line]);
      block = /;(encoding=)?(base64|b)\b[^:]{0,200}:/i.test(line.slice(0, 1_000));
    }
  }
  return lines.map((parts) => parts.join(''));
}
