import type { PartFinding } from './opener';

/** Programs that run what stands in their arguments, https://lolbas-project.github.io */
export const COMMANDS =
  /(^|[\s"'\\/(=;&|%])(powershell(_ise)?|pwsh|cmd|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|msiexec|curl|wget|forfiles|conhost|ftp|hh|pcalua|installutil|msbuild|regasm|regsvcs|schtasks|wmic|explorer|ssh|scp|bash|sh|zsh|python3?|perl|osascript|wsl|msedge|syncappvpublishingserver|desktopimgdownldr|odbcconf|control|mavinject|ieexec|cmstp|presentationhost|xwizard|nslookup|finger)(\.exe|\.com)?(?=["'\s,;&|)^]|$)/i;
const ARGUMENTS =
  /(https?:|\\\\[^\s\\]|javascript:|vbscript:|\s[-/]e(nc|c|p|ncodedcommand)?\s|\s[-/]w(in|indowstyle)?\s+(h|1)|hidden|\biex\b|invoke-|downloadstring|frombase64|\/c\b|\/k\b|\/r\b|-c\b|-command|\/i:|\.(ps1|vbs|vbe|js|jse|hta|dll|bat|cmd|exe|scr|msi|cpl|sct|wsf)\b|\|\s?(ba)?sh)/i;
const PROGRAM =
  /\.(exe|scr|pif|com|js|jse|vbs|vbe|wsf|hta|lnk|cpl|msi|msp|bat|cmd|ps1|jar|iso|img|vhdx?|xll|dll|chm|url|appref-ms)$/i;
const REMOTE_SHARE =
  /^(file:\/{2,5}(?![a-z]:|\/?localhost\b)[^/\s]|file:\\\\|\\\\[^\\\s.?]|file:\/\/\/\/|.{0,200}(@ssl\\|\\davwwwroot\\))/i;

type Found = Omit<PartFinding, 'place'>;

/** Whether a command line hands work to an interpreter or tool of the system. */
export function startsCommand(line: string): boolean {
  return COMMANDS.test(line) && ARGUMENTS.test(line);
}

/** Whether an address leads to a share of another computer, also over WebDAV. */
export function isRemoteShare(target: string): boolean {
  return REMOTE_SHARE.test(target.trim());
}

/** What one target of a shortcut shows. `field` is the shortcut's own name for it, in lower case. */
export function judgeTarget(field: string, target: string): Found[] {
  const icon = /icon|wallpaper|scrnsave/.test(field);
  if (isRemoteShare(target)) {
    if (icon) {
      return [
        {
          rule: 'Shortcut_Icon_From_Network',
          severity: 'high',
          what: 'The shortcut takes its picture from a foreign server, which gives away the Windows log-in when the folder is merely shown.',
        },
      ];
    }
    return [
      {
        rule: 'Shortcut_To_File_Share',
        severity: 'high',
        what: 'The shortcut opens a file on a foreign file share instead of a web page.',
      },
    ];
  }
  if (icon) return [];
  if (/^(ms-msdt|search-ms|search|ms-officecmd|javascript|vbscript|shell):/i.test(target)) {
    return [
      {
        rule: 'Shortcut_System_Scheme',
        severity: 'high',
        what: 'The shortcut opens an address that starts a tool of the system.',
      },
    ];
  }
  if (/^https?:/i.test(target) && PROGRAM.test(target.split(/[?#]/)[0] ?? '')) {
    return [
      {
        rule: 'Shortcut_Fetches_Program',
        severity: 'high',
        what: 'The shortcut fetches a program or script from the network.',
      },
    ];
  }
  if (/^(exec|command|open|shellexecute|deeplink|string|verbs)$/.test(field) && startsCommand(target)) {
    return [
      {
        rule: 'Shortcut_Runs_Command',
        severity: 'high',
        what: 'The shortcut runs a command instead of opening a document.',
      },
    ];
  }
  if (/^file:/i.test(target) && PROGRAM.test(target)) {
    return [
      {
        rule: 'Shortcut_To_Local_Program',
        severity: 'medium',
        what: 'The shortcut starts a program of the computer instead of opening a web page.',
      },
    ];
  }
  return [];
}
