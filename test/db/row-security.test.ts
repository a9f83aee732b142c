import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { openTenants } from './tenants';
import type { Tenant, Tenants } from './tenants';

let tenants: Tenants;
let owner: Client;
let mine: Tenant;
let theirs: Tenant;
let tables: string[];

/** Tables that no organisation owns: read by everybody, or by the service only. */
const SHARED = [
  'bundles',
  'engine_health',
  'known_browsers',
  'migrations',
  'oidc_attempts',
  'organisations',
  'password_resets',
  'recovery_codes',
  'sessions',
  'sign_in_delays',
];

/** Least that each table demands of a row, beside its organisation. Texts are SQL. */
const rowOf = (tenant: Tenant, itemId: string): Record<string, Record<string, string>> => {
  const connection = { connection_id: `'${tenant.connectionId}'` };
  const ticket = { ...connection, ticket_id: `'1'` };
  const item = { item_id: `'${itemId}'` };
  const hash = { sha256: `repeat('c', 64)` };
  const person = { actor: `'x'`, actor_role: `'analyst'` };
  const asked = { opinion: `'clean'`, requested_by: `'x'`, requested_by_role: `'admin'` };
  return {
    organisation_bundles: { bundle_id: `(select id from bundles limit 1)`, assigned_by: `'x'` },
    api_keys: { role: `'viewer'`, name: `'x'`, hash: `'\\x${randomUUID().replaceAll('-', '')}'` },
    users: { role: `'viewer'`, name: `'x'`, email: `'x@y.z'`, email_key: `'${randomUUID()}'` },
    invitations: {
      role: `'viewer'`,
      email: `'x@y.z'`,
      email_key: `'x@y.z'`,
      hash: `'\\x${randomUUID().replaceAll('-', '')}'`,
      invited_by: `'x'`,
      expires_at: 'now()',
    },
    session_crossings: { session_id: `'${randomUUID()}'` },
    policies: { document: `'{}'`, updated_by: `'x'` },
    connections: { subdomain: `'x'`, state: `'failed'`, oauth_client: `'{}'` },
    oauth_attempts: {
      ...connection,
      state_hash: `'\\x${randomUUID().replaceAll('-', '')}'`,
      pkce_verifier: `'\\x00'`,
      expires_at: 'now()',
      started_by: `'x'`,
    },
    objects: { ...hash, length: '3' },
    items: {
      ...ticket,
      kind: `'attachment'`,
      comment_id: `'1'`,
      source_id: `'${randomUUID()}'`,
      found_by: `'event'`,
      file_name: `'x'`,
    },
    scans: { ...item, ...hash, verdict: `'clean'`, engines: `'[]'`, ms: '1' },
    findings: {
      ...item,
      scan_id: `(select id from scans where item_id = '${itemId}' limit 1)`,
      engine: `'e'`,
      rule: `'r'`,
      severity: `'low'`,
      path: `'{}'`,
      what: `'w'`,
    },
    decisions: { ...hash, ...item, verdict: `'clean'`, reason: `'r'`, ...person },
    investigations: { ...item, ...hash, reason: `'r'`, ...asked, state: `'answered'` },
    audit_events: { kind: `'k'`, actor_kind: `'lazaret'`, actor: `'x'` },
    operations: { key: `'${randomUUID()}'`, kind: `'k'`, state: `'done'` },
    note_batches: { ...ticket, target_ticket_id: `'1'`, key: `'${randomUUID()}'`, html: `'h'`, text: `'t'` },
    note_entries: { ...ticket, ...item, kind: `'noted'`, key: `'${randomUUID()}'` },
    email_outbox: {
      kind: `'note'`,
      address: `'a'`,
      message_id: `'${randomUUID()}'`,
      subject: `'s'`,
      text: `'t'`,
      html: `'h'`,
    },
    ticket_intake: { ...ticket, cause: `'trigger'`, delivery_key: `'${randomUUID()}'` },
    organisation_keys: { sealed: `'\\x00'` },
    comment_texts: { ...ticket, comment_id: `'${randomUUID()}'`, found_by: `'event'`, may_hold_passwords: 'false' },
    rescans: { engines_key: `'${randomUUID()}'`, since: 'now()' },
    list_entries: {
      kind: `'hash'`,
      effect: `'block'`,
      value: `'${randomUUID()}'`,
      owner: `'o'`,
      reason: `'r'`,
      created_by: `'x'`,
    },
    verdict_cache: { key: `sha256('${itemId}')`, ...hash, reports: `'[]'`, expires_at: 'now()' },
    submissions: { ...hash, engine: `'${randomUUID()}'`, may_upload: 'false', expires_at: 'now()' },
    open_inspections: {
      ...item,
      ...hash,
      length: '3',
      engines: `'{}'`,
      reports: `'[]'`,
      ms: '1',
      cached: 'false',
      expires_at: 'now()',
    },
    coverage_walks: { ...connection, next_from: 'now()', passed_until: 'now()' },
    covered_comments: { ...ticket, comment_id: `'${randomUUID()}'` },
    coverage_gaps: { ...connection, cause: `'walk_paused'`, begins_at: 'now()', ends_at: 'now()' },
    zendesk_apps: { ...connection, installation_id: `'1'`, public_key: `'k'`, set_by: `'x'` },
    sidebar_sessions: {
      ...connection,
      user_id: `'1'`,
      hash: `sha256('${randomUUID()}')`,
      token_hash: `sha256('${randomUUID()}')`,
      expires_at: 'now()',
    },
    saved_views: { owner: `'${randomUUID()}'`, name: `'n'`, filters: `'{}'` },
    rate_buckets: { ...connection, endpoint: `'${randomUUID()}'`, requests: '1', window_ms: '1' },
  };
};

const insertInto = (table: string, tenant: Tenant, row: Record<string, string>): string => {
  const columns = ['organisation_id', ...Object.keys(row)];
  const values = [`'${tenant.organisationId}'`, ...Object.values(row)];
  return `insert into ${table} (${columns.join(', ')}) values (${values.join(', ')})`;
};

/** Order in which rows can be made: what others point at comes first. */
const ORDER = ['objects', 'items', 'scans', 'note_batches'];
const inOrder = (names: string[]) => [...ORDER, ...names.filter((name) => !ORDER.includes(name))];

let theirItem: string;
beforeAll(async () => {
  tenants = await openTenants();
  owner = new Client({ connectionString: tenants.ownerUrl });
  await owner.connect();
  [mine, theirs] = [await tenants.tenant(), await tenants.tenant()];
  await tenants.database.withService((db) =>
    db.query(`insert into bundles (name, channels) values ('B', '{zendesk}') on conflict do nothing`),
  );
  const { rows } = await owner.query<{ table_name: string }>(
    `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  tables = rows.map((row) => row.table_name).filter((name) => !SHARED.includes(name));
  theirItem = await tenants.item(theirs);
  const needed = rowOf(theirs, theirItem);
  for (const table of inOrder(Object.keys(needed))) {
    const sql = insertInto(table, theirs, needed[table] ?? {});
    await tenants.database.withService((db) => db.query(sql));
  }
});
afterAll(async () => {
  await owner?.end();
  await tenants?.close();
});

const asMe = (sql: string, values: unknown[] = []) =>
  tenants.database.withOrganisation(mine.organisationId, (db) => db.query(sql, values));

const TABLES = Object.keys(rowOf({ organisationId: '', connectionId: '' }, ''));

describe('row-level security', () => {
  it('is on and forced for every table that is there', async () => {
    expect([...tables].sort()).toEqual([...TABLES].sort());
    const { rows } = await owner.query<{ relname: string }>(
      `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
         and not (relrowsecurity and relforcerowsecurity)`,
    );
    expect(rows.map((row) => row.relname).sort()).toEqual(['bundles', 'migrations']);
  });

  it.each(TABLES)('hides rows of another organisation in %s, although there are some', async (table) => {
    const count = `select count(*)::int as count from ${table} where organisation_id = $1`;
    const seen = await tenants.database.withService((db) =>
      db.query<{ count: number }>(count, [theirs.organisationId]),
    );
    expect(seen.rows[0]?.count).toBeGreaterThan(0);
    expect((await asMe(count, [theirs.organisationId])).rows[0]?.['count']).toBe(0);
  });

  it.each(TABLES)('refuses a row for another organisation in %s', async (table) => {
    const sql = insertInto(table, theirs, rowOf(theirs, theirItem)[table] ?? {});
    await expect(asMe(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it.each(TABLES.filter((table) => table !== 'audit_events'))(
    'changes nothing of another organisation in %s',
    async (table) => {
      const sql = `update ${table} set organisation_id = organisation_id where organisation_id = $1`;
      expect((await asMe(sql, [theirs.organisationId])).rowCount).toBe(0);
    },
  );

  it.each(TABLES)('lets nobody of an organisation delete from %s', async (table) => {
    await expect(asMe(`delete from ${table}`)).rejects.toMatchObject({ code: '42501' });
  });

  it('shows an organisation itself only, and no role but the two may look at all', async () => {
    expect((await asMe('select id from organisations')).rows).toEqual([{ id: mine.organisationId }]);
    const login = new Client({ connectionString: tenants.appUrl });
    await login.connect();
    await expect(login.query('select 1 from items')).rejects.toMatchObject({ code: '42501' });
    await login.end();
  });

  it('lets no own row be moved to another organisation', async () => {
    const itemId = await tenants.item(mine);
    const moved = asMe('update items set organisation_id = $2 where id = $1', [itemId, theirs.organisationId]);
    await expect(moved).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the audit log', () => {
  const as = {
    tenant: (sql: string) => tenants.database.withOrganisation(theirs.organisationId, (db) => db.query(sql)),
    service: (sql: string) => tenants.database.withService((db) => db.query(sql)),
  };
  it.each(['tenant', 'service'] as const)('cannot be changed or emptied by the %s role', async (role) => {
    for (const sql of [`update audit_events set kind = 'x'`, 'delete from audit_events', 'truncate audit_events']) {
      await expect(as[role](sql)).rejects.toMatchObject({ code: '42501' });
    }
  });
});
