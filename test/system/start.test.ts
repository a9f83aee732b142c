import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eicar } from '../../embedded/demo-files';
import { LazaretClient, until } from '../../embedded/lazaret-client';
import { exitOf, identityOf, isRunning } from '../../embedded/processes';
import type { ProcessIdentity } from '../../embedded/processes';
import { SimulatorUser } from '../../simulator/client';
import { sha256 } from '../support/desk';

interface Ready {
  ready: true;
  api: string;
  console: string;
  zendesk: string;
  temporalUi: string;
  mail: string;
  apiKeys: { admin: string; support: string; analyst: string; viewer: string };
  zendeskCredentials: { subdomain: string; token: string };
  signIn: { url: string; people: { role: string; email: string; password: string }[] };
}

interface Started {
  process: ChildProcess;
  ready: Ready;
  /** Everything on standard output. */
  lines: string[];
}

const MAIN = join(__dirname, '../../dist/embedded/main.js');
const PORTS = ['LAZARET_PORT', 'SIMULATOR_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'MAIL_PORT', 'MAIL_UI_PORT'];

let folder: string;
const running: ProcessIdentity[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-start-'));
  chmodSync(folder, 0o755);
});
afterAll(async () => {
  for (const one of running) if (isRunning(one)) process.kill(one.pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** As `npm start -- --json` does, on free ports and data of this test. */
async function start(): Promise<Started> {
  const given = ['PATH', 'HOME', 'XDG_CACHE_HOME'].map((name) => [name, process.env[name]]);
  const env = {
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...Object.fromEntries(PORTS.map((name) => [name, '0'])),
    LAZARET_DATA_DIR: folder,
    LAZARET_HEARTBEAT_MS: '2000',
  };
  const child = spawn(process.execPath, [MAIN, '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const lines: string[] = [];
  const first = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      resolve(line);
    });
    void exitOf(child).then((reason) => reject(new Error(`it ended (${reason}): ${said.join('')}`)));
  });
  const line = await first;
  running.push(...familyOf(child.pid ?? 0));
  return { process: child, ready: JSON.parse(line) as Ready, lines };
}

/** A process and everything that descends from it, as the kernel tells. */
function familyOf(root: number): ProcessIdentity[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/u.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const family = [root];
  for (const pid of family) for (const [child, parent] of parents) if (parent === pid) family.push(child);
  return family.flatMap((pid) => identityOf(pid) ?? []);
}

async function agentOf({ zendesk, zendeskCredentials: { subdomain, token } }: Ready): Promise<SimulatorUser> {
  const response = await fetch(`${zendesk}/_simulator/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ subdomain }),
  });
  const { account } = (await response.json()) as { account: { agent: { email: string; apiToken: string } } };
  expect(account.agent.apiToken).toBe(token);
  return new SimulatorUser({ url: zendesk, subdomain, email: account.agent.email, apiToken: token });
}

const loopback = expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/u) as string;
const address = expect.stringMatching(/^[a-z]+@\S+\.example$/u) as string;
const key = expect.stringMatching(/^\S{20,}$/u) as string;

test('everything starts with one line of JSON, survives a death of all in the middle of a review, and stops by Ctrl-C', async () => {
  const first = await start();
  expect(first.ready).toEqual({
    ready: true,
    api: loopback,
    console: loopback,
    zendesk: loopback,
    temporalUi: loopback,
    mail: loopback,
    apiKeys: { admin: key, support: key, analyst: key, viewer: key },
    zendeskCredentials: { subdomain: 'acme', token: key },
    signIn: {
      url: `${first.ready.api}/sign-in`,
      people: ['admin', 'viewer', 'support', 'analyst'].map((role) => ({ role, email: address, password: key })),
    },
  });
  expect(statSync(join(folder, 'secrets', 'sign-in.json')).mode & 0o777).toBe(0o600);
  const clean = await agentOf(first.ready);
  const fault = { match: { path: '^/attachments/token/' }, delayMs: 600_000, times: 1 };
  await clean.switches({ faults: [fault] });
  const bytes = eicar(1);
  const { ticket, comment } = await clean.createTicket({
    subject: 'cut',
    comment: 'see file',
    files: [{ name: 'file.com', bytes }],
  });
  const scanOf = async (ready: Ready) =>
    (await new LazaretClient(ready.api, ready.apiKeys.viewer).scansOf(ticket.id))[0];
  await until('the review', async () => ((await scanOf(first.ready))?.state === 'scanning' ? true : undefined));

  const family = familyOf(first.process.pid ?? 0);
  expect(family.length).toBeGreaterThan(6);
  for (const { pid } of family) process.kill(pid, 'SIGKILL');
  await exitOf(first.process);
  expect(first.lines).toHaveLength(1);

  const second = await start();
  expect(second.ready.apiKeys).toEqual(first.ready.apiKeys);
  expect(second.ready.zendeskCredentials).toEqual(first.ready.zendeskCredentials);
  expect(second.ready.signIn.people).toEqual(first.ready.signIn.people);
  for (const { role, email, password } of second.ready.signIn.people) {
    const answer = await fetch(`${second.ready.api}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: second.ready.api },
      body: JSON.stringify({ email, password }),
    });
    expect(await answer.json()).toMatchObject({ stage: 'full', person: { role } });
  }
  const agent = await agentOf(second.ready);
  expect((await agent.getTicket(ticket.id)).subject).toBe('cut');
  await until(
    'the end of the review',
    async () => ((await scanOf(second.ready))?.state === 'held' ? true : undefined),
    90_000,
  );
  const [file] = comment.attachments;
  expect(sha256((await agent.download(file?.content_url ?? '')).bytes)).not.toBe(sha256(bytes));
  expect((await agent.updates(ticket.id)).redactions).toBe(1);

  const all = familyOf(second.process.pid ?? 0);
  second.process.kill('SIGINT');
  expect(await exitOf(second.process)).toBe('0');
  expect(all.filter(isRunning)).toEqual([]);
}, 240_000);

test('worker, API and stand-in end by themselves when only their starter is killed', async () => {
  const { process: main } = await start();
  const ours = familyOf(main.pid ?? 0).filter(({ pid }) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/dist/'),
  );
  const children = ours.filter(({ pid }) => pid !== main.pid);
  expect(children.length).toBeGreaterThanOrEqual(3);
  main.kill('SIGKILL');
  await until('their end', async () => (children.some(isRunning) ? undefined : true), 40_000);
}, 120_000);
