import type { Scene } from './scene';

const MIN = 64;

/** Bytes that belong to no sector in use, behind the last one: a part of their own, for some hide a file there. */
export function lookAtDamage({ file, haul }: Scene): void {
  const rest = file.behindTheEnd();
  if (rest.length < MIN || rest.every((byte) => byte === rest[0])) return;
  haul.member('behind-the-end', rest);
  haul.find('Ole_Data_Behind_The_End');
}
