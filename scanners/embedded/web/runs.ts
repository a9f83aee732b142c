const MAX_RUNS = 200;
const MIN_RUN = 20;
/** Digits that a piece has at least: two more characters may be its padding. */
const MIN_DIGITS = MIN_RUN - 2;
const PIECE = /[A-Za-z0-9+/_-]+={0,2}/y;
const NEXT_LINE = /[ \t>]{0,20}\r?\n[ \t>]{0,20}(?=[A-Za-z0-9+/_-])/y;
/** Characters between two constants of one file: a comma, a plus, a short name. */
const MAX_BETWEEN = 40;
const IS_DIGIT = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-')
  IS_DIGIT[char.charCodeAt(0)] = 1;

/**
 * Long runs of base64 or hexadecimal digits in any text, those that go on over line breaks as one. Each has at least
 * `least` characters. Runs of a picture or font written as a `data:` address are left out.
 */
export function longRuns(text: string, least = 80): string[] {
  const found: string[] = [];
  let at = pieceStart(text, 0);
  while (at >= 0 && found.length < MAX_RUNS) {
    let end = pieceEnd(text, at);
    if (end - at >= MIN_RUN) {
      const start = at;
      let run = text.slice(start, end);
      // Behind padding nothing of the same file follows, though the next line may be a word of digits.
      for (let next = nextPiece(text, end); next && !run.endsWith('='); next = nextPiece(text, end)) {
        // The last line of a block is short; words of prose are not taken for one.
        if (next.end - next.start < MIN_RUN && run.length < 60) break;
        // The line that ends an armour begins with dashes, which are digits of base64 in addresses.
        if (text.startsWith('--', next.start)) break;
        run += text.slice(next.start, next.end);
        ({ end } = next);
      }
      if (run.length >= least && !isPictureAddress(text, start)) found.push(run);
    }
    at = pieceStart(text, end);
  }
  return found;
}

const MAX_PIECES = 20_000;
/** How base64 of a zip, program, document, page or disk begins. */
const FILE_START =
  /^(UEs|TVqQ|TVp|TVoA|N3q8|UmFy|H4sI|QlpoO|\/Td6|0M8R|JVBER|e1xyd|PGh0|PCFE|PHNj|WDVP|TVNDR|TAAAA|5FJc|KLUv)/;

/**
 * Base64 that a script keeps in several constants: from each that begins like a file on, those that follow at once are
 * joined, whatever the code does with them.
 */
export function joinedPieces(text: string): string[] {
  const found: string[] = [];
  let [run, count, end] = ['', 0, -1];
  const close = (): void => {
    if (count > 1 && run.length >= 40 && found.length < MAX_RUNS) found.push(run);
    [run, count] = ['', 0];
  };
  let seen = 0;
  for (const match of text.matchAll(/(["'`])([A-Za-z0-9+/_-]{4,}={0,2})\1/g)) {
    if (++seen > MAX_PIECES) break;
    const [whole, , piece = ''] = match;
    const near = match.index - end <= MAX_BETWEEN;
    if (count > 0 && near) [run, count] = [run + piece, count + 1];
    else {
      close();
      if (FILE_START.test(piece)) [run, count] = [piece, 1];
    }
    end = match.index + whole.length;
  }
  close();
  return found;
}

/** Where the next piece with enough digits begins. Looks from each window's end, so that most of a prose is passed over. */
function pieceStart(text: string, from: number): number {
  for (let at = from; at + MIN_DIGITS <= text.length;) {
    let back = at + MIN_DIGITS - 1;
    while (back >= at && IS_DIGIT[text.charCodeAt(back)] === 1) back -= 1;
    if (back < at) return at;
    at = back + 1;
  }
  return -1;
}

function pieceEnd(text: string, at: number): number {
  PIECE.lastIndex = at;
  return PIECE.test(text) ? PIECE.lastIndex : at;
}

/** The piece on the following line, indented or quoted. */
function nextPiece(text: string, end: number): { start: number; end: number } | undefined {
  NEXT_LINE.lastIndex = end;
  if (!NEXT_LINE.test(text) || NEXT_LINE.lastIndex - end > 40) return undefined;
  const start = NEXT_LINE.lastIndex;
  return { start, end: pieceEnd(text, start) };
}

function isPictureAddress(text: string, start: number): boolean {
  return /data:(image|font|application\/(x-)?font)[^,]{0,60},$/i.test(text.slice(Math.max(0, start - 90), start));
}
