import type { SimulatorOptions } from './index';
import { startSimulator } from './index';
import { isRecord, listOf, recordOf } from './http';

/** The options of the process: one JSON object as its first argument. */
function readOptions(argument: string | undefined): SimulatorOptions {
  const parsed: unknown = JSON.parse(argument ?? '{}');
  if (!isRecord(parsed)) throw new Error('The options must be a JSON object.');
  const port = typeof parsed['port'] === 'number' ? parsed['port'] : 0;
  const options: SimulatorOptions = { port };
  for (const key of ['host', 'dataDir', 'webhookTarget'] as const) {
    const value = parsed[key];
    if (typeof value === 'string') options[key] = value;
  }
  if (typeof parsed['contentPort'] === 'number') options.contentPort = parsed['contentPort'];
  options.accounts = listOf(parsed['accounts']).map((account) => ({ subdomain: '', ...recordOf(account) }));
  return options;
}

async function main(): Promise<void> {
  const simulator = await startSimulator(readOptions(process.argv[2]));
  const stop = (): void => {
    void simulator.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Its starter was killed; fires only where there is a channel to one.
  process.once('disconnect', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: simulator.url, contentUrl: simulator.contentUrl })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
