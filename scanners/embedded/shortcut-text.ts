import type { Opened, OpenContext, PartFinding, PartLink } from './opener';
import { COMMANDS, judgeTarget } from './shortcut-rules';
import { hiddenMembers, withinBudget } from './web/script';
import { decodeText, extensionOf } from './web/text';
import { writtenFiles } from './web/written';

/** Endings of shortcuts that are text: Windows and desktop environments open them by their name. */
export const SHORTCUT_TYPES: ReadonlySet<string> = new Set([
  'url',
  'website',
  'webloc',
  'desktop',
  'scf',
  'theme',
  'library-ms',
  'search-ms',
  'searchconnector-ms',
  'settingcontent-ms',
  'appref-ms',
  'application',
  'appinstaller',
  'rdp',
  'iqy',
  'slk',
  'jnlp',
  'inf',
  'reg',
  'ics-ms',
  'osdx',
  'contact',
]);
const START =
  /^[\ufeff\s]{0,100}(\[(internetshortcut|desktop entry|shell|theme|visualstyles|autorun)\]|\[\{000214a0-|<\?xml[^>]{0,300}>\s{0,100}(<!--[^>]{0,500}-->\s{0,100})?<(librarydescription|persistedquery|searchconnectordescription|pcsettings|appinstaller|asmv1:assembly)\b|<(librarydescription|persistedquery|searchconnectordescription|pcsettings)\b|regedit4|windows registry editor|web\r?\n1\r?\n)/i;

/** Whether a text is a shortcut whatever its name is. */
export function isShortcutText(head: string): boolean {
  return START.test(head);
}

const XML_ADDRESS =
  /<(?:[\w-]{1,20}:)?(url|domain|deeplink|applicationurl|location|simplelocation|scope|codebase|string|iconpath|path)\b[^>]{0,500}>([^<]{1,4000})</gi;
const XML_ATTRIBUTE = /\b(?:uri|codebase|href|url|path)\s{0,5}=\s{0,5}["']([^"']{1,4000})/gi;
const INI_ADDRESS =
  /^\s{0,20}(?:base)?(url|iconfile|icon|exec|tryexec|command|workingdirectory|wallpaper|path|verbs|full address|remoteapplicationprogram|open|shellexecute|scrnsave\.exe|link)\s{0,5}(?:=|:s:)\s{0,5}([^\r\n]{1,4000})/gim;

/** Opens a shortcut that is text: its targets are links, what it would start is judged, and files in values of the registry are members. */
export function openShortcutText(data: Uint8Array, { name, budget }: OpenContext): Opened {
  const text = decodeText(data).slice(0, 2_000_000);
  const extension = extensionOf(name);
  const links: PartLink[] = [];
  const findings = new Map<string, PartFinding>();
  const add = (finding: Omit<PartFinding, 'place'>): void => {
    if (!findings.has(finding.rule)) findings.set(finding.rule, { ...finding, place: [] });
  };
  for (const [field, value] of targets(text)) {
    if (/^[a-z][a-z0-9+.-]{1,20}:|^\\\\/i.test(value) && !/^[a-z]:\\/i.test(value) && links.length < 100)
      links.push({ url: value, place: [] });
    for (const finding of judgeTarget(field, value))
      add(extension === 'desktop' ? asOnDesktop(finding, value) : finding);
  }
  for (const finding of judgeKind(extension, text)) add(finding);
  const { members, gaps } = withinBudget(hiddenMembers(writtenFiles(text)), budget);
  return { members, gaps, findings: [...findings.values()], links };
}

/** Fetching, decoding, piping into a shell, or a terminal of the network: none of it starts an installed program. */
const HIDES_OR_FETCHES =
  /https?:|ftp:|\b(curl|wget|nc|ncat|socat|base64|xxd|openssl|eval|nohup|mkfifo|osascript|crontab|chmod)\b|\/dev\/(tcp|udp)\/|\/tmp\/|\/dev\/shm|\|\s{0,5}(ba|z|da)?sh\b|\\x[0-9a-f]{2}|fromhex|b64decode|\bexec\s{0,5}\(|\.(exe|ps1|vbs|js|hta|bat|scr)\b|powershell|mshta/i;

/** Menu entries of Linux are commands by nature: a shell alone is everyday there. */
function asOnDesktop(finding: Omit<PartFinding, 'place'>, command: string): Omit<PartFinding, 'place'> {
  if (finding.rule !== 'Shortcut_Runs_Command' || HIDES_OR_FETCHES.test(command)) return finding;
  return { ...finding, severity: 'low' };
}

function targets(text: string): [string, string][] {
  const found: [string, string][] = [];
  for (const [, field = '', value = ''] of text.matchAll(INI_ADDRESS)) found.push([field.toLowerCase(), value.trim()]);
  for (const [, field = '', value = ''] of text.matchAll(XML_ADDRESS))
    found.push([field.toLowerCase(), unescapeXml(value.trim())]);
  for (const [, value = ''] of text.matchAll(XML_ATTRIBUTE)) found.push(['uri', unescapeXml(value.trim())]);
  return found.slice(0, 1_000);
}

const unescapeXml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|#\d{1,6});/g, (_whole, name: string) => {
    if (name.startsWith('#')) return String.fromCharCode(Number(name.slice(1)));
    return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name] ?? '';
  });

/** What a kind of shortcut shows by itself. */
function judgeKind(extension: string, text: string): Omit<PartFinding, 'place'>[] {
  const found: Omit<PartFinding, 'place'>[] = [];
  if (extension === 'settingcontent-ms' || /<PCSettings\b/i.test(text)) {
    found.push({
      rule: 'Shortcut_Settings_Content',
      severity: 'high',
      what: 'The file is a settings shortcut of Windows, a kind that starts any program and that nobody sends for another reason.',
    });
  }
  if (
    /<(librarydescription|searchconnectordescription|persistedquery)\b/i.test(text) &&
    /https?:|\\\\[^\s<\\]|@ssl\\|davwwwroot/i.test(text)
  ) {
    found.push({
      rule: 'Shortcut_Library_From_Network',
      severity: 'high',
      what: 'The file shows a folder of a foreign server in Windows Explorer as if it were a local one.',
    });
  }
  if (
    extension === 'reg' &&
    /\\(run|runonce|image file execution options|policies\\explorer\\run)[\\\]]/i.test(text) &&
    COMMANDS.test(text)
  ) {
    found.push({
      rule: 'Registry_Starts_Command',
      severity: 'high',
      what: 'The registry file makes Windows start a command at every log-in.',
    });
  }
  if (/^web\r?\n1\r?\n\s*(https?:|\\\\)/i.test(text)) {
    found.push({
      rule: 'Shortcut_Web_Query',
      severity: 'medium',
      what: 'The file is a web query, with which Excel fetches content that may start programs.',
    });
  }
  if (extension === 'appref-ms' || extension === 'application' || extension === 'appinstaller') {
    found.push({
      rule: 'Shortcut_Installs_Program',
      severity: 'medium',
      what: 'The file installs a program from the network when it is opened.',
    });
  }
  if (extension === 'rdp') {
    found.push({
      rule: 'Shortcut_Remote_Desktop',
      severity: 'medium',
      what: 'The file connects to a remote desktop, which may read the drives and the clipboard of the computer.',
    });
  }
  if (
    extension === 'inf' &&
    /\b(scrobj\.dll|\bregister(ocx|dlls)|runpre(setup|postsetup)commandssection|unregisterocxs)\b/i.test(text)
  ) {
    found.push({
      rule: 'Shortcut_Setup_File_Runs_Command',
      severity: 'high',
      what: 'The setup file starts a command or loads a script component when it is installed.',
    });
  }
  return found;
}
