/** `npm run demo`: the whole story, unattended, on fresh data and free ports. Exit 0 only if every step was confirmed. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/config';
import { SimulatorUser } from '../simulator/client';
import { storyActs } from './demo-story';
import type { Stage } from './demo-story';
import { startEverything } from './everything';
import type { Running } from './everything';
import { DEMO_SUBDOMAIN, prepareDemonstration } from './seed';

interface Step {
  name: string;
  ok: boolean;
  ms: number;
  detail: string;
}

const asJson = process.argv.includes('--json');
const say = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lazaret-demo-'));
  // Postgres never runs as root: its own user has to reach its files. Secrets below have modes of their own.
  chmodSync(dataDir, 0o755);
  const steps: Step[] = [];
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => abort.abort(new Error('interrupted')));
  let running: Running | undefined;
  try {
    await step(steps, 'start everything on fresh data', async () => {
      running = await startEverything({
        config: freshConfig(dataDir),
        say: asJson ? () => undefined : say,
        signal: abort.signal,
      });
      return running.apiUrl;
    });
    if (running) await play(running, steps, abort.signal);
  } finally {
    await running?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  const ok = steps.length > 1 && steps.every((one) => one.ok);
  if (asJson) process.stdout.write(`${JSON.stringify({ ok, steps })}\n`);
  else process.stdout.write(ok ? 'Every step was confirmed.\n' : 'The demonstration failed.\n');
  process.exitCode = ok ? 0 : 1;
}

function freshConfig(dataDir: string): ReturnType<typeof loadConfig> {
  const config = loadConfig();
  const ports = { simulator: 0, temporal: 0, temporalUi: 0, mail: 0, mailUi: 0 };
  const { database: _ours, ...rest } = config;
  return {
    ...rest,
    dataDir,
    sealedDir: join(dataDir, 'sealed'),
    database: { url: undefined, ownerUrl: undefined },
    http: { host: '127.0.0.1', port: 0, publicUrl: undefined },
    email: { ...config.email, smtpUrl: undefined },
    zendesk: { ...config.zendesk, address: undefined },
    ports,
  };
}

async function play(running: Running, steps: Step[], signal: AbortSignal): Promise<void> {
  const { activation, account, apiKeys } = await prepareDemonstration(running);
  const user = ({ email, apiToken }: { email: string; apiToken: string }) =>
    new SimulatorUser({ url: running.zendesk.url, subdomain: DEMO_SUBDOMAIN, email, apiToken });
  const stage: Stage = {
    context: running,
    activation,
    apiKeys,
    agent: user(account.agent),
    admin: user(account.admin),
  };
  for (const act of storyActs(stage)) {
    signal.throwIfAborted();
    if (!(await step(steps, act.name, () => act.run()))) return;
  }
}

async function step(steps: Step[], name: string, run: () => Promise<string>): Promise<boolean> {
  const started = performance.now();
  let result: Pick<Step, 'ok' | 'detail'>;
  try {
    result = { ok: true, detail: await run() };
  } catch (error) {
    result = { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
  const ms = Math.round(performance.now() - started);
  steps.push({ name, ...result, ms });
  if (!asJson)
    process.stdout.write(
      `${result.ok ? 'ok    ' : 'FAILED'} ${String(ms).padStart(6)} ms  ${name}: ${result.detail}\n`,
    );
  return result.ok;
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
