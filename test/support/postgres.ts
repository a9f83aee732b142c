import { randomBytes } from 'node:crypto';
import { askServices } from './ask';
import { runSql, withDatabase } from './services';
import type { SharedPostgres } from './services';

export interface TestDatabase {
  /** As the owner, who is not bound by row-level security. */
  ownerUrl: string;
  /** As the role the product runs under. */
  appUrl: string;
  /** Ends all sessions and removes the database. */
  drop(): Promise<void>;
}

/** Returns a fresh database with every migration applied, of this caller alone. Drop it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const shared = (await askServices('postgres')) as SharedPostgres;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await runSql(shared.adminUrl, `create database ${name} template ${shared.template}`);
  const ownerUrl = withDatabase(shared.adminUrl, name);
  const app = new URL(ownerUrl);
  app.username = shared.app.name;
  app.password = shared.app.password;
  const drop = () => runSql(shared.adminUrl, `drop database if exists ${name} with (force)`);
  return { ownerUrl, appUrl: app.toString(), drop };
}
