import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporal, TEMPORAL_VERSION } from '../../embedded/temporal';

const SERVER = '#!/bin/sh\necho "  --dynamic-config-value KEY=VALUE"\n';
/** Nothing listens there: port 9 of loopback. */
const NOWHERE = 'http://127.0.0.1:9/';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-find-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(path: string, text: string): string {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
  chmodSync(join(folder, path), 0o755);
  return join(folder, path);
}

const find = (go = 'no-such-go') =>
  findTemporal({
    say: (line) => void said.push(line),
    cacheDir: folder,
    path: join(folder, 'path'),
    go,
    downloadHost: NOWHERE,
  });

describe("Temporal's tool", () => {
  it('is taken from PATH first, and says so', async () => {
    const onPath = program('path/temporal', SERVER);
    program(`lazaret/bin/temporal-${TEMPORAL_VERSION}`, SERVER);
    expect(await find()).toBe(onPath);
    expect(said).toEqual([`Temporal: ${onPath}, found on PATH`]);
  });

  it('is taken from the cache where the one on PATH is another program', async () => {
    program('path/temporal', '#!/bin/sh\necho something else\n');
    const cached = program(`lazaret/bin/temporal-${TEMPORAL_VERSION}`, SERVER);
    expect(await find()).toBe(cached);
  });

  it('is built once when two start at the same moment and nothing else is there', async () => {
    const go = program(
      'go',
      `#!/bin/sh\necho "$@" >> ${folder}/builds\nmkdir -p "$GOBIN"\nprintf '%s' '${SERVER}' > "$GOBIN/temporal"\nchmod +x "$GOBIN/temporal"\n`,
    );
    const found = await Promise.all([find(go), find(go)]);
    expect(new Set(found)).toEqual(new Set([join(folder, `lazaret/bin/temporal-${TEMPORAL_VERSION}`)]));
    const builds = readFileSync(join(folder, 'builds'), 'utf8').trim().split('\n');
    expect(builds).toEqual([expect.stringContaining(`github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`)]);
    expect(said).toContainEqual(expect.stringContaining('127.0.0.1:9 does not answer'));
  });

  it('is refused with the remedies where there is no Go either', async () => {
    await expect(find()).rejects.toThrow(/Go is not installed[^]*TEMPORAL_ADDRESS/);
  });

  it('is refused with what Go said where the build fails, and leaves nothing half-made', async () => {
    const go = program('go', '#!/bin/sh\necho "dial tcp: no route" >&2\nexit 1\n');
    await expect(find(go)).rejects.toThrow(/"go install" failed:\ndial tcp: no route/);
    await expect(find(go)).rejects.toThrow(/"go install" failed/);
  });
});
