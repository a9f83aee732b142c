/** `npm start`: everything on this machine. Standard output holds the addresses (one JSON object with `--json`), nothing else. */
import { loadConfig } from '../config/config';
import { startEverything } from './everything';
import type { Running } from './everything';
import { seedDemonstration } from './seed';
import type { Seeded } from './seed-context';

const asJson = process.argv.includes('--json');
const say = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const abort = new AbortController();
  let running: Running | undefined;
  let asked = 0;
  const onSignal = () => {
    asked += 1;
    if (asked > 1) return force(running);
    say('stopping; once more to stop at once');
    abort.abort(new Error('stopped before everything was started'));
    if (running) void stop(running);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    running = await startEverything({ config: loadConfig(), say, signal: abort.signal });
    const seeded = await seedDemonstration(running);
    if (!abort.signal.aborted) announce(running, seeded);
  } catch (error) {
    await running?.stop();
    if (abort.signal.aborted) process.exit(0);
    say(`Lazaret did not start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

async function stop(running: Running): Promise<void> {
  await running.stop();
  say('everything is stopped');
  process.exit(0);
}

function force(running: Running | undefined): void {
  running?.kill();
  process.exit(130);
}

function announce(running: Running, { apiKeys, zendeskCredentials, signIn }: Seeded): void {
  const addresses = {
    api: running.apiUrl,
    console: running.apiUrl,
    zendesk: running.zendesk.url,
    temporalUi: running.temporal.uiUrl ?? null,
    mail: running.mail.url,
  };
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ ready: true, ...addresses, apiKeys, zendeskCredentials, signIn })}\n`);
    return;
  }
  const rows = [
    ['Console', signIn.url],
    ...signIn.people.map(({ role, email, password }) => [`Sign in as ${role}`, `${email}  ${password}`]),
    ['API', addresses.api],
    ['API document', `${addresses.api}/api/openapi.json`],
    ['Zendesk (simulated)', addresses.zendesk],
    ['Mail inbox', addresses.mail],
    ['Temporal UI', addresses.temporalUi ?? 'at the server that TEMPORAL_ADDRESS names'],
    ['Data and logs', running.dataDir],
    ...Object.entries(apiKeys).map(([role, key]) => [`Key of the ${role}`, key]),
    ['Zendesk sub-domain', zendeskCredentials.subdomain],
    ['Zendesk agent token', zendeskCredentials.token],
  ];
  const lines = rows.map(([label, value]) => `  ${String(label).padEnd(22)}${String(value)}`);
  process.stdout.write(
    `\nLazaret is ready. The README says what to try first.\n\n${lines.join('\n')}\n\nCtrl-C stops everything.\n`,
  );
}

void main();
