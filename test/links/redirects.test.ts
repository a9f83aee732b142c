import { createRedirectFollower } from '../../scanners/links';
import type { FollowedLink } from '../../scanners/links';

const START = 'https://short.example/a';

it('names the addresses behind a link, and asks for each link once', async () => {
  let asked = 0;
  const follow = createRedirectFollower((url) => {
    asked += 1;
    return Promise.resolve({ hops: [url, 'https://mid.example/', 'https://end.example/x'], status: 200 });
  });
  const found = { leads: ['https://mid.example/', 'https://end.example/x'], inside: false };
  expect(await Promise.all([follow(START), follow(START)])).toEqual([found, found]);
  expect(asked).toBe(1);
});

it('names the address at which the walk was refused, and whether it lies inside a private network', async () => {
  const walk: FollowedLink = { hops: [START], refused: 'private_address', next: 'http://10.0.0.1/admin' };
  const follow = createRedirectFollower(() => Promise.resolve(walk));
  expect(await follow(START)).toEqual({ leads: ['http://10.0.0.1/admin'], inside: true });
  const direct = createRedirectFollower(() => Promise.resolve({ ...walk, hops: [], next: START }));
  expect(await direct(START)).toEqual({ leads: [], inside: false });
});

it.each(['https://a.example/reset?token=abc', 'https://u:p@a.example/', 'ftp://a.example/', 'javascript:alert(1)'])(
  'never opens %s',
  async (url) => {
    const fetch = jest.fn();
    expect(await createRedirectFollower(fetch)(url)).toBeUndefined();
    expect(fetch).not.toHaveBeenCalled();
  },
);

it('opens a bounded number of links at a time', async () => {
  let [running, most] = [0, 0];
  const follow = createRedirectFollower(async (url) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return { hops: [url] };
  });
  await Promise.all(Array.from({ length: 40 }, (_none, at) => follow(`https://h${at}.example/`)));
  expect(most).toBe(6);
});
