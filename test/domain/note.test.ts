import fc from 'fast-check';
import type { NoteItem } from '../../domain/note';
import { sizeInWords } from '../../domain/note';
import { internalNote } from '../../email/note-template';
import { STATE_REASONS, UNSCANNABLE_REASONS } from '../../domain/words';
import { batch, HOSTILE_NAMES, item } from './note-fixture';

function note(items: NoteItem[]): { html: string; text: string } {
  return internalNote(batch(items));
}

function hrefs(html: string): string[] {
  return [...html.matchAll(/href="([^"]*)"/gu)].map((match) => match[1] ?? '');
}

describe('what a note says', () => {
  test('says which file was removed, why, and what the reader can do', () => {
    expect(note([item()]).text).toBe(
      'Lazaret removed 1 file from this ticket.\n\n' +
        'invoice.7z (38 KB): Inside it, order.docm: A Word macro that starts PowerShell when opened. 1 more finding. ' +
        'Malicious, found by YARA and ClamAV. The original is kept safe for 365 days. Think it is harmless? ' +
        'Request an investigation (https://lazaret.example/scans/01HZX3QK7F3K?investigate=1). ' +
        'Details: scan 7F3K (https://lazaret.example/scans/01HZX3QK7F3K). SHA-256 275a…fd0f.',
    );
  });

  test('a release says by whose decision, why, and shows the whole SHA-256', () => {
    const decision = { verdict: 'clean', role: 'analyst', reason: 'Known macro of the tax office' } as const;
    const { text } = note([item({ kind: 'released', findings: [], verdict: 'clean', decision })]);
    expect(text).toContain('Lazaret put 1 file back into this ticket.');
    expect(text).toContain('Judged clean by an analyst. Reason given: Known macro of the tax office.');
    expect(text).toContain('byte for byte the one that was sealed');
    expect(text).toContain(item().sha256);
    expect(text).not.toContain('Request an investigation');
  });

  test('a release of a file with findings does not say that the engines called it clean', () => {
    const decision = { verdict: 'clean', role: 'analyst', reason: 'Our own test file' } as const;
    const { text } = note([item({ kind: 'released', verdict: 'clean', decision })]);
    expect(text).toContain('Clean. The file is attached to this note');
    expect(text).not.toContain('found by');
  });

  test('puts what could not be removed first and says why', () => {
    const { text } = note([item(), item({ kind: 'refused', reason: 'ticket_closed', fileName: 'b.pdf' })]);
    expect(text.indexOf('could not remove 1 file')).toBeLessThan(text.indexOf('removed 1 file'));
    expect(text).toContain('The ticket is closed.');
  });

  test.each(UNSCANNABLE_REASONS)('words the unscannable reason %s', (reason) => {
    const { text } = note([item({ kind: 'noted', verdict: 'unscannable', reason, findings: [] })]);
    expect(text).toMatch(/Could not be scanned: [a-z].{5,}\./u);
    expect(text).not.toContain(reason.includes('_') ? reason : 'undefined');
  });

  test.each(STATE_REASONS)('words the state reason %s', (reason) => {
    const { text } = note([item({ kind: 'refused', reason })]);
    expect(text).not.toMatch(/undefined|[a-z]_[a-z]/u);
  });

  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [38_912, '38 KB'],
    [1024 * 1024 - 1, '1.0 MB'],
    [1_500_000, '1.4 MB'],
    [52_428_800, '50 MB'],
    [3 * 1024 ** 3, '3.0 GB'],
  ])('%i bytes are %s', (bytes, words) => expect(sizeInWords(bytes)).toBe(words));
});

describe('many files', () => {
  test('twelve files are all named', () => {
    const { text } = note(Array.from({ length: 12 }, (_, at) => item({ fileName: `file${at}.docm` })));
    expect(text).toContain('Lazaret removed 12 files from this ticket.');
    for (let at = 0; at < 12; at += 1) expect(text).toContain(`file${at}.docm`);
  });

  test('ten thousand hostile files still make a note that Zendesk takes', () => {
    const findings = Array.from({ length: 30 }, () => ({
      engine: 'e'.repeat(5000),
      what: '<'.repeat(5000),
      path: Array.from({ length: 60 }, () => '&'.repeat(5000)),
    }));
    const items = Array.from({ length: 10_000 }, () => item({ fileName: '"'.repeat(10_000), findings }));
    const { html, text } = note(items);
    expect(html.length).toBeLessThan(60_000);
    expect(text).toContain('And 9,960 more files, listed in the console.');
  });
});

describe('hostile names', () => {
  test.each(HOSTILE_NAMES)('%j does no harm anywhere in a note', (name) => {
    const hostile = item({
      fileName: name,
      findings: [{ engine: name, what: name, path: ['outer', name, name] }],
      decision: { verdict: 'malicious', role: 'analyst', reason: name },
    });
    const { html, text } = note([hostile]);
    expect(html.replace(/<\/?(?:p|code|strong)>|<a href="https:\/\/lazaret\.example\/[^"]*">|<\/a>/gu, '')).not.toMatch(
      /[<>"]/u,
    );
    expect(hrefs(html)).toEqual([hostile.investigateUrl, hostile.scanUrl]);
    for (const output of [html, text]) {
      expect(output).not.toMatch(/\{[{%]|[\u202a-\u202e]|evil\.example|https?:\/\/(?!lazaret\.example)/u);
    }
    expect(text.split('\n')).toHaveLength(3);
  });

  test('no text of any characters adds a tag, a link, a line or a placeholder', () => {
    const unit = fc.oneof(
      fc.constantFrom('{', '{{', '{%', '<', '>', '"', "'", '&', '&#123;', '\n', '\u202e', 'http://', '.', '@', 'a'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    const text = fc.array(unit, { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, text, (fileName, what, inner) => {
        const findings = [{ engine: 'yara', what, path: [fileName, inner] }];
        const { html, text: plain } = note([item({ fileName, findings })]);
        expect(html.match(/</gu)).toHaveLength(
          html.match(/<(?:\/?(?:p|code|strong|a)>|a href="https:\/\/lazaret)/gu)?.length ?? 0,
        );
        expect(hrefs(html)).toHaveLength(2);
        expect(html).not.toMatch(/\{[{%]/u);
        expect(plain.split('\n')).toHaveLength(3);
      }),
    );
  });

  test('makes no link of an address that is not ours in form', () => {
    const { html } = note([item({ scanUrl: 'javascript:alert(1)', investigateUrl: 'https://x/{{y}} z' })]);
    expect(hrefs(html)).toEqual([]);
  });
});
