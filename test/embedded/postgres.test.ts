import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../../embedded/postgres';
import type { RunningPostgres } from '../../embedded/postgres';

jest.setTimeout(120_000);

let folder: string;
let said: string[];
let running: RunningPostgres | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-postgres-'));
  // Postgres may run as another user than we.
  chmodSync(folder, 0o755);
  said = [];
});
afterEach(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const dataDir = () => join(folder, 'data');

async function start(): Promise<RunningPostgres> {
  running = await startPostgres({ dataDir: dataDir(), port: 0, say: (line) => void said.push(line), throwaway: true });
  return running;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded Postgres', () => {
  it('finds its data again, refuses a second server on them, and survives a kill', async () => {
    const first = await start();
    await query(first.ownerUrl, 'create table kept as select 7 as value');
    await expect(start()).rejects.toThrow(
      /is in use by process \d+: stop that one, or choose another LAZARET_DATA_DIR/,
    );
    await first.stop();

    const second = await start();
    expect(await query(second.ownerUrl, 'select value from kept')).toEqual([{ value: 7 }]);
    process.kill(second.pid, 'SIGKILL');
    await second.exited;

    const third = await start();
    expect(await query(third.ownerUrl, 'select value from kept')).toEqual([{ value: 7 }]);
  });

  it('stops what a killed starter left running and takes over', async () => {
    const script = join(folder, 'starter.js');
    const module = join(__dirname, '../../dist/embedded/postgres.js');
    writeFileSync(
      script,
      `require(${JSON.stringify(module)}).startPostgres({ dataDir: ${JSON.stringify(dataDir())}, port: 0, say() {}, throwaway: true })
        .then((running) => process.send(running.pid));`,
    );
    const starter = fork(script, [], { execArgv: [] });
    const [pid] = (await once(starter, 'message')) as [number];
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    await start();
    expect(said).toEqual([`stopping the Postgres (process ${pid}) that a killed run left behind`]);
  });

  it('is not held up by a pid file whose number belongs to somebody else', async () => {
    await (await start()).stop();
    writeFileSync(join(dataDir(), 'cluster/postmaster.pid'), `${process.pid}\n${dataDir()}/cluster\n`);
    await start();
    expect(said).toEqual([]);
  });

  it('says what is missing where the password file was lost', async () => {
    await (await start()).stop();
    rmSync(join(dataDir(), 'owner-password'));
    await expect(start()).rejects.toThrow(/owner-password is missing: put it back/);
  });

  it('listens on loopback only and asks for the password', async () => {
    const { ownerUrl, port } = await start();
    expect(readFileSync(join(dataDir(), 'postgres.log'), 'utf8')).toContain(
      `listening on IPv4 address "127.0.0.1", port ${port}`,
    );
    const wrong = new URL(ownerUrl);
    wrong.password = 'wrong';
    await expect(query(wrong.toString(), 'select 1')).rejects.toThrow(/password authentication failed/);
  });
});
