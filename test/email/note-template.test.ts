import fc from 'fast-check';
import { internalNote, templateProblem } from '../../email/note-template';
import { noteMail } from '../../email/templates';
import { batch, HOSTILE_NAMES, item } from '../domain/note-fixture';

const examples = [batch([item()]), batch([item({ kind: 'released', verdict: 'clean' })])];
const problemOf = (source: string) => templateProblem(source, examples);
const withNote = (note: string, name = 'invoice.7z') =>
  internalNote(batch([item({ fileName: name })], { templates: { note, mail: null } }));

describe('a template', () => {
  test('stands around the details, in paragraphs of its own', () => {
    const source =
      'Dear colleagues of {{ organisation }},\n\n{{ details }}\n\n{% if removed > 0 %}Call 1234.{% endif %}';
    expect(problemOf(source)).toBeUndefined();
    const { html, text } = withNote(source);
    expect(html).toMatch(/^<p>Dear colleagues of Acme,<\/p>\n<p><strong>Lazaret removed 1 file/u);
    expect(text).toMatch(/Call 1234\.$/u);
    const mail = noteMail(batch([item()], { templates: { note: null, mail: source } }));
    expect(mail.subject).toBe('[Lazaret] 1 file quarantined in ticket 48211');
    expect(mail.text).toContain('Dear colleagues of Acme,\n\nLazaret removed 1 file');
  });

  test('may list the files', () => {
    const source =
      '{{ details }}\n\n{% for file in files %}{{ file.name }} ({{ file.size }}): {{ file.verdict }}. {% endfor %}';
    expect(problemOf(source)).toBeUndefined();
    expect(withNote(source).text).toMatch(/invoice\.7z \(38 KB\): Malicious\.$/u);
  });

  test.each([
    ['{{ details }}\n\n{{ nonsense }}', 3, 'nonsense is not known here; known are details, organisation'],
    ['a\n{{ details }', 2, 'not closed'],
    ['{{ details }}\n\n{% include "x" %}', 3, '{% include %} cannot be used here'],
    ['{% render "/etc/passwd" %}\n\n{{ details }}', 1, '{% render %} cannot be used here'],
    ['{{ details }}\n\n{{ ticket | where_exp: "a" }}', 3, 'the filter where_exp cannot be used here'],
    ['{{ details }}\n\n{% for i in (1..99999999) %}x{% endfor %}', 3, 'memory alloc limit exceeded'],
    ['{{ details }}\n\n{{ details.constructor }}', 3, 'details.constructor is not known here'],
    ['Only our own words.', 1, 'put {{ details }} into a paragraph of its own'],
    ['Look:\n{{ details }}', 2, 'put {{ details }} into a paragraph of its own'],
    ['{% if removed > 0 %}{{ details }}{% endif %}', 1, 'put {{ details }} into a paragraph of its own'],
  ])('is refused with its line and why: %j', (source, line, reason) => {
    const problem = problemOf(source);
    expect(problem).toEqual({ line, reason: expect.stringContaining(reason) });
  });

  test('is refused where it is longer than is read', () => {
    expect(problemOf('x'.repeat(5000))).toEqual({ line: 1, reason: 'parse length limit exceeded.' });
  });

  test('never loses what has to be said, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{{', '}}', '{%', '%}', ' details ', 'if', '\n\n', 'x', '<b>') }),
        (source) => {
          const { html } = withNote(source);
          expect(html).toContain('Lazaret removed 1 file from this ticket.');
          expect(html).not.toMatch(/<b>|\{[{%]/u);
        },
      ),
    );
  });

  test.each(HOSTILE_NAMES)('shows the name %j harmlessly', (name) => {
    const source = '{{ details }}\n\n{% for file in files %}{{ file.name }}{% endfor %} <i>ours</i>';
    const { html, text } = withNote(source, name);
    for (const part of [html, text]) expect(part).not.toMatch(/evil\.example|[\u202a-\u202e]|\{[{%]|^Bcc:/mu);
    expect(html).not.toMatch(/<script|<img|<i>|<[^>]*\son\w+=/u);
    expect([...html.matchAll(/<a /gu)]).toHaveLength(2);
  });
});
