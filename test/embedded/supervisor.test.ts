import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isRunning } from '../../embedded/processes';
import { endLeftovers, supervise } from '../../embedded/supervisor';
import type { Supervised } from '../../embedded/supervisor';

let dataDir: string;
let said: string[];
const running: Supervised[] = [];
const environment = { PATH: '/usr/bin:/bin' };

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lazaret-supervisor-'));
  said = [];
});
afterEach(async () => {
  for (const child of running.splice(0)) await child.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const options = () => ({ dataDir, say: (line: string) => void said.push(line), restartDelayMs: 1 });

function script(body: string): string {
  const file = join(dataDir, 'child.js');
  writeFileSync(file, body);
  return file;
}

async function start(body: string): Promise<Supervised> {
  const child = await supervise({ name: 'child', script: script(body), env: environment }, options());
  running.push(child);
  return child;
}

const SERVES = `console.error('hello from the child'); console.log(JSON.stringify({ ready: true, port: 7 })); setInterval(() => {}, 1e6);`;

describe('the supervisor', () => {
  it('returns what the child says when it is ready, and keeps its lines in a file', async () => {
    const child = await start(SERVES);
    expect(child.ready).toEqual({ ready: true, port: 7 });
    await child.stop();
    expect(readFileSync(join(dataDir, 'logs/child.log'), 'utf8')).toMatch(/^\S+Z child hello from the child$/m);
  });

  it('starts a killed child again', async () => {
    const child = await start(SERVES);
    const first = child.pid() ?? 0;
    const again = child.restarted();
    process.kill(first, 'SIGKILL');
    await again;
    expect(child.pid()).not.toBe(first);
    expect(said).toEqual([
      expect.stringContaining('child ended (SIGKILL)'),
      expect.stringContaining('child runs again'),
    ]);
  });

  it('starts a child again that fails once while it restarts', async () => {
    const mark = join(dataDir, 'mark');
    const child = await start(
      `const fs = require('fs'); const n = fs.existsSync('${mark}') ? Number(fs.readFileSync('${mark}', 'utf8')) : 0;
       fs.writeFileSync('${mark}', String(n + 1)); if (n === 1) throw new Error('second run fails'); ${SERVES}`,
    );
    const again = child.restarted();
    process.kill(child.pid() ?? 0, 'SIGKILL');
    await again;
    expect(readFileSync(mark, 'utf8')).toBe('3');
  });

  it('refuses a child that ends before it is ready, with its last lines', async () => {
    await expect(start(`throw new Error('DATABASE_URL is not set')`)).rejects.toThrow(
      /child did not start \(it ended: 1\)[^]*DATABASE_URL is not set/,
    );
  });

  it('kills a child that does not stop when asked', async () => {
    const file = script(`process.on('SIGTERM', () => {}); ${SERVES}`);
    const child = await supervise({ name: 'deaf', script: file, env: environment, stopGraceMs: 50 }, options());
    const identity = identityOf(child.pid() ?? 0);
    await child.stop();
    expect(identity && isRunning(identity)).toBe(false);
    expect(said).toEqual([]);
  });

  it('ends what a killed run left behind', async () => {
    const file = script(SERVES);
    const left = fork(file, [], { detached: true, stdio: 'ignore' });
    mkdirSync(join(dataDir, 'run'));
    writeFileSync(join(dataDir, 'run/worker.pid'), JSON.stringify(identityOf(left.pid ?? 0)));
    const exited = once(left, 'exit');
    await endLeftovers(options());
    await exited;
    expect(said).toEqual([expect.stringMatching(/^stopping worker \(process \d+\)/)]);
    expect(existsSync(join(dataDir, 'run/worker.pid'))).toBe(false);
  });

  it('leaves a process alone that only has the same number', async () => {
    const other = fork(script(SERVES), [], { detached: true, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
    if (other.stdout) await once(other.stdout, 'data');
    mkdirSync(join(dataDir, 'run'));
    writeFileSync(join(dataDir, 'run/worker.pid'), JSON.stringify({ pid: other.pid, startedAt: 'long ago' }));
    await endLeftovers(options());
    expect(other.exitCode).toBeNull();
    const exited = once(other, 'exit');
    other.kill();
    await exited;
  });
});
