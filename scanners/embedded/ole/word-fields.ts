import type { OleRule } from './findings';
import { COMMAND } from './names';

const BEGIN = '\x13';
const SEPARATE = '\x14';
const END = '\x15';
const MAX_FIELDS = 20_000;
const MAX_LINKS = 500;
const MAX_INSTRUCTION = 4_096;

/** Reads the instructions of a text's fields: DDE, and links. Text of the fields inside one belongs to it. */
export function judgeFields(text: string): { rules: OleRule[]; links: string[] } {
  const rules = new Set<OleRule>();
  const links: string[] = [];
  for (const instruction of instructions(text)) {
    if (/^\s*dde(auto)?(?![a-z])/i.test(instruction)) {
      rules.add(COMMAND.test(instruction) ? 'Word_Dde_Command' : 'Word_Dde_Field');
    }
    const target =
      /^\s*(?:hyperlink|includepicture|includetext|import|include)\s+(?:\\[a-z]\s+)?"?([^"\s\\][^"\s]{3,2000})/i.exec(
        instruction,
      )?.[1];
    if (target && /^[a-z][a-z0-9+.-]{1,20}:/i.test(target) && links.length < MAX_LINKS) links.push(target);
  }
  return { rules: [...rules], links };
}

/** The instruction of every field; a field inside shows its result, a QUOTE of numbers the characters it stands for. */
function instructions(text: string): string[] {
  const done: string[] = [];
  const open: { parts: string; result: string | undefined }[] = [];
  let at = 0;
  while (at < text.length && done.length < MAX_FIELDS) {
    const next = nextMark(text, at);
    const plain = text.slice(at, next);
    const top = open.at(-1);
    if (top && top.result !== undefined) top.result = (top.result + plain).slice(0, MAX_INSTRUCTION);
    else if (top) top.parts = (top.parts + plain).slice(0, MAX_INSTRUCTION);
    const mark = text[next];
    if (mark === BEGIN && open.length < 64) open.push({ parts: '', result: undefined });
    else if (mark === SEPARATE && top) top.result ??= '';
    else if (mark === END && top) {
      open.pop();
      done.push(top.parts);
      const outer = open.at(-1);
      const shown = quoted(top.parts) ?? top.result ?? '';
      if (outer && outer.result === undefined) outer.parts = (outer.parts + shown).slice(0, MAX_INSTRUCTION);
    }
    at = next + 1;
  }
  // A field without end is one for Word too.
  return [...done, ...open.map(({ parts }) => parts)];
}

function nextMark(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x13 && code <= 0x15) return at;
  }
  return text.length;
}

function quoted(instruction: string): string | undefined {
  const numbers = /^\s*quote((?:\s+\d{1,5})+)\s*$/i.exec(instruction)?.[1];
  return numbers
    ?.trim()
    .split(/\s+/)
    .map((number) => String.fromCharCode(Number(number)))
    .join('');
}
