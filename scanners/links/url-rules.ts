import { readAddress, type Address } from './address';
import { isInsideAddress } from './ip-ranges';
import type { LinkFinding } from './link-engine';
import { finding } from './rules';
import { canParseUrl } from '../../domain/urls';

/** Handlers of Windows that were used to run programs from a link (CVE-2022-30190 and its relatives). */
const SYSTEM_HANDLERS = /^(?:ms-msdt|search-ms|search|ms-officecmd|ms-appinstaller|ms-cxh-full|mhtml|jar|vbscript):$/u;
const OFFICE_HANDLERS = /^ms-(?:word|excel|powerpoint|visio|access|project|publisher|spd|infopath):$/u;

/** Endings of what runs or unpacks where it is opened. */
const RUNS =
  /\.(?:exe|scr|com|pif|bat|cmd|ps1|vbs|vbe|jse?|wsf|hta|msi|msix|appx|appinstaller|jar|lnk|url|iso|img|vhdx?|cpl|dll|reg|apk|dmg|pkg|xll|one|library-ms|search-ms|settingcontent-ms)$/iu;
const PACKED = /\.(?:zip|rar|7z|gz|tar|cab|ace|arj|docm|xlsm|pptm|xlsb)$/iu;
const DOCUMENT_BEFORE = /\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|png|txt|csv|mp[34])\.[a-z0-9]{2,4}$/iu;

const SHORTENERS = new Set(
  (
    'bit.ly tinyurl.com t.co goo.gl ow.ly is.gd v.gd buff.ly rebrand.ly cutt.ly shorturl.at rb.gy t.ly tiny.cc bl.ink s.id qr.ae ' +
    'lnkd.in soo.gd s2r.co clck.ru qps.ru u.to shorte.st adf.ly bc.vc ouo.io short.io x.gd dub.sh dub.co urlz.fr kutt.it shorturl.gg ' +
    'tny.im trib.al dlvr.it fb.me youtu.be amzn.to ebay.us spoti.fi wp.me db.tt j.mp bitly.com tr.ee linktr.ee qrco.de me-qr.com ' +
    'scnv.io l.ead.me urlr.me shrtco.de 1drv.ms aka.ms forms.gle maps.app.goo.gl vm.tiktok.com t.me lihi.cc reurl.cc han.gl'
  ).split(' '),
);

const USUAL_PORTS = new Set(['', '80', '443', '8080', '8443', '3000', '5000', '8000', '8888', '9090', '21']);

/** What the address shows beside its host. `text` is the link as it was written, before a browser's corrections. */
export function judgeUrl(address: Address, text: string): LinkFinding[] {
  if (/^\\\\/u.test(address.url)) return share(/^\\\\([^\\/@]+)/u.exec(address.url)?.[1] ?? '');
  if (!canParseUrl(address.url)) return [];
  const url = new URL(address.url);
  if (!/^(?:https?|ftps?):$/u.test(url.protocol)) return scheme(url);
  const found = [...credentials(url), ...file(url, address), ...spelling(url, address, text)];
  if (SHORTENERS.has(address.host.replace(/^www\./u, ''))) {
    found.push(finding('Link_Shortener', 'info', 'The link goes through a shortener: where it leads is not known.'));
  }
  if (!USUAL_PORTS.has(url.port)) found.push(finding('Link_Unusual_Port', 'low', 'The link leads to an unusual port.'));
  return found;
}

function share(host: string): LinkFinding[] {
  const { host: name, isIp } = readAddress(`http://${host}/`);
  const inside = (isIp && isInsideAddress(name)) || !name.includes('.');
  return inside
    ? [finding('Link_Internal_Share', 'info', 'The link opens a file share inside a private network.')]
    : [
        finding(
          'Link_Opens_File_Share',
          'medium',
          'The link opens a file share on a foreign machine: Windows would send it the password hash of its user.',
        ),
      ];
}

/** Windows reads `file:////machine/share`, with any number of slashes, as a share too. */
function shareOrFile({ hostname, pathname }: URL): LinkFinding[] {
  const host = hostname === '' ? /^\/{2,}([^/]+)/u.exec(pathname)?.[1] : hostname;
  return host === undefined || /^[a-z](?::|%7c)$/iu.test(host)
    ? [finding('Link_Local_File', 'low', "The link opens a file of the reader's own machine.")]
    : share(host);
}

function scheme(url: URL): LinkFinding[] {
  const { protocol, pathname } = url;
  if (SYSTEM_HANDLERS.test(protocol)) {
    return [
      finding(
        'Link_Starts_System_Program',
        'high',
        'The link hands commands to a program of the system instead of opening a page.',
      ),
    ];
  }
  if (protocol === 'file:' || protocol === 'smb:') return shareOrFile(url);
  if (OFFICE_HANDLERS.test(protocol)) {
    return [
      finding(
        'Link_Opens_Office_Program',
        'medium',
        'The link makes an Office program open a document from elsewhere.',
      ),
    ];
  }
  if (protocol === 'data:') {
    const page =
      /^(?:text\/html|image\/svg|application\/(?:xhtml|xml|javascript|octet-stream)|text\/(?:xml|javascript))/iu.test(
        pathname,
      );
    return page
      ? [
          finding(
            'Link_Carries_Its_Page',
            'medium',
            'The link holds a whole page instead of an address: no site answers for it.',
          ),
        ]
      : [finding('Link_Carries_Its_Content', 'low', 'The link holds data instead of an address.')];
  }
  if (protocol === 'javascript:') {
    const heavy = /eval|unescape|fromcharcode|atob|document\.write|https?:|cookie/iu.test(pathname);
    return [finding('Link_Runs_Script', heavy ? 'medium' : 'low', 'The link runs a script instead of opening a page.')];
  }
  return [finding('Link_Unusual_Scheme', 'low', 'The link starts a program instead of opening a page.')];
}

function credentials({ username, password, protocol }: URL): LinkFinding[] {
  if (username === '' && password === '') return [];
  const user = decode(`${username}${password === '' ? '' : `:${password}`}`);
  const disguised =
    /^(?:https?:|www\.)/iu.test(user) || readAddress(`http://${user.split(/[:/@ ]/u, 1)[0] ?? ''}/`).isPublicName;
  if (disguised && !/^[^@]+@[^@]+$/u.test(user)) {
    return [
      finding(
        'Link_Host_Behind_At_Sign',
        'medium',
        'The link begins like the address of one site, and an at-sign makes it lead to another.',
      ),
    ];
  }
  const severity = protocol === 'ftp:' ? 'info' : 'low';
  return [finding('Link_Has_Credentials', severity, 'The link holds a user name or password.')];
}

function file({ pathname }: URL, address: Address): LinkFinding[] {
  const name = decode(pathname.split('/').at(-1) ?? '');
  const runs = RUNS.test(name);
  if (!runs && !PACKED.test(name)) return [];
  if (runs && DOCUMENT_BEFORE.test(name)) {
    return [
      finding(
        'Link_File_Hides_Its_Kind',
        'medium',
        'The link fetches a program whose name looks like that of a document.',
      ),
    ];
  }
  const nameless = address.isIp && !isInsideAddress(address.host);
  if (runs && nameless)
    return [finding('Link_Fetches_Program_From_Address', 'medium', 'The link fetches a program from a bare address.')];
  if (nameless)
    return [finding('Link_Fetches_Archive_From_Address', 'low', 'The link fetches an archive from a bare address.')];
  return runs && !/\.(?:com|js|url|one)$/iu.test(name)
    ? [finding('Link_Fetches_Program', 'low', 'The link fetches a program or a disk image.')]
    : [];
}

function spelling(url: URL, address: Address, text: string): LinkFinding[] {
  const found: LinkFinding[] = [];
  const host = /^[a-z]+:\/\/(?:[^/?#\\]*@)?([^/?#\\:]+)/iu.exec(text)?.[1] ?? '';
  if (address.isIp && host !== '' && !/^(?:\d{1,3}\.){3}\d{1,3}$/u.test(host) && !host.startsWith('[')) {
    found.push(
      finding(
        'Link_Address_In_Disguise',
        'medium',
        'The link leads to a bare address that is written in a form that hides it.',
      ),
    );
  }
  if (/%[0-9a-f]{2}/iu.test(host)) {
    found.push(
      finding(
        'Link_Host_Is_Escaped',
        'medium',
        'The name of the site is written in escapes, so that a reader cannot see it.',
      ),
    );
  } else if (escapedLetters(url.pathname) >= 3) {
    found.push(
      finding(
        'Link_Path_Is_Escaped',
        'low',
        'Plain letters of the address are written in escapes, so that a reader cannot see them.',
      ),
    );
  }
  if (url.href.length > 2_000) found.push(finding('Link_Is_Very_Long', 'info', 'The link is unusually long.'));
  return found;
}

/** Escapes of letters and digits, which no program writes. */
function escapedLetters(path: string): number {
  return (path.match(/%(?:3[0-9]|4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])/giu) ?? []).length;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
