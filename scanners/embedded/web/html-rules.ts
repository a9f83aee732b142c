import type { PartFinding } from '../opener';
import type { Facts } from './html-facts';
import type { Hidden } from './hidden';
import { isRiskyArchive } from './payload';
import { canParseUrl } from '../../../domain/urls';

/** What is known of a page when rules look at it. */
export interface PageEvidence {
  facts: Facts;
  /** Scripts with their constants worked out. */
  scripts: readonly string[];
  /** Those of them that were veiled. */
  unveiled: readonly string[];
  /** Encoded files anywhere in the page. */
  hidden: readonly Hidden[];
  /** Those of them that following a link saves. */
  saved: readonly Hidden[];
  svg: boolean;
  extension: string;
  length: number;
}

type Rule = (evidence: PageEvidence, script: string) => Omit<PartFinding, 'place'> | undefined;

const SAVES =
  /createobjecturl|mssaveoropenblob|mssaveblob|\.download\s{0,5}=|setattribute\s{0,5}\(\s{0,5}["']download|navigator\.save|showsavefilepicker|saveas\s{0,5}\(/i;
const BY_ITSELF =
  /\.click\s{0,5}\(|mssaveoropenblob|mssaveblob|dispatchevent|location\s{0,5}=|location\.(href|replace|assign)/i;
const COMMAND =
  /\b(powershell|pwsh|mshta|cmd(\.exe)?\s{1,5}\/c|rundll32|regsvr32|bitsadmin|certutil|msiexec|curl\b[^"'\n]{0,200}\|\s{0,5}(ba|z)?sh|osascript)\b[^\n]{0,500}(https?:|-e(nc|c|p)?\b|hidden|iex|\\\\)/i;
const SHELL =
  /wscript\.shell|shell\.application|scripting\.filesystemobject|winmgmts:|adodb\.stream|msxml2\.|microsoft\.xmlhttp/i;
const SENDS_TO =
  /api\.telegram\.org\/bot|discord(app)?\.com\/api\/webhooks|\/\/[^/"']{0,100}(formspree\.io|submit-form\.com|formsubmit\.co|getform\.io|web3forms\.com|nocodeform\.io)/i;

const LEAVES = /location(\.href)?\s{0,5}=[^=]|location\.(replace|assign)\s{0,5}\(|window\.open\s{0,5}\(/i;
const LEAVES_FOR =
  /(location(\.href)?\s{0,5}=|location\.(replace|assign)\s{0,5}\(|window\.open\s{0,5}\()\s{0,10}["'`](https?:)?\/\//i;

const HIGH_SCHEMES = /^(ms-msdt|search-ms|search|ms-officecmd|ms-search):/i;
const MEDIUM_SCHEMES =
  /^(ms-appinstaller|ms-cxh(-full)?|shell|vbscript):|^(ms-(word|excel|powerpoint|visio|access|project|publisher)):(ofe|ofv|nft)\|u\|/i;

const RULES: readonly Rule[] = [
  ({ hidden, saved, facts }, script) => {
    const risky = hidden.filter(
      ({ kind, data }) => kind === 'program' || kind === 'disk' || (kind === 'archive' && isRiskyArchive(data)),
    );
    const office = hidden.filter(({ kind }) => kind === 'office' || kind === 'archive');
    const linked = saved.some(
      ({ kind }) => kind === 'program' || kind === 'disk' || kind === 'script' || kind === 'archive',
    );
    const saves = SAVES.test(script);
    if (risky.length > 0 && (saves || linked || BY_ITSELF.test(script))) {
      return {
        rule: 'Html_Smuggled_File',
        severity: 'high',
        what: 'The page carries an encoded program, disk image or risky archive and saves it to the reader’s computer.',
      };
    }
    if (linked || (office.length > 0 && saves && BY_ITSELF.test(script) && facts.visible < 3_000)) {
      return {
        rule: 'Html_Hidden_Download',
        severity: 'medium',
        what: 'The page carries an encoded archive or document that the reader’s browser saves without asking a server.',
      };
    }
    return undefined;
  },
  ({ facts }) =>
    facts.schemes.some((url) => HIGH_SCHEMES.test(url))
      ? {
          rule: 'Html_System_Scheme',
          severity: 'high',
          what: 'The page opens an address that starts a tool of Windows (such as ms-msdt: or search-ms:) instead of a web page.',
        }
      : facts.schemes.some((url) => MEDIUM_SCHEMES.test(url))
        ? {
            rule: 'Html_Program_Scheme',
            severity: 'medium',
            what: 'The page opens an address that hands a file from the network to Office or another program of the system.',
          }
        : undefined,
  (_evidence, script) =>
    /["'`(=\s](ms-msdt|search-ms|ms-officecmd):/i.test(script)
      ? {
          rule: 'Html_System_Scheme',
          severity: 'high',
          what: 'The page opens an address that starts a tool of Windows (such as ms-msdt: or search-ms:) instead of a web page.',
        }
      : undefined,
  (_evidence, script) =>
    /clipboard\.writetext|execcommand\s{0,5}\(\s{0,5}["']copy|clipboarddata\.setdata/i.test(script) &&
    COMMAND.test(script)
      ? {
          rule: 'Html_Clipboard_Command',
          severity: 'high',
          what: 'The page puts a command line into the clipboard, for the reader to paste it into the system.',
        }
      : undefined,
  ({ facts, extension }, script) =>
    facts.hta || extension === 'hta'
      ? {
          rule: SHELL.test(script) || COMMAND.test(script) ? 'Hta_Script_With_Shell' : 'Hta_Application',
          severity: SHELL.test(script) || COMMAND.test(script) ? 'high' : 'medium',
          what:
            SHELL.test(script) || COMMAND.test(script)
              ? 'The HTML application has a script that starts programs or writes files.'
              : 'The file is an HTML application (HTA), which runs with all rights of the reader.',
        }
      : undefined,
  ({ facts }, script) => {
    if (!facts.scriptComponent || facts.hta || facts.scripts.length === 0) return undefined;
    const grave = SHELL.test(script) || COMMAND.test(script) || /createobject|activexobject/i.test(script);
    return grave
      ? {
          rule: 'Xml_Script_Component',
          severity: 'high',
          what: 'The file is a script component or stylesheet (WSF, SCT, XSL) whose script starts programs.',
        }
      : {
          rule: 'Xml_Script',
          severity: 'medium',
          what: 'The file is a script component or stylesheet with a script inside.',
        };
  },
  ({ facts }) =>
    facts.objects.some(
      ({ classId, params }) =>
        /adb880a6-d8ff-11cf-9377-00aa003b7a11/i.test(classId) && params.some((value) => /^\s{0,20},/.test(value)),
    )
      ? {
          rule: 'Html_Help_Shortcut_Command',
          severity: 'high',
          what: 'The help page starts a program through a shortcut control as soon as it is shown.',
        }
      : undefined,
  ({ facts, svg }, script) =>
    !svg &&
    !facts.scriptComponent &&
    !facts.hta &&
    (facts.scripts.some(({ language }) => /vbs/.test(language)) || /activexobject/i.test(script)) &&
    SHELL.test(script) &&
    /\.(run|exec|shellexecute|savetofile|create)\s{0,5}[("']/i.test(script)
      ? {
          rule: 'Html_Script_With_Shell',
          severity: 'high',
          what: 'A script in the page uses Windows components that start programs or write files.',
        }
      : undefined,
  ({ facts, hidden }, script) => {
    const page = hidden.find(({ kind, data }) => kind === 'page' && data.length > 300);
    const writes =
      /document\.write|\.innerhtml|eval\s{0,5}\(|new\s{1,5}function|createcontextualfragment|\.srcdoc/i.test(script);
    return page && writes && facts.visible < 2_000
      ? {
          rule: 'Html_Encoded_Page',
          severity: 'medium',
          what: 'The page hides its real content in encoded form and writes it with a script, past every filter that reads it.',
        }
      : undefined;
  },
  ({ facts }, script) =>
    facts.passwordField && SENDS_TO.test(`${script} ${facts.forms.map(({ action }) => action).join(' ')}`)
      ? {
          rule: 'Html_Password_To_Form_Service',
          severity: 'high',
          what: 'The page asks for a password and sends it to a form service or chat bot, as phishing kits do.',
        }
      : undefined,
  ({ facts }) => {
    const elsewhere = facts.forms.find(
      ({ action, password }) => password && /^https?:\/\//i.test(action) && !isSavedFrom(facts.savedFrom, action),
    );
    return elsewhere
      ? {
          rule: 'Html_Password_Form',
          severity: 'medium',
          what: 'The page asks for a password and sends it to a server, though it came as a file.',
        }
      : undefined;
  },
  ({ facts, svg, length }) => {
    const target = facts.refreshes.find(
      ({ delay, url }) => delay <= 5 && /^(https?:|data:|javascript:|file:|\\\\)/i.test(url),
    );
    return target && !svg && facts.visible < 400 && length < 100_000
      ? {
          rule: 'Html_Only_Redirects',
          severity: 'medium',
          what: 'The page has hardly any content and sends the reader to another site at once.',
        }
      : undefined;
  },
  ({ facts, svg, length }, script) => {
    // Pages of manuals send their readers on too, but within themselves and in plain words.
    const away =
      LEAVES_FOR.test(script) || (LEAVES.test(script) && /atob\s{0,5}\(|fromcharcode|unescape\s{0,5}\(/i.test(script));
    return away && !svg && facts.visible < 200 && length < 100_000
      ? {
          rule: 'Html_Only_Redirects_By_Script',
          severity: 'medium',
          what: 'The page has hardly any content but a script that sends the reader to another site.',
        }
      : undefined;
  },
  ({ facts, svg, hidden }, script) => {
    if (!svg || facts.scripts.length === 0) return undefined;
    const veiled = /atob\s{0,5}\(|fromcharcode|eval\s{0,5}\(|new\s{1,5}function\s{0,5}\(|unescape\s{0,5}\(/i.test(
      script,
    );
    const leaves = LEAVES.test(script);
    const carries = hidden.some(
      ({ kind }) => kind === 'page' || kind === 'program' || kind === 'archive' || kind === 'disk',
    );
    if (carries || (veiled && leaves)) {
      return {
        rule: 'Svg_Veiled_Script',
        severity: 'high',
        what: 'The picture (SVG) has a script that hides what it does or carries an encoded file.',
      };
    }
    return veiled || leaves || /xmlhttprequest|fetch\s{0,5}\(|websocket/i.test(script)
      ? {
          rule: 'Svg_Active_Script',
          severity: 'medium',
          what: 'The picture (SVG) has a script that leaves the picture or decodes text.',
        }
      : { rule: 'Svg_Script', severity: 'low', what: 'The picture (SVG) has a script, as interactive charts do.' };
  },
  ({ facts, svg }) =>
    svg && (facts.passwordField || facts.forms.length > 0 || facts.frames.length > 0)
      ? {
          rule: 'Svg_Page_Inside',
          severity: 'medium',
          what: 'The picture (SVG) shows a form or a foreign page, which pictures do not need.',
        }
      : undefined,
  ({ facts }) =>
    facts.frames.some((url) => /^(file:|\\\\)/i.test(url)) ||
    facts.links.some(({ url }) => /^(file:\/\/[^/]|\\\\)/i.test(url))
      ? {
          rule: 'Html_Link_To_File_Share',
          severity: facts.frames.some((url) => /^(file:\/\/[^/]|\\\\)/i.test(url)) ? 'medium' : 'low',
          what: 'The page leads to a file share, which can give away the reader’s Windows log-in.',
        }
      : undefined,
];

/** What the structure of a page shows; each rule once. */
export function judgePage(evidence: PageEvidence): PartFinding[] {
  const script = evidence.scripts.join('\n');
  const found = new Map<string, PartFinding>();
  for (const rule of RULES) {
    const finding = rule(evidence, script);
    if (finding) found.set(finding.rule, { ...finding, place: [] });
  }
  return [...found.values()];
}

/** Whether a form sends to the site that the page says it was saved from. */
function isSavedFrom(savedFrom: string, action: string): boolean {
  if (!canParseUrl(savedFrom) || !canParseUrl(action)) return false;
  const [from, to] = [new URL(savedFrom).hostname, new URL(action).hostname];
  const site = (host: string): string => host.split('.').slice(-2).join('.');
  return site(from) === site(to);
}
