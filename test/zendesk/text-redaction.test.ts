import { markTexts } from '../../zendesk/text-redaction';

const URL = 'https://evil.example/pay?a=1&b=2';

describe('marking words of a comment for redaction', () => {
  it('takes a whole link that leads there, whatever it shows', () => {
    const html = `<p>See <a href="https://evil.example/pay?a=1&amp;b=2" rel="x">your <b>bank</b></a> now</p>`;
    expect(markTexts(html, [URL])).toBe(
      `<p>See <redact><a href="https://evil.example/pay?a=1&amp;b=2" rel="x">your <b>bank</b></a></redact> now</p>`,
    );
  });

  it('takes the address where it stands in the text, escaped as HTML', () => {
    const html = '<p>go to https://evil.example/pay?a=1&amp;b=2.</p>';
    expect(markTexts(html, [URL])).toBe('<p>go to <redact>https://evil.example/pay?a=1&amp;b=2</redact>.</p>');
  });

  it('leaves longer words alone in which the address happens to stand', () => {
    const html = '<p>next.com and t.co</p>';
    expect(markTexts(html, ['t.co'])).toBe('<p>next.com and <redact>t.co</redact></p>');
  });

  it('marks each place once when several ways to write it overlap', () => {
    expect(markTexts('<p>http://e.example/x</p>', ['http://e.example/x', 'e.example/x', 'e.example'])).toBe(
      '<p><redact>http://e.example/x</redact></p>',
    );
  });

  it('closes what a broken comment left open, and leaves other links as they are', () => {
    expect(markTexts('<a href="https://e.example/">x', ['https://e.example/'])).toBe(
      '<redact><a href="https://e.example/">x</redact>',
    );
    const other = '<a href="https://fine.example/">e</a> < b';
    expect(markTexts(other, ['https://e.example/'])).toBe(other);
  });
});
