import type { Scene } from './scene';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._';
const FIRST = 0x3800;
const SINGLE = 0x4800;
const TABLE = 0x4840;
/** Packages, patches and transforms of Windows Installer. */
const CLASSES = /^000c108[246]-0000-0000-c000-000000000046$/;

/** Windows Installer packages: what they install stands in streams of their own, so only the kind is told here. */
export function lookAtInstaller({ file, haul }: Scene): void {
  const tables = file.entries.some(({ path }) => path.length === 1 && stepName(path[0] ?? '') === '!_StringPool');
  if (CLASSES.test(file.rootClsid) || tables) haul.find('Msi_Installer');
}

/** A stream's name as people write it: control characters in brackets, names of installer tables decoded. */
export function streamName(path: readonly string[]): string {
  return path.map(stepName).join('/') || 'stream';
}

function stepName(name: string): string {
  let text = '';
  for (const char of name) {
    const code = char.charCodeAt(0);
    if (code < 32) text += `[${code}]`;
    else if (code === TABLE && text === '') text = '!';
    else if (code >= SINGLE && code < TABLE) text += ALPHABET[code - SINGLE] ?? '';
    else if (code >= FIRST && code < SINGLE) {
      text += `${ALPHABET[(code - FIRST) & 63] ?? ''}${ALPHABET[(code - FIRST) >> 6] ?? ''}`;
    } else text += char;
  }
  return text;
}
