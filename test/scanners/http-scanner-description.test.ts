import { createHttpScanner, parseHttpScanners } from '../../scanners';

type Described = Record<string, unknown> & { submit: Record<string, unknown>; result: Record<string, unknown> };

const sandbox = (): Described => ({
  name: 'sandbox',
  submit: {
    url: 'https://sandbox.example/tasks',
    headers: { Authorization: { secret: 'sandbox-token', prefix: 'Bearer ' } },
    id: '/data/task_id',
  },
  result: {
    url: 'https://sandbox.example/tasks/{id}/report',
    ...{ status: '/task/status', done: ['reported'] },
    ...{ verdict: '/verdict', malicious: ['malicious'], clean: ['benign'], maliciousFrom: 7 },
  },
});

describe('a description', () => {
  const text = (change: (one: Described) => void): string => {
    const one = sandbox();
    change(one);
    return JSON.stringify({ scanners: [one] });
  };

  test.each<[string, string, string]>([
    ['that is no JSON', '{', 'is no JSON: begin with docs/examples'],
    ['that is a bare list', '[]', 'the file must be an object in braces'],
    ['without list', '{}', 'scanners must be a list in brackets'],
    ['with a key nobody reads', text((one) => void (one['typo'] = 1)), 'scanners.0 has "typo", which nothing reads'],
    [
      'with a key nobody reads inside',
      text(({ submit }) => void (submit['uri'] = 'x')),
      'scanners.0.submit has "uri", which nothing reads',
    ],
    [
      'with a name in capitals',
      text((one) => void (one['name'] = 'Sand Box')),
      'scanners.0.name must be a name of small',
    ],
    ['without address', text(({ submit }) => void delete submit['url']), 'scanners.0.submit.url must be an address'],
    [
      'over http to another machine',
      text(({ submit }) => void (submit['url'] = 'http://sandbox.lan/x')),
      'scanners.0.submit.url The address of an outside scanner must begin with https://, or its host be named',
    ],
    [
      'with a password in the address',
      text(({ result }) => void (result['url'] = 'https://a:b@c/{id}')),
      'scanners.0.result.url The address of an outside scanner holds a user name or a password',
    ],
    [
      'with an unknown method',
      text(({ submit }) => void (submit['method'] = 'GET')),
      'scanners.0.submit.method must be "POST" or "PUT"',
    ],
    [
      'with a secret written out',
      text(({ submit }) => void (submit['headers'] = { Authorization: { key: 'abc' } })),
      'scanners.0.submit.headers.Authorization must be a text, or {"secret"',
    ],
    ['that names no id', text(({ submit }) => void delete submit['id']), 'scanners.0.submit.id is missing, and {id}'],
    [
      'without words for clean',
      text(({ result }) => Object.assign(result, { clean: [], maliciousFrom: undefined })),
      'scanners.0.result must give the words for malicious and clean',
    ],
    [
      'with a status that never ends',
      text(({ result }) => void (result['done'] = [])),
      'scanners.0.result.done is empty',
    ],
    [
      'with a pointer that is none',
      text(({ result }) => void (result['verdict'] = 'verdict')),
      'scanners.0.result.verdict must be a JSON pointer',
    ],
    [
      'that asks too often',
      text((one) => void (one['pollSeconds'] = 0.1)),
      'scanners.0.pollSeconds must be a number of seconds from 1 to 3600',
    ],
    [
      'twice',
      `{"scanners":[${text(() => undefined).slice(13, -2)},${text(() => undefined).slice(13, -2)}]}`,
      'same name: give each its own',
    ],
  ])('%s is refused with a sentence', (_title, given, sentence) => {
    expect(() => parseHttpScanners(given)).toThrow(sentence);
  });

  test('is refused without a word of what secrets or values it holds', () => {
    const given = text(({ submit }) => {
      submit['url'] = 'http://token-abcdef@sandbox.lan/x';
      submit['headers'] = { 'X-Key': 7 };
    });
    expect(() => parseHttpScanners(given)).toThrow(/^(?!.*(?:abcdef|sandbox\.lan|7)).*$/u);
  });

  test('may name hosts of one’s own network that speak http', () => {
    const own = text((one) => {
      one.submit['url'] = 'http://sandbox.lan/x';
      one['privateHosts'] = ['sandbox.lan'];
    });
    expect(parseHttpScanners(own)).toHaveLength(1);
  });

  test('without its secret is refused, by the secret’s name', () => {
    const [one] = parseHttpScanners(text(() => undefined));
    if (!one) throw new Error('no description');
    expect(() => createHttpScanner(one, {})).toThrow('needs the secret sandbox-token');
  });
});
