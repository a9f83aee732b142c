const MAX_RUNS = 200;
const MIN_RUN = 20;

/**
 * Long runs of base64 or hexadecimal digits in any text, those that go on over line breaks as one. Each has at least
 * `least` characters. Runs of a picture or font written as a `data:` address are left out.
 */
export function longRuns(text: string, least = 80): string[] {
  const found: string[] = [];
  let run = '';
  let end = -1;
  let skip = false;
  const close = (): void => {
    if (run.length >= least && !skip && found.length < MAX_RUNS) found.push(run);
    run = '';
  };
  for (const { 0: piece, index } of text.matchAll(/[A-Za-z0-9+/_-]+={0,2}/g)) {
    const joined = run !== '' && index - end <= 40 && /^[ \t>]{0,20}\r?\n[ \t>]{0,20}$/.test(text.slice(end, index));
    // The last line of a block is short; words of prose are not taken for one.
    if (joined && (piece.length >= MIN_RUN || run.length >= 60)) run += piece;
    else {
      close();
      if (piece.length < MIN_RUN) continue;
      run = piece;
      skip = /data:(image|font|application\/(x-)?font)[^,]{0,60},$/i.test(text.slice(Math.max(0, index - 90), index));
    }
    end = index + piece.length;
  }
  close();
  return found;
}
