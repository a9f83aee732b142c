import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../api/create-app';
import type { AppDeps } from '../../api/create-app';
import type { RouteModule } from '../../api/openapi';
import { scanChangesRoutes } from '../../api/routes/scan-changes';
import { scannerCallbackRoutes } from '../../api/routes/scanner-callbacks';
import { scansCsvRoutes } from '../../api/routes/scans-csv';
import { sealedCopyRoutes } from '../../api/routes/sealed-copy';
import { structureRoutes } from '../../api/routes/structure';
import { zendeskAppRoutes } from '../../api/routes/zendesk-app';
import { createScanFeed } from '../../api/scan-feed';
import { createApiKey } from '../../db/api-keys';
import { LAZARET } from '../../db/audit-events';
import { createOrganisation } from '../../db/organisations';
import { openDatabase } from '../../db/pool';
import type { Database } from '../../db/pool';
import type { Role } from '../../domain/words';
import type { StructureViewer } from '../../scanners/embedded/structure/viewer';
import { createSecretBox } from '../../quarantine/index';
import { createTestDatabase } from '../support/postgres';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or undefined. */
  body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- tests read answers of many shapes
  text: string;
}

export interface Tenant {
  id: string;
  connectionId: string;
  admin: string;
  viewer: string;
}

export interface Station {
  database: Database;
  ownerUrl: string;
  appUrl: string;
  url: string;
  app: ReturnType<typeof createApp>;
  logged: string[];
  a: Tenant;
  b: Tenant;
  support: string;
  analyst: string;
  call(method: string, path: string, key?: string, body?: unknown): Promise<Answer>;
  /** A request as it is: raw body and headers. */
  raw(
    method: string,
    path: string,
    init?: { headers?: Record<string, string>; body?: string | Buffer },
  ): Promise<Answer>;
  keyId(key: string): Promise<string>;
  close(): Promise<void>;
}

const NOTHING_KEPT: StructureViewer = {
  tree: async () => undefined,
  ask: async () => undefined,
  close: async () => undefined,
};

/** The API on a real database of its own, with two organisations and the operator's people. */
export async function openStation(
  overrides: Partial<AppDeps> & {
    structures?: StructureViewer;
    /** Further routes, on the same database. */
    more?: (database: Database) => RouteModule[];
  } = {},
): Promise<Station> {
  const created = await createTestDatabase();
  const database = openDatabase(created.appUrl);
  const logged: string[] = [];
  const write = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }));
  const log = { info: write, warn: write, error: write };
  const scanFeed = createScanFeed(database, log, 20);
  const openSealed = overrides.openSealed ?? (async () => undefined);
  const app = createApp({
    database,
    log,
    clock: () => new Date(),
    publicUrl: 'http://lazaret.test',
    version: '0.0.0-test',
    openSealed,
    secretBox: createSecretBox({ currentId: 'k', keys: { k: randomBytes(32) } }),
    checks: {},
    checkAnswers: true,
    modules: [
      scansCsvRoutes({ database }),
      scanChangesRoutes({ database, scanFeed }),
      scannerCallbackRoutes({ database }),
      structureRoutes({ database, openSealed, structures: overrides.structures ?? NOTHING_KEPT }),
      sealedCopyRoutes({ database, openSealed }),
      zendeskAppRoutes({ database, clock: () => new Date() }),
      ...(overrides.more?.(database) ?? []),
    ],
    ...overrides,
  });
  // Client and server share this process: after a long computation an idle connection is overdue, and would be closed
  // under the next request. So the client alone closes it.
  const server = createServer({ keepAliveTimeout: 0 }, app.app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const raw: Station['raw'] = async (method, path, init = {}) => {
    const response = await fetch(`${url}${path}`, { method, redirect: 'manual', ...init });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined };
  };
  return {
    database,
    ownerUrl: created.ownerUrl,
    appUrl: created.appUrl,
    url,
    app,
    logged,
    a: await addTenant(database, 'Acme'),
    b: await addTenant(database, 'Borealis'),
    support: await addKey(database, 'support'),
    analyst: await addKey(database, 'analyst'),
    raw,
    call: (method, path, key, body) =>
      raw(method, path, {
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    keyId: async (key) =>
      (await raw('GET', '/api/v1/me', { headers: { authorization: `Bearer ${key}` } })).body.apiKeyId,
    close: async () => {
      scanFeed.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await database.close();
      await created.drop();
    },
  };
}

export async function addKey(database: Database, role: Role, organisationId?: string): Promise<string> {
  const key = { role, name: `${role} of the tests`, ...(organisationId !== undefined && { organisationId }) };
  return (await database.withService((db) => createApiKey(db, key, LAZARET))).key;
}

async function addTenant(database: Database, name: string): Promise<Tenant> {
  const { id } = await database.withService((db) => createOrganisation(db, name, LAZARET));
  const { rows } = await database.withService((db) =>
    db.query<{ id: string }>(
      `insert into connections (organisation_id, subdomain, state, oauth_client)
       values ($1, $2, 'connected', '{"kind":"global"}') returning id`,
      [id, name.toLowerCase()],
    ),
  );
  const connectionId = rows[0]?.id ?? '';
  return { id, connectionId, admin: await addKey(database, 'admin', id), viewer: await addKey(database, 'viewer', id) };
}

export interface Seed {
  ticketId?: string;
  commentId?: string;
  fileName?: string;
  /** null: bytes were never read. */
  sha256?: string | null;
  verdict?: string;
  reason?: string | null;
  state?: string;
  stateReason?: string | null;
  kind?: string;
  createdAt?: string;
}

export const randomSha = (): string => randomBytes(32).toString('hex');

/** Writes one item as the pipeline would leave it. Returns its id. */
export async function seedItem(database: Database, tenant: Tenant, seed: Seed = {}): Promise<string> {
  const sha256 = seed.sha256 === undefined ? randomSha() : seed.sha256;
  const verdict = seed.verdict ?? 'malicious';
  return database.withService(async (db) => {
    if (sha256 !== null) {
      await db.query(
        `insert into objects (organisation_id, sha256, length, seal_key, sealed_at)
         values ($1, $2, 68, 'k', now()) on conflict do nothing`,
        [tenant.id, sha256],
      );
    }
    const { rows } = await db.query<{ id: string }>(
      `insert into items (organisation_id, connection_id, kind, ticket_id, comment_id, source_id, found_by, file_name, sha256,
         length, verdict, verdict_reason, machine_verdict, machine_reason, state, state_reason, deadline_at, created_at)
       values ($1, $2, $3, $4, $5, $6, 'event', $7, $8, $9, $10, $11, $10, $11, $12, $13, null, coalesce($14::timestamptz, now()))
       returning id`,
      [
        tenant.id,
        tenant.connectionId,
        seed.kind ?? 'attachment',
        seed.ticketId ?? '35436',
        seed.commentId ?? '1',
        String(BigInt(`0x${randomUUID().replace(/-/gu, '').slice(0, 14)}`)),
        seed.fileName ?? 'invoice.zip',
        sha256,
        sha256 === null ? null : 68,
        verdict,
        seed.reason ?? null,
        seed.state ?? 'held',
        seed.stateReason ?? null,
        seed.createdAt ?? null,
      ],
    );
    return rows[0]?.id ?? '';
  });
}

/** Writes an inspection with findings of these rules. */
export async function seedInspection(
  database: Database,
  tenant: Tenant,
  itemId: string,
  rules: readonly string[],
): Promise<void> {
  await database.withService(async (db) => {
    const engines = [{ engine: 'yara', engineVersion: '1', rulesVersion: '2', result: 'findings', ms: 3 }];
    const { rows } = await db.query<{ id: string }>(
      `insert into scans (organisation_id, item_id, sha256, verdict, engines, ms)
       select organisation_id, id, sha256, 'malicious', $2, 3 from items where id = $1 returning id`,
      [itemId, JSON.stringify(engines)],
    );
    for (const rule of rules) {
      await db.query(
        `insert into findings (organisation_id, item_id, scan_id, engine, rule, severity, path, what)
         values ($1, $2, $3, 'yara', $4, 'high', array['outer.zip', 'inv' || U&'\\202E' || 'cod.exe'], 'a macro')`,
        [tenant.id, itemId, rows[0]?.id, rule],
      );
    }
  });
}

/** Audit events of one organisation in order, as `kind`s with their details. */
export async function auditOf(database: Database, organisationId: string, kind?: string) {
  const { rows } = await database.withOrganisation(organisationId, (db) =>
    db.query<{ kind: string; item_id: string | null; actor: string; detail: Record<string, unknown> }>(
      'select kind, item_id, actor, detail from audit_events order by id',
    ),
  );
  return kind === undefined ? rows : rows.filter((row) => row.kind === kind);
}
