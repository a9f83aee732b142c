/**
 * What a name looks like to a hurried reader. A choice of Unicode's confusables (UTS #39): the letters of other scripts that
 * a browser or mail program shows like Latin ones, digits that stand for letters, and pairs that run together.
 */

/** Each Latin letter with the letters that look like it; marks above and below are taken off before (NFKD). */
const LOOKALIKES = `
a аαɑɐａꭺᎪ⍺ạᴀλ
b ƅьвЬβɓʙᏏᗷЪъƀ
c сϲᴄⅽꮯƈςↄç
d ԁɗđꓒⅾժᏧḍ
e еєҽɛəεℯ℮ꬲξэęēɘ
f ƒғϝꞙẝ
g ɡɢցǥɠᶃԍ
h һհħнɦᏂн
i іıɩι𝚤ɪӏɨⅰᎥjί
j јϳյɉʝ
k кκƙқӄʞᴋ
l ӏլוןⅼłɭιᴌℓ|ǀ
m мɱⅿᴍ
n пոռпηɳŋɴνиη
o оοօσøɵ໐ہסჿᴏөѳ૦๐
p рρƿþϼᴘ
q ԛգզɋ
r гʀɍᴦɾŗ
s ѕʂꜱśѕ
t тτŧƭᴛ
u υսʋцμᴜµʉ
v νѵⅴᴠᶌ
w ԝωшѡաɯᴡщ
x хχⅹӿҳ×
y уүγʏƴỿყ
z ʐƶᴢʑ
`;

const LETTERS: ReadonlyMap<string, string> = new Map(
  LOOKALIKES.trim()
    .split('\n')
    .flatMap((line) => {
      const [latin = '', others = ''] = line.split(' ');
      return [...others].map((other): [string, string] => [other.toLowerCase(), latin]);
    }),
);

const DIGITS: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'l',
  3: 'e',
  5: 's',
  i: 'l',
  4: 'a',
  8: 'b',
  9: 'g',
  7: 't',
};

/** The Latin letters that a name seems to consist of; names without other scripts come back as they are, in lower case. */
export function latinLook(name: string): string {
  return [...name.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '')]
    .map((char) => LETTERS.get(char) ?? char)
    .join('');
}

/** {@link latinLook} with digits for letters and pairs that run together (rn, vv, cl) resolved: for comparing two names, not for showing. */
export function skeleton(name: string): string {
  return latinLook(name)
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replace(/[0135789i4]/gu, (char) => DIGITS[char] ?? char);
}

const SCRIPTS = [
  /\p{sc=Latin}/u,
  /\p{sc=Cyrillic}/u,
  /\p{sc=Greek}/u,
  /\p{sc=Armenian}/u,
  /\p{sc=Hebrew}/u,
  /\p{sc=Arabic}/u,
  /\p{sc=Cherokee}/u,
  /\p{sc=Thai}/u,
  /\p{sc=Georgian}/u,
];

/** Whether one label mixes alphabets that no language mixes. Chinese, Japanese and Korean beside Latin are usual. */
export function mixesScripts(label: string): boolean {
  return SCRIPTS.filter((script) => script.test(label)).length > 1;
}

/** Which letters and digits a name holds, one bit each: what rules most pairs of names out before they are compared. */
export function lettersOf(name: string): number {
  let bits = 0;
  for (let at = 0; at < name.length; at += 1) bits |= 1 << (name.charCodeAt(at) & 31);
  return bits;
}

/** Whether two names differ in more letters than `max` changes can make, as {@link lettersOf} tells. Doubt says no. */
export function farApart(a: number, b: number, max: number): boolean {
  let [differing, count] = [a ^ b, 0];
  for (; differing !== 0; differing &= differing - 1) count += 1;
  return count > 2 * max;
}

/** Changes by one letter (left out, put in, exchanged, swapped with its neighbour) between two names; more than `max` is `max + 1`. */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_unused, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    [before, last] = [last, current];
  }
  return Math.min(last[b.length] ?? max + 1, max + 1);
}
