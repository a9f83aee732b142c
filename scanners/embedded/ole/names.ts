/** Extensions of files that run when they are opened, on Windows as it is delivered. */
const RUNS =
  /\.(exe|scr|com|pif|cpl|dll|msi|msp|js|jse|vbs|vbe|wsf|wsh|wsc|sct|hta|bat|cmd|ps1|psm1|lnk|url|jar|chm|reg|inf|scf|appref-ms|application|gadget|msc|xll|settingcontent-ms|library-ms|search-ms|iqy|slk|diagcab)$/i;

/** Whether a file of that name runs, or leads to what runs, when it is opened. Trailing dots and blanks are Windows' to drop. */
export function runsWhenOpened(name: string): boolean {
  return RUNS.test(name.replace(/[\s.\0]+$/, ''));
}

/** The last step of a path of any system. */
export function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? '';
}

/** Programs that a document has no reason to name in a link or command. */
export const COMMAND =
  /(^|[\\/"'\s\x03|!(])(cmd|powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|msiexec|wmic|msbuild|installutil|curl|forfiles|schtasks|explorer|bash|cmstp)(\.exe)?(["'\s\x03|!)/]|$)/i;
