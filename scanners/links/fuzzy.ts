import type { Address } from './address';

/**
 * Whether a name without a scheme (`example.com`) is meant as a link. Top-level domains are also words, endings of files
 * and members of objects in code: those are told apart here.
 */

/** Top-level domains that are endings of files. */
const FILE_ENDINGS = new Set(
  'md sh rs py pl zip mov ps cc so la app ai ms java pub ms cab dev bz tf mm st ml hs as vi lua pm'.split(' '),
);
/** Of those, the ones that are rarely meant as a link without `www.`, a path or a port. */
const RARELY_LINKS = new Set('md sh rs py pl zip mov ps java pub cab pm mm hs'.split(' '));

/** Top-level domains that people write with a capital letter and mean: `Example.Com`. */
const NAMES_ALONE = new Set('com net org edu gov info biz de fr uk nl eu ch at pl ru cn jp br ca au'.split(' '));

/** Objects and members of program text: `this.name`, `event.target`. */
const CODE_OBJECTS = new Set(
  'this self window document event e evt obj object user item row node req res ctx data config options opts params args props state system math console string array list map args app.config my_object foo module exports process std log logger file customer person contact'.split(
    ' ',
  ),
);
const CODE_MEMBERS = new Set(
  'name id target open email run date link click play search zip map bar off watch call report foo int total date style select info'.split(
    ' ',
  ),
);

/** Names of techniques that look like hosts. */
const TECHNIQUES = new Set([
  'asp.net',
  'co.ltd',
  'pty.ltd',
  'ado.net',
  'vb.net',
  'ml.net',
  'paint.net',
  'e.on',
  'make.it',
  'foo.bar',
]);

/**
 * @param start where the name begins in `text`
 * @param address the name read as `http://name`
 */
export function isPlausibleFuzzy(text: string, start: number, end: number, address: Address): boolean {
  const written = text.slice(start, end);
  const before = text.slice(Math.max(0, start - 16), start);
  const after = text.slice(end, end + 2);
  if (/[@$\\]$|[[({<] ?(?:at|@) ?[\])}>] ?$/iu.test(before) || after.startsWith('@')) return false;
  if (address.isIp) return isPlausibleIp(written, before, after);
  if (!address.isPublicName || address.domain === undefined) return false;
  const host = written.replace(/^\/\//u, '').split(/[/?#:]/u, 1)[0] ?? '';
  const more = written.length > host.length + 1 || /^www\d?\./iu.test(host);
  if (more) return !isPathOfFiles(written, host, before);
  if (TECHNIQUES.has(host.toLowerCase())) return false;
  return !isFileName(host, before) && !isSentenceJoint(host) && !isCode(host, before, after);
}

/** Four numbers are a version as often as an address. */
function isPlausibleIp(written: string, before: string, after: string): boolean {
  if (!/^(?:\d{1,3}\.){3}\d{1,3}(?=$|[/:?#])/u.test(written)) return false;
  // A network with its mask is no page.
  if (/^[\d.]+\/(?:3[0-2]|[12]?\d)$/u.test(written)) return false;
  if (/[/:]/u.test(written)) return true;
  if (/(?:\bv|ver\.?|version:?|release|build|firmware|revision|rev\.?|[\p{L}\p{N}]\/|[-_+.]) ?$/iu.test(before))
    return false;
  return !/^[-_+%]|^\.\d/u.test(after) && !/^0\./u.test(written);
}

function isFileName(host: string, before: string): boolean {
  const labels = host.split('.');
  const ending = (labels.at(-1) ?? '').toLowerCase();
  if (
    labels.length === 2 &&
    FILE_ENDINGS.has(ending) &&
    /[/\\]$|(?:file|datei|fichier|script|open|run|edit|cat|bash|python3?|perl|sh) ["'`]?$/iu.test(before)
  )
    return true;
  return labels.length <= 3 && RARELY_LINKS.has(ending);
}

/** `src/app.py/…`, `and/or.in/…`: a path of files rather than a host with one. */
function isPathOfFiles(written: string, host: string, before: string): boolean {
  return /[/\\]$/u.test(before) && !written.startsWith('//') && !/^www\d?\./iu.test(host);
}

/** A full stop without its space: `It works.Is that so`. */
function isSentenceJoint(host: string): boolean {
  const labels = host.split('.');
  const [first = '', last = ''] = [labels[0], labels.at(-1)];
  if (labels.length > 2) return false;
  const capital = /^\p{Lu}\p{Ll}+$/u.test(last) && !/^\p{Lu}/u.test(first);
  const both = /^\p{Lu}\p{Ll}+$/u.test(last) && !NAMES_ALONE.has(last.toLowerCase());
  return capital || both;
}

function isCode(host: string, before: string, after: string): boolean {
  const labels = host.toLowerCase().split('.');
  if (/^[([=]/u.test(after) && !/^\(\s?$|^\]\(/u.test(after)) return true;
  const member = labels.at(-1) ?? '';
  if (/(?:=|\.|->|::|\b(?:var|let|const|import|from|return|new)) ?$/u.test(before) && CODE_MEMBERS.has(member))
    return true;
  if (CODE_MEMBERS.has(member) && labels.length === 2 && labels[0]?.length === 1) return true;
  return CODE_MEMBERS.has(member) && labels.slice(0, -1).some((label) => CODE_OBJECTS.has(label));
}
