import { readLists, writeLists, MAX_LIST_ROWS } from '../../api/lists-csv';
import { indexLists, listEntrySchema, matchLists, normaliseValue, type ListEntry } from '../../domain/lists';

const NOW = new Date('2026-11-23T12:00:00Z');
const hash = 'A'.repeat(64);

function entry(kind: ListEntry['kind'], effect: ListEntry['effect'], value: string, expiresAt?: string): ListEntry {
  return listEntrySchema.parse({ kind, effect, value, owner: 'Ada', reason: 'because', expiresAt });
}

describe('values', () => {
  it.each([
    ['hash', hash, 'a'.repeat(64)],
    ['domain', '*.Bad.Example', 'bad.example'],
    ['domain', 'bücher.example', 'xn--bcher-kva.example'],
    ['domain', '127.1', '127.0.0.1'],
    ['url', 'https://Bad.example/Path/*', 'bad.example/Path/*'],
    ['url', '*.bad.example:8080', '*.bad.example:8080/'],
    ['url', 'bad.example?id=*', 'bad.example/?id=*'],
    ['sender', 'Eve@Bad.Example', 'eve@bad.example'],
    ['sender', '@bad.example', '@bad.example'],
    ['sender', 'bad.example', '@bad.example'],
  ] as const)('of kind %s: %s is kept as %s', (kind, value, kept) => {
    expect(normaliseValue(kind, value)).toEqual({ value: kept });
  });

  it.each([
    ['hash', 'd41d8cd98f00b204e9800998ecf8427e', /SHA-256/],
    ['domain', 'com', /whole top-level domain/],
    ['domain', 'https://bad.example', /without scheme/],
    ['domain', 'bad.example:80', /without scheme/],
    ['url', '*/x', /begin with a host/],
    ['url', 'b*d.example/x', /begin with a host/],
    ['url', 'localhost/x', /with a dot/],
    ['url', 'bad.example/#x', /fragment/],
    ['sender', 'Eve <eve@bad.example>', /address/],
    ['sender', 'eve', /address/],
  ] as const)('of kind %s: %s is refused', (kind, value, sentence) => {
    expect(normaliseValue(kind, value)).toEqual({ problem: expect.stringMatching(sentence) as string });
  });
});

describe('matching', () => {
  const match = (entries: ListEntry[], url: string): string | undefined => matchLists(entries, { url }, NOW)?.effect;

  it('covers the sub-domains of a domain and nothing that only ends alike', () => {
    const list = [entry('domain', 'block', 'bad.example')];
    expect(match(list, 'https://a.b.bad.example/x')).toBe('block');
    expect(match(list, 'https://BAD.example./x')).toBe('block');
    expect(match(list, 'https://notbad.example/x')).toBeUndefined();
    expect(match(list, 'https://bad.example.org/')).toBeUndefined();
  });

  it.each([
    ['bad.example/x', 'http://bad.example/x/', true],
    ['bad.example/x', 'http://bad.example/x?y=1#z', true],
    ['bad.example/x', 'http://bad.example/xy', false],
    ['bad.example/x', 'http://www.bad.example/x', false],
    ['*.bad.example/x', 'http://www.bad.example/x', true],
    ['*.bad.example/x', 'http://bad.example/x', false],
    ['bad.example/*/get', 'http://bad.example/a/b/get', true],
    ['bad.example/*/get', 'http://bad.example/a/b/got', false],
    ['bad.example/*?id=*', 'http://bad.example/a?id=1', true],
    ['bad.example/*?id=*', 'http://bad.example/a', false],
    ['bad.example:8080/*', 'http://bad.example:8080/a', true],
    ['bad.example:8080/*', 'http://bad.example/a', false],
    ['10.1.2.3/*', 'http://10.1.2.3/a', true],
  ])('pattern %s against %s: %s', (pattern, url, expected) => {
    expect(match([entry('url', 'block', pattern)], url) !== undefined).toBe(expected);
  });

  it('compares hashes in any case and senders by address or domain', () => {
    const list = [
      entry('hash', 'block', hash),
      entry('sender', 'block', '@bad.example'),
      entry('sender', 'allow', 'a@b.example'),
    ];
    expect(matchLists(list, { sha256: 'a'.repeat(64) }, NOW)?.effect).toBe('block');
    expect(matchLists(list, { sender: 'X@mail.BAD.example' }, NOW)?.effect).toBe('block');
    expect(matchLists(list, { sender: 'A@b.example' }, NOW)?.effect).toBe('allow');
    expect(matchLists(list, { sender: 'c@b.example' }, NOW)).toBeUndefined();
    expect(matchLists(list, { sender: 'nobody', url: 'nothing' }, NOW)).toBeUndefined();
  });

  it('lets the more particular entry decide, and block before allow', () => {
    const list = [entry('domain', 'block', 'x.example'), entry('url', 'allow', 'x.example/ok')];
    expect(match(list, 'https://x.example/ok')).toBe('allow');
    expect(match(list, 'https://x.example/other')).toBe('block');
    expect(match([...list, entry('url', 'block', 'x.example/*')], 'https://x.example/ok')).toBe('block');
    expect(matchLists(indexLists(list), { url: 'https://x.example/ok' }, NOW)?.all).toHaveLength(2);
  });

  it('forgets an entry at the moment it expires', () => {
    expect(match([entry('domain', 'block', 'x.example', '2026-11-23T12:00:00Z')], 'http://x.example')).toBeUndefined();
    expect(match([entry('domain', 'block', 'x.example', '2026-11-23T12:00:01Z')], 'http://x.example')).toBe('block');
  });

  it('ends on a pattern of stars against a long address', () => {
    const list = [entry('url', 'block', `x.example/${'*a'.repeat(500)}`)];
    expect(match(list, `http://x.example/${'a'.repeat(2_000)}b`)).toBeUndefined();
  });
});

describe('tables', () => {
  it('come back as they were written, with formulas quoted', () => {
    const entries = [
      entry('sender', 'block', '@bad.example', '2027-01-31'),
      listEntrySchema.parse({
        kind: 'domain',
        effect: 'allow',
        value: 'ok.example',
        owner: '=cmd|x',
        reason: 'a "b", c\nd',
      }),
    ];
    const csv = writeLists(entries);
    expect(csv).toContain(`'@bad.example`);
    expect(csv).toContain(`'=cmd|x`);
    expect(readLists(csv)).toEqual({ entries });
  });

  it('are read with semicolons, a mark at the beginning and columns in any order', () => {
    const csv = '\ufeffvalue;owner;Reason;kind;effect\nBad.example;Ada;spam;domain;block\n\n';
    expect(readLists(csv)).toEqual({
      entries: [entry('domain', 'block', 'bad.example')].map((e) => ({ ...e, reason: 'spam' })),
    });
  });

  it('name every refused line and take none', () => {
    const csv =
      'kind,effect,value,owner,reason,expires\ndomain,block,bad.example,Ada,x,\nhash,block,12,Ada,x,\nurl,stop,,Ada,,soon\n';
    const read = readLists(csv);
    if (!('problems' in read)) throw new Error('the table was taken');
    expect(read.problems.map((problem) => problem.line)).toEqual([3, 4]);
    expect(read.problems[0]?.message).toMatch(/SHA-256/);
    expect(read.problems[1]?.message).toMatch(/effect must be one of.*value is missing.*reason is missing.*date/);
  });

  it.each([
    ['kind,value\n', 1, /heading must name effect, owner, reason/],
    ['', 1, /heading must name/],
    ['kind,effect,value,owner,reason\ndomain,block,"bad.example,Ada,x\n', 2, /not CSV/],
  ])('refuse %j', (csv, line, sentence) => {
    expect(readLists(csv)).toEqual({
      problems: [{ line, message: expect.stringMatching(sentence) as string }],
    });
  });

  it('refuse more entries than one upload holds', () => {
    const csv = `kind,effect,value,owner,reason\n${'domain,block,bad.example,Ada,x\n'.repeat(MAX_LIST_ROWS + 1)}`;
    expect(readLists(csv)).toEqual({
      problems: [{ line: MAX_LIST_ROWS + 2, message: expect.stringMatching(/at most/) as string }],
    });
  });
});
