/** `node dist/cli/migrate.js`: brings the database up to date as its owner and makes the role the product runs under. */
import { loadConfig, requireDatabaseUrl, requireOwnerUrl } from '../config/config';
import { migrate } from '../db/migrate';

async function main(): Promise<void> {
  const config = loadConfig();
  const role = new URL(requireDatabaseUrl(config));
  await migrate(requireOwnerUrl(config), {
    name: decodeURIComponent(role.username),
    password: decodeURIComponent(role.password),
  });
  process.stdout.write('the database is up to date\n');
}

main().catch((error: unknown) => {
  const cause = error instanceof Error && error.cause instanceof Error ? `\n${error.cause.message}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${cause}\n`);
  process.exit(1);
});
