import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchFeed } from '../../scanners/links';

let folder: string;
let path: string;
const stops: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-feed-'));
  path = join(folder, 'feed.txt');
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  rmSync(folder, { recursive: true });
});

/** As a careful cron job does: written aside, then put in place. */
function publish(content: string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

async function watched(options: { maxAgeDays?: number } = {}) {
  const changes: { taken: boolean; detail: string }[] = [];
  const { engine, close } = await watchFeed({
    name: 'feed',
    path,
    pollMs: 5,
    onList: (change) => changes.push(change),
    ...options,
  });
  stops.push(close);
  const knows = async (host: string) => (await engine.look([`https://${host}/`]))[0]?.result;
  const changed = async (count: number): Promise<void> => {
    while (changes.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { engine, knows, changes, changed };
}

it('takes a new file without a restart', async () => {
  publish('bad.example.com\n');
  const { knows, changed } = await watched();
  expect(await knows('bad.example.com')).toBe('known');
  publish('worse.example.com\n');
  await changed(2);
  expect([await knows('bad.example.com'), await knows('worse.example.com')]).toEqual(['nothing', 'known']);
});

it('keeps the last good list where the new file is broken or gone, and says so', async () => {
  publish('bad.example.com\n');
  const { engine, knows, changes, changed } = await watched();
  publish('<html>Service unavailable</html>');
  await changed(2);
  expect(changes.at(-1)).toMatchObject({ taken: false, detail: 'the list feed holds no address' });
  expect(await knows('bad.example.com')).toBe('known');
  expect(await engine.health()).toMatchObject({ ok: false, detail: expect.stringContaining('holds no address') });
  rmSync(path);
  await changed(3);
  expect(await knows('bad.example.com')).toBe('known');
  publish('bad.example.com\nother.example.com\n');
  await changed(4);
  expect(await engine.health()).toMatchObject({ ok: true });
});

it('answers with errors and is not well as long as there was no list at all', async () => {
  const { engine, knows, changed } = await watched();
  expect(await knows('bad.example.com')).toBe('error');
  expect(await engine.health()).toMatchObject({ ok: false, detail: 'the file cannot be read' });
  publish('bad.example.com\n');
  await changed(2);
  expect(await knows('bad.example.com')).toBe('known');
});

it('is not well with a list that nobody refreshed', async () => {
  publish('bad.example.com\n');
  const old = Date.now() / 1000 - 10 * 86_400;
  utimesSync(path, old, old);
  const { engine, knows } = await watched({ maxAgeDays: 7 });
  expect(await engine.health()).toMatchObject({ ok: false });
  expect(await knows('bad.example.com')).toBe('known');
});
