import type { UnscannableReason } from '../../../domain/words';
import type { Member, Opened, OpenContext } from '../opener';
import { openBinhex } from './binhex';
import { fromUuencode, fromXxencode, fromYenc, rot13 } from './decode';
import { findHidden, type Hidden } from './hidden';
import { payloadKind } from './payload';
import { longRuns } from './runs';
import { decodeScripts } from './screnc';
import { encodedCommands, hiddenMembers, withinBudget } from './script';
import { decodeText, wideForm } from './text';
import { writtenFiles } from './written';
import { canParseUrl } from '../../../domain/urls';

const MAX_BLOCKS = 1_000;

/**
 * Opens text that is nothing more special: files in uuencode, yEnc and base64, encoded commands and scripts, and a copy
 * with one byte a character for the rules where it has two. An OpenPGP message is a gap.
 */
export function openText(data: Uint8Array, { budget }: OpenContext): Opened {
  const text = decodeText(data);
  const gaps = new Set<UnscannableReason>();
  const binhex = openBinhex(text, budget.memberBytes);
  const members: Member[] = [...textBlocks(text, data), ...binhex.members];
  for (const gap of binhex.gaps) gaps.add(gap);
  const written = [...longRuns(text), ...percentRuns(text)];
  const hidden = [...encodedCommands(text), ...findHidden(written, ''), ...writtenFiles(text), ...rotated(text)];
  members.push(...hiddenMembers(hidden.filter(({ kind }) => kind !== 'image')));
  members.push(...decodeScripts(text).map((script) => ({ name: 'decoded.txt', data: Buffer.from(script) })));
  if (wideForm(data)) members.push({ name: 'text.txt', data: Buffer.from(text) });
  if (isPgpMessage(text)) gaps.add('encrypted');
  const kept = withinBudget(members, budget);
  for (const gap of kept.gaps) gaps.add(gap);
  return { members: kept.members, gaps };
}

/** A script, page or program whose letters were moved by thirteen places. */
function rotated(text: string): Hidden[] {
  const data = Buffer.from(rot13(text.slice(0, 1_000_000)), 'latin1');
  const kind = payloadKind(data);
  return kind === 'script' || kind === 'page' || kind === 'program' ? [{ data, kind }] : [];
}

/** Long runs of bytes that are written with percent signs. */
function percentRuns(text: string): string[] {
  if (!/(?:%[0-9a-f]{2}){24}/i.test(text)) return [];
  return (text.match(/(?:%[0-9a-f]{2}){24,}/gi) ?? []).slice(0, 50);
}

/** Whether text holds a message that OpenPGP encrypted (RFC 4880 6.2): its armour with a body of base64. */
export function isPgpMessage(text: string): boolean {
  const at = text.indexOf('-----BEGIN PGP MESSAGE-----');
  return at >= 0 && /^-----BEGIN PGP MESSAGE-----[^-]{0,2000}[A-Za-z0-9+/]{40}/.test(text.slice(at, at + 3_000));
}

/** Files in uuencode and yEnc in a text, with the names that the text gives them. */
export function textBlocks(text: string, data: Uint8Array): Member[] {
  const members: Member[] = [];
  if (/^begin(-base64)? [0-7]{3,4} /m.test(text)) members.push(...uuBlocks(text));
  if (/^=ybegin /m.test(text)) members.push(...yencBlocks(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  return members;
}

function uuBlocks(text: string): Member[] {
  const members: Member[] = [];
  let name: string | undefined;
  let base64 = false;
  let lines: string[] = [];
  const close = (): void => {
    if (name !== undefined && lines.length > 0 && members.length < MAX_BLOCKS) {
      members.push({ name, data: base64 ? Buffer.from(lines.join(''), 'base64') : fromUuencode(lines) });
      const other = base64 ? undefined : fromXxencode(lines);
      if (other) members.push({ name, data: other });
    }
    [name, lines] = [undefined, []];
  };
  for (const line of text.split(/\r\n|\n|\r/)) {
    const begin = /^begin(-base64)? [0-7]{3,4} (.{1,255})$/.exec(line);
    if (begin) {
      close();
      [base64, name] = [begin[1] !== undefined, (begin[2] ?? '').trim()];
    } else if (name !== undefined && /^(end|====)\s*$/.test(line)) close();
    else if (name !== undefined) lines.push(line);
  }
  // A block without an end is decoded too: readers show what is there.
  close();
  return members;
}

function yencBlocks(bytes: Buffer): Member[] {
  const members: Member[] = [];
  let at = bytes.indexOf('=ybegin ', 0, 'latin1');
  while (at >= 0 && members.length < MAX_BLOCKS) {
    let start = lineEnd(bytes, at);
    const name = /\bname=(.{1,255})/.exec(bytes.toString('latin1', at, Math.min(start, at + 600)))?.[1]?.trim();
    if (bytes.toString('latin1', start, start + 7) === '=ypart ') start = lineEnd(bytes, start);
    const found = bytes.indexOf('\n=yend', start, 'latin1');
    const end = found < 0 ? bytes.length : found;
    members.push({ name: name ?? 'yenc', data: fromYenc(bytes.subarray(start, end)) });
    at = bytes.indexOf('=ybegin ', end, 'latin1');
  }
  return members;
}

function lineEnd(bytes: Buffer, at: number): number {
  const found = bytes.indexOf(0x0a, at);
  return found < 0 ? bytes.length : found + 1;
}

const MAX_TEXT_LINKS = 60;

/** Web addresses that stand in a text, one of each host, as they are written. */
export function textLinks(text: string): string[] {
  const found = new Map<string, string>();
  for (const [url] of text.slice(0, 1_000_000).matchAll(/\bhttps?:\/\/[^\s<>"'`{}|\\^]{3,2000}/gi)) {
    const clean = url.replace(/[).,;:!?\]]{1,20}$/, '');
    if (!canParseUrl(clean)) continue;
    const { host } = new URL(clean);
    if (!found.has(host)) found.set(host, clean);
    if (found.size >= MAX_TEXT_LINKS) break;
  }
  return [...found.values()];
}
