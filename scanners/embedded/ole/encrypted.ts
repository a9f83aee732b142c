import { baseName } from './names';
import { readEncryptionInfo } from './package-crypto';
import type { Scene } from './scene';

/** What Office tries by itself before it asks. */
export const DEFAULT_PASSWORD = 'VelvetSweatshop';
/** Parts with macros, by the names that a zip's directory shows ([MS-OFFMACRO] 2.2.1.1). */
const MACRO_PARTS = ['vbaProject.bin', 'xl/macrosheets/'];
const MAX_PASSWORDS = 9;
const MAX_MS = 3_000;

/** An encrypted package of Office 2007 and later: decrypted with a candidate password, else a gap. */
export function openEncrypted(scene: Scene): void {
  const { file, haul, context } = scene;
  const entry = file.find('EncryptedPackage');
  const rights = file.entries.some(({ name }) => /^\t(DRMContent|DRMViewerContent)$/i.test(name));
  if (rights) haul.gap('encrypted');
  if (!entry) return;
  const bytes = scene.bytes(entry);
  const attempt = readEncryptionInfo(scene.stream('EncryptionInfo'));
  const deadline = performance.now() + MAX_MS;
  for (const password of candidates(context.passwords)) {
    if (!attempt || performance.now() > deadline) break;
    const open = tried(() => attempt(password));
    const data = open && tried(() => open(bytes));
    if (!data) continue;
    if (password === DEFAULT_PASSWORD) {
      haul.find('Ole_Default_Password');
      if (MACRO_PARTS.some((part) => Buffer.from(data).includes(part))) haul.hidesMacros();
    }
    scene.taken.add(entry);
    return haul.member(baseName(context.name) || 'package', data);
  }
  haul.gap('encrypted');
}

/** The passwords to try, the default first. */
export function candidates(passwords: Iterable<string>): string[] {
  return [...new Set([DEFAULT_PASSWORD, ...passwords])].slice(0, MAX_PASSWORDS);
}

/** Keys and lengths are the file's words: what the cipher refuses is a wrong password. */
function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
