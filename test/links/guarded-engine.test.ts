import { guardLinkEngine, type LinkAnswer, type LinkEngine } from '../../scanners/links';

const URLS = ['https://a.example/', 'https://b.example/'];

function engine(look: LinkEngine['look']): LinkEngine {
  const health = () => Promise.resolve({ engine: 'e', ok: true, detail: 'answers', rulesVersion: '' });
  return { name: 'e', local: false, look, health };
}
const nothing = (urls: readonly string[]): LinkAnswer[] => urls.map((url) => ({ url, result: 'nothing' }));
const results = async (one: LinkEngine) => (await one.look(URLS)).map((answer) => answer.result);

it('gives the answers of its engine', async () => {
  const guarded = guardLinkEngine(engine((urls) => Promise.resolve(nothing(urls))));
  expect(await results(guarded)).toEqual(['nothing', 'nothing']);
  expect(await guarded.health()).toMatchObject({ ok: true, breaker: 'closed' });
});

it('answers in time for an engine that never does, and for one that throws', async () => {
  const silent = guardLinkEngine(
    engine(() => new Promise(() => undefined)),
    { lookMs: 20 },
  );
  expect(await silent.look(URLS)).toEqual(URLS.map((url) => ({ url, result: 'error', reason: 'timeout' })));
  const broken = guardLinkEngine(engine(() => Promise.reject(new Error('x'))));
  expect(await results(broken)).toEqual(['error', 'error']);
});

it('does not ask an engine that failed again and again, says so, and tries it after a pause', async () => {
  let [asked, works] = [0, false];
  const guarded = guardLinkEngine(
    engine((urls) => {
      asked += 1;
      return works ? Promise.resolve(nothing(urls)) : Promise.reject(new Error('x'));
    }),
    { failures: 2, openMs: 60_000 },
  );
  for (let turn = 0; turn < 5; turn += 1) {
    expect(await results(guarded)).toEqual(['error', 'error']);
    // The breaker counts an answer after it was given.
    await new Promise(setImmediate);
  }
  expect(asked).toBe(2);
  expect(await guarded.health()).toMatchObject({ ok: false, breaker: 'open' });
  works = true;
  const later = Date.now() + 60_001;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
  try {
    expect(await results(guarded)).toEqual(['nothing', 'nothing']);
    await new Promise(setImmediate);
    expect(await results(guarded)).toEqual(['nothing', 'nothing']);
  } finally {
    clock.mockRestore();
  }
});

it('takes a question of which one link was answered for answered', async () => {
  const half = engine((urls) =>
    Promise.resolve(
      urls.map((url, at) => (at === 0 ? { url, result: 'nothing' } : { url, result: 'error', reason: 'timeout' })),
    ),
  );
  const guarded = guardLinkEngine(half, { failures: 1 });
  await results(guarded);
  expect(await results(guarded)).toEqual(['nothing', 'error']);
});
