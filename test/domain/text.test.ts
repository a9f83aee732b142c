import fc from 'fast-check';
import {
  breakPlaceholders,
  csvCell,
  cutMiddle,
  defang,
  displayFileName,
  escapeHtml,
  fileNameForMail,
  fileNameForNote,
  showHidden,
  textForMail,
} from '../../domain/text';

describe('hidden characters', () => {
  test.each([
    ['invoice\u202ecod.exe', 'invoice⟨RLO⟩cod.exe'],
    ['a\u2066b\u2069', 'a⟨LRI⟩b⟨PDI⟩'],
    ['a\nb\r\0', 'a⟨LF⟩b⟨CR⟩⟨NUL⟩'],
    ['a\u200bb\ufeff', 'a⟨ZWSP⟩b⟨BOM⟩'],
    ['a\u3164b\u2800c\u034fd', 'a⟨U+3164⟩b⟨U+2800⟩c⟨U+034F⟩d'],
    ['a\u2028b\u0085', 'a⟨U+2028⟩b⟨U+0085⟩'],
    ['lone \ud800 half', 'lone ⟨U+D800⟩ half'],
    ['tag\u{e0041}', 'tag⟨U+E0041⟩'],
    [`report.pdf${' '.repeat(60)}.exe`, 'report.pdf⟨60 spaces⟩.exe'],
    ['Screenshot\u202f1.png', 'Screenshot 1.png'],
    [`z${'\u0335'.repeat(40)}`, `z${'\u0335'.repeat(3)}⟨…⟩`],
    ['Grüße 日本.pdf', 'Grüße 日本.pdf'],
  ])('%j is shown as %j', (name, shown) => expect(showHidden(name)).toBe(shown));
});

describe('cutting', () => {
  test('keeps the extension of a name of 10,000 characters', () => {
    const shown = displayFileName(`${'a'.repeat(10_000)}.docm`);
    expect([...shown]).toHaveLength(120);
    expect(shown).toMatch(/^a+…a+\.docm$/u);
  });

  test('is never longer than asked for and never splits a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 1, max: 80 }), (text, max) => {
        const cut = cutMiddle(text, max);
        expect([...cut].length).toBeLessThanOrEqual(max);
        expect(cut).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});

describe('addresses', () => {
  test.each([
    ['http://evil.example/a', 'hxxp[:]//evil[.]example/a'],
    ['HTTPS://EVIL.COM', 'HxxPS[:]//EVIL[.]COM'],
    ['see www.evil.com now', 'see www[.]evil[.]com now'],
    ['evil.1password.com', 'evil[.]1password[.]com'],
    ['evil。com', 'evil[.]com'],
    ['mail a@b.de', 'mail a[@]b[.]de'],
    ['mailto:x', 'mailto[:]x'],
    ['javascript:alert(1)', 'javascript[:]alert(1)'],
    ['ftp://x.y', 'fxp[:]//x[.]y'],
    ['version 1.2.3 is fine.', 'version 1.2.3 is fine.'],
  ])('%j becomes %j', (text, harmless) => expect(defang(text)).toBe(harmless));

  test.each([
    ['order.docm', 'order.docm'],
    ['www.evil.com.pdf', 'www[.]evil[.]com.pdf'],
    ['update.zip', 'update[.]zip'],
    ['evil.com', 'evil[.]com'],
    ['https://evil.com/x.pdf', 'hxxps[:]//evil[.]com/x.pdf'],
  ])('the file name %j is written %j', (name, harmless) => expect(fileNameForMail(name)).toBe(harmless));
});

/** What Zendesk might see: entities decoded up to three times, tags and zero-width characters removed. */
function asZendeskMightSee(html: string): string[] {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', lcub: '{', lbrace: '{', rcub: '}' };
  const decode = (text: string): string =>
    text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));?/giu, (all, dec, hex, word: string | undefined) => {
      if (dec !== undefined) return String.fromCodePoint(Math.min(Number(dec), 0x10ffff));
      if (hex !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
      return names[word?.toLowerCase() ?? ''] ?? all;
    });
  const seen = [html];
  for (let round = 0; round < 3; round += 1) seen.push(decode(seen.at(-1) ?? ''));
  return seen.flatMap((text) => [text, text.replace(/[\u200b-\u200f\u2060]/gu, ''), text.replace(/<[^>]*>/gu, '')]);
}

describe('placeholders', () => {
  test.each([
    '{{ticket.id}}',
    '{{{ticket.id}}}',
    '{% for a in b %}',
    '&#123;{ticket.id}}',
    '&#123;&#123;ticket.id}}',
    '&lcub;&lcub;x}}',
    '{&#x7b;x}}',
    '&amp;#123;&amp;#123;x',
    '{\u200b{x}}',
    '{\u2060{x}}',
    '{<b></b>{x}}',
    '\\{{dc.name}}',
  ])('%s is never one for Zendesk', (name) => {
    for (const seen of asZendeskMightSee(fileNameForNote(name))) expect(seen).not.toMatch(/\{[{%]/u);
  });

  test('no name of any characters makes a placeholder or markup', () => {
    const unit = fc.constantFrom(
      '{',
      '%',
      '}',
      '&',
      '#',
      '1',
      '2',
      '3',
      ';',
      'x',
      '7',
      'b',
      'amp',
      'lcub',
      '\u200b',
      '<',
      'a',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (name) => {
        const html = fileNameForNote(name);
        expect(html).not.toMatch(/[<>"']/u);
        for (const seen of asZendeskMightSee(html).slice(0, 3)) expect(seen).not.toMatch(/\{[{%]/u);
        expect(breakPlaceholders(name)).not.toMatch(/\{[{%]/u);
      }),
    );
  });
});

describe('sinks', () => {
  test('HTML is escaped', () => {
    expect(escapeHtml(`<img src=x onerror='a("b")'>&`)).toBe(
      '&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;',
    );
  });

  test('text for a mail is one line whatever goes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(textForMail(text, 100)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test.each([
    ['=1+1', `"'=1+1"`],
    [' =1+1', `"' =1+1"`],
    ['+49', `"'+49"`],
    ['-1', `"'-1"`],
    ['@x', `"'@x"`],
    ['＝1', `"'＝1"`],
    ['\t=1', `"'⟨TAB⟩=1"`],
    ['say "x", y', '"say ""x"", y"'],
  ])('the CSV cell %j is %s', (value, cell) => expect(csvCell(value)).toBe(cell));
});
