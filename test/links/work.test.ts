import { createJudge, linksOfText, MAX_TEXT_LINKS } from '../../scanners/links';

/** Hostile texts of about a length: each asks for as much work as its kind can. */
const fill = (piece: string) => (length: number) => piece.repeat(Math.ceil(length / piece.length));
const numbered = (make: (at: number) => string) => (length: number) =>
  Array.from({ length: Math.ceil(length / (make(1000).length + 1)) }, (_none, at) => make(at)).join(' ');
const SHAPES: Record<string, (length: number) => string> = {
  'a list joined by commas': fill('https://example.com/,'),
  'a list joined by semicolons': fill('https://example.com/a;'),
  'letters of full width': fill('ｈｔｔｐ：／／'),
  'mathematical letters': fill('𝐚𝐛.'),
  'characters without width': fill('h\u200b'),
  'names behind (at)': fill('(at)a.com '),
  'bare domains': numbered((at) => `h${at}.ex.com`),
  'names that are files': numbered((at) => `h${at}.py`),
  'links of many hosts': numbered((at) => `https://h${at}.example.com/`),
  'paths of shares': fill('\\\\a.b\\c '),
  'Arabic names': fill('ا.مصر '),
  'dots in brackets': fill('hxxp://a[.]b '),
  'dots in words': fill('https://a dot b dot '),
  'lines of quoted-printable': fill('a=3D=\nb=20=C3=A4'),
  'escaped slashes': fill('https:\\/\\/a.b\\/c '),
  'Markdown that is never closed': fill('[a](b.com/x '),
  'at-signs': (length) => `https://${'a@'.repeat(length / 2)}`,
  'one long name': (length) => `https://${'a.'.repeat(length / 2)}com`,
  'words of Chinese around links': fill('请看https://e.com/漢'),
};

/**
 * What regular expressions are asked while something is done: each question, and the characters that it is asked about.
 * The same on every machine and under every load.
 */
function workOf(act: () => void): number {
  let work = 0;
  const ask = jest.spyOn(RegExp.prototype, 'exec').mockImplementation(function (this: RegExp, text: string) {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    const found = plainExec.call(this, text);
    work += 1 + (found ? found.index + found[0].length - from : this.sticky ? 0 : text.length - from);
    return found;
  });
  act();
  ask.mockRestore();
  return work;
}
const plainExec = RegExp.prototype.exec;

test.each(Object.keys(SHAPES))('twice as much of %s costs at most twice the work, or ends at the limit', (name) => {
  const make = SHAPES[name] ?? fill('');
  linksOfText(make(1_000));
  const [once, twice] = [workOf(() => linksOfText(make(50_000))), workOf(() => linksOfText(make(100_000)))];
  expect(once).toBeGreaterThan(0);
  expect(twice / once).toBeLessThan(2.1);
});

test('judging a link costs no more because others were judged', () => {
  const judge = createJudge(['example.com']);
  const { links } = linksOfText(numbered((at) => `https://h${at + 1000}.example.net/`)(100_000));
  expect(links).toHaveLength(MAX_TEXT_LINKS);
  links.forEach(judge);
  const [half, all] = [
    workOf(() => links.slice(0, MAX_TEXT_LINKS / 2).forEach(judge)),
    workOf(() => links.forEach(judge)),
  ];
  expect(all / half).toBeLessThan(2.1);
});
