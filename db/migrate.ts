import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';

const LOCK = 0x1a2a4e7;

/**
 * Brings the database up to date: numbered files, forward only, each in its own transaction, safe when two start at
 * once. Creates the login role of the product, which owns nothing.
 * @param ownerUrl connection string of the owner
 * @param login name and password of the login role; left alone when absent (it must exist then)
 */
export async function migrate(ownerUrl: string, login?: { name: string; password: string }): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'lazaret-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(
      'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ name: string }>('select name from migrations');
    const applied = new Set(rows.map((row) => row.name));
    for (const name of readdirSync(join(__dirname, 'migrations')).sort()) {
      if (!name.endsWith('.sql') || applied.has(name)) continue;
      await apply(client, name);
    }
    if (login) await createLogin(client, login);
  } finally {
    await client.end();
  }
}

async function apply(client: Client, name: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query(readFileSync(join(__dirname, 'migrations', name), 'utf8'));
    await client.query('insert into migrations (name) values ($1)', [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${name} failed; the database is as it was before it`, { cause: error });
  }
}

async function createLogin(client: Client, login: { name: string; password: string }): Promise<void> {
  const role = escapeIdentifier(login.name);
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [login.name]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} login noinherit password ${escapeLiteral(login.password)}`);
  await client.query(`grant lazaret_tenant, lazaret_service to ${role}`);
}
