/**
 * `node dist/cli/operator-key.js support|analyst NAME`: makes an API key for one of the operator's own people. Such keys
 * see every organisation, so they are made on the machine and never over the network. The key is printed once.
 */
import { loadConfig, requireDatabaseUrl } from '../config/config';
import { createApiKey } from '../db/api-keys';
import { openDatabase } from '../db/pool';
import { runCommand } from './run-command';

const USAGE = 'usage: operator-key support|analyst NAME\n';

async function main(): Promise<number> {
  const [role, name] = process.argv.slice(2);
  if ((role !== 'support' && role !== 'analyst') || !name || name.length > 100) {
    process.stderr.write(`${USAGE}NAME says whose key it is, in 1 to 100 characters.\n`);
    return 3;
  }
  const database = openDatabase(requireDatabaseUrl(loadConfig()), { size: 1 });
  try {
    const actor = { kind: 'person' as const, id: 'operator at the machine' };
    const made = await database.withService((db) => createApiKey(db, { role, name }, actor));
    process.stdout.write(`${made.key}\n`);
    return 0;
  } finally {
    await database.close();
  }
}

runCommand(main, 1);
