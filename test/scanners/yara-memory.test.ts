import { loadRules } from '../../scanners/embedded/yara';
import { SilentParts } from '../../scanners/embedded/yara-memory';

const variables = { filename: 'a.xml', filepath: 'b.docx/a.xml', extension: 'xml', filetype: 'text/xml', owner: '' };
const rule = (condition: string, name = 'T'): string => `rule ${name} { condition: ${condition} }`;

describe('what the rules have to say about a part', () => {
  test('depends on no path that no rule asks for', () => {
    const silent = new SilentParts([rule('filesize > 3')]);
    const other = { ...variables, filepath: 'c.docx/a.xml' };
    expect(silent.key('d1', variables)).toBe(silent.key('d1', other));
    expect(silent.key('d1', variables)).not.toBe(silent.key('d2', variables));
  });

  test('depends on every other variable', () => {
    const silent = new SilentParts([]);
    const keys = Object.keys(variables).filter((name) => name !== 'filepath');
    for (const name of keys) {
      expect(silent.key('d', { ...variables, [name]: 'other' })).not.toBe(silent.key('d', variables));
    }
  });

  test('depends on the words that a rule asks for in the path, in any case, and on nothing else of it', () => {
    const silent = new SilentParts([rule('filepath icontains "\\x01Ole"')]);
    const plain = silent.key('d', variables);
    expect(silent.key('d', { ...variables, filepath: 'x/\x01OLE10native' })).not.toBe(plain);
    expect(silent.key('d', { ...variables, filepath: 'x/ole' })).toBe(plain);
  });

  test.each([
    'filepath matches /ole/',
    'filepath contains "ole"',
    'filepath icontains "\\\\"',
    'filepath icontains "é"',
  ])('depends on the whole path where a rule says %s', (condition) => {
    const silent = new SilentParts([rule('filepath icontains "a"'), rule(condition)]);
    const other = { ...variables, filepath: 'c.docx/a.xml' };
    expect(silent.key('d', variables)).not.toBe(silent.key('d', other));
  });

  test('is not kept for a name without end', () => {
    expect(new SilentParts([]).key('d', { ...variables, filename: 'a'.repeat(1_000) })).toBeUndefined();
  });
});

test('a part with findings is looked at each time, one without only once', async () => {
  const text = 'rule Bad { strings: $a = "bad" condition: $a and filepath icontains "inner" }';
  const rules = await loadRules([{ name: 'a.yar', text }], 'auto');
  const scan = (data: string, digest: string, filepath = 'x/inner') =>
    rules.scan(Buffer.from(data), { ...variables, filepath }, digest).map(({ rule: name }) => name);
  expect(scan('bad', 'd1')).toEqual(['Bad']);
  expect(scan('bad', 'd1')).toEqual(['Bad']);
  expect(scan('good', 'd2')).toEqual([]);
  // The digest alone stands for the bytes: whoever gives a wrong one gets the answer for it.
  expect(scan('bad', 'd2')).toEqual([]);
  expect(scan('bad', 'd2', 'y/outer')).toEqual([]);
  expect(scan('bad', 'd3', 'y/outer')).toEqual([]);
  expect(scan('bad', 'd3')).toEqual(['Bad']);
});
