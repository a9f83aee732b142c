import type { Severity } from '../../../domain/words';

/** What an address outside of a document is to a machine that follows it. */
export interface TargetKind {
  kind: 'web' | 'share' | 'inner_share' | 'local' | 'program' | 'handler' | 'other';
  /** The address with wrappers of a scheme removed. */
  address: string;
}

/** Schemes that start a local tool of Windows or Office on attacker-given arguments, or parse active content. */
const HANDLERS =
  /^(ms-msdt|search-ms|search|ms-search|ms-officecmd|ms-appinstaller|ms-excel|ms-word|ms-powerpoint|ms-cxh(-full)?|ms-settings|ms-availablenetworks|mhtml|mk|mms|its|ms-its|ms-itss|script|scriptlet|javascript|vbscript|jscript|wscript|shell|ldap|nfs|telnet|jar|data\+script):/i;
/** Office opens its own documents by these; they carry a web address behind a command. */
const OFFICE_OPEN = /^ms-(excel|word|powerpoint|visio|access|project|publisher|spd|infopath):of[evcn]\|u\|https?:/i;
const PROGRAM_NAME =
  /(^|[\\/"'\s])(cmd|powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|msbuild|installutil|msiexec|wmic|forfiles|pcalua|explorer|schtasks|curl|conhost)(\.exe|\.com)?(["'\s;,%]|$)/i;
const PROGRAM_END =
  /\.(exe|com|scr|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|wsc|sct|hta|ps1|msi|cpl|lnk|dll|jar|reg|url|chm)$/i;
const INNER_HOST = /\.(local|lan|internal|intra|intranet|corp|home|localdomain|ad|priv|private)$/i;

/** Says what an external target of a document leads to. Takes any text, ends in bounded time. */
export function targetKind(raw: string): TargetKind {
  const address = unwrap(raw.trim().slice(0, 4_096));
  if (OFFICE_OPEN.test(address)) return { kind: 'web', address };
  if (HANDLERS.test(address)) return { kind: 'handler', address };
  if (/^(https?|ftps?):/i.test(address)) return { kind: 'web', address };
  const path = address.replace(/^file:/i, '');
  const slashes = /^[\\/]*/.exec(path)?.[0] ?? '';
  const rest = path.slice(slashes.length);
  const named = path !== address || slashes.length > 0;
  if (/^[a-z]:([\\/]|$)/i.test(rest) || /^[a-z]\|/i.test(rest))
    return { kind: isProgram(rest) ? 'program' : 'local', address };
  // file:///path is local, file://host and file:////host and \\host are shares.
  const share =
    (path !== address ? slashes.length !== 3 && slashes.length >= 2 : slashes === '\\\\') || slashes.includes('\\\\');
  if (named && share) return { kind: isInner(rest) ? 'inner_share' : 'share', address };
  if (isProgram(rest)) return { kind: 'program', address };
  return {
    kind: path !== address || slashes.length > 0 || !/^[a-z][\w+.-]{1,30}:/i.test(rest) ? 'local' : 'other',
    address,
  };
}

/** `mhtml:http://host/x!x-usc:http://host/x` and percent signs hide what is meant. */
function unwrap(address: string): string {
  const plain = /^(file:|[\\/]|[^:]*%20)/i.test(address) ? safeDecode(address) : address;
  // Parsers of addresses pass over control characters.
  return [...plain].filter((char) => char >= ' ').join('');
}

function safeDecode(text: string): string {
  return text.replace(/%([2-7][\da-f])/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function isProgram(path: string): boolean {
  return PROGRAM_NAME.test(path) || PROGRAM_END.test(path.replace(/[?#!].*$/, ''));
}

/** A name without dots, or under a domain that the Internet does not have, is a server of the writer's own office. */
function isInner(rest: string): boolean {
  const host = (rest.split(/[\\/]/, 1)[0] ?? '').split('@', 1)[0] ?? '';
  if (rest.split(/[\\/]/, 1)[0]?.includes('@')) return false;
  return !host.includes('.') || INNER_HOST.test(host);
}

/** How grave it is that a document loads something from there by itself, without a click. */
export function loadSeverity(kind: TargetKind['kind'], web: Severity): Severity | undefined {
  switch (kind) {
    case 'handler':
    case 'share':
      return 'high';
    case 'web':
      return web;
    case 'inner_share':
      return 'low';
    case 'program':
    case 'local':
    case 'other':
      return undefined;
  }
}
