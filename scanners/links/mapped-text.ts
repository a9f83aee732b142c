/** A text that remembers where each of its characters stood in the original. */
export class MappedText {
  readonly text: string;
  /** Undefined as long as nothing was replaced. */
  private readonly origins: Uint32Array | undefined;

  constructor(text: string, origins?: Uint32Array) {
    this.text = text;
    this.origins = origins;
  }

  /** The position in the original text at which the character at `index` began. */
  origin(index: number): number {
    return this.origins ? (this.origins[index] ?? 0) : index;
  }

  /** Replaces every match; `by` may answer undefined to leave a match alone. One pass, linear in the text's length. */
  replace(pattern: RegExp, by: (match: RegExpExecArray) => string | undefined): MappedText {
    const { text } = this;
    const [ats, matches, replacements]: [number[], string[], string[]] = [[], [], []];
    let length = text.length;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      if (match[0] === '') pattern.lastIndex += 1;
      const replacement = by(match);
      if (replacement === undefined) continue;
      ats.push(match.index);
      matches.push(match[0]);
      replacements.push(replacement);
      length += replacement.length - match[0].length;
    }
    if (ats.length === 0) return this;
    const origins = new Uint32Array(length + 1);
    const pieces: string[] = [];
    let [from, to] = [0, 0];
    ats.forEach((at, index) => {
      const [match = '', replacement = ''] = [matches[index], replacements[index]];
      pieces.push(text.slice(from, at), replacement);
      to = this.copy(origins, from, at, to);
      to = place(origins, to, match, replacement, (spot) => this.origin(at + spot));
      from = at + match.length;
    });
    pieces.push(text.slice(from));
    to = this.copy(origins, from, text.length, to);
    origins[to] = this.origin(text.length);
    return new MappedText(pieces.join(''), origins);
  }

  /** Copies the origins of what stays as it is. @returns the position behind it in the new text */
  private copy(origins: Uint32Array, from: number, end: number, to: number): number {
    let next = to;
    for (let at = from; at < end; at += 1, next += 1) origins[next] = this.origins ? (this.origins[at] ?? 0) : at;
    return next;
  }
}

/** Where the characters of a replacement stood in what it replaces: one that was only left standing where it was, others near. */
function place(
  origins: Uint32Array,
  to: number,
  match: string,
  replacement: string,
  origin: (spot: number) => number,
): number {
  let at = 0;
  for (let index = 0; index < replacement.length; index += 1) {
    const same = match.indexOf(replacement.charAt(index), at);
    origins[to + index] = origin(same < 0 ? Math.min(at, match.length - 1) : same);
    if (same >= 0) at = same + 1;
  }
  return to + replacement.length;
}
