import { randomUUID } from 'node:crypto';
import { LAZARET } from '../../db/audit-events';
import { insertAttachmentItem } from '../../db/items';
import { createOrganisation } from '../../db/organisations';
import { openDatabase } from '../../db/pool';
import type { Database } from '../../db/pool';
import { createTestDatabase } from '../support/postgres';

export interface Tenant {
  organisationId: string;
  connectionId: string;
}

export interface Tenants {
  database: Database;
  ownerUrl: string;
  appUrl: string;
  /** A new organisation with one connection. */
  tenant(): Promise<Tenant>;
  /** Adds an attachment to the ledger; ids are new where none are given. */
  item(tenant: Tenant, ids?: Partial<Record<'ticketId' | 'commentId' | 'attachmentId', string>>): Promise<string>;
  close(): Promise<void>;
}

let count = 1000;
export const nextId = (): string => String((count += 1));

/** A database of the test's own, with what every row needs: organisations and connections. */
export async function openTenants(size = 24): Promise<Tenants> {
  const created = await createTestDatabase();
  const database = openDatabase(created.appUrl, { size });
  return {
    database,
    ownerUrl: created.ownerUrl,
    appUrl: created.appUrl,
    async tenant() {
      const name = `Organisation ${randomUUID()}`;
      const organisation = await database.withService((db) => createOrganisation(db, name, LAZARET));
      const connectionId = randomUUID();
      const sql = `insert into connections (id, organisation_id, subdomain, state, oauth_client) values ($1, $2, 'acme', 'connected', '{}')`;
      await database.withService((db) => db.query(sql, [connectionId, organisation.id]));
      return { organisationId: organisation.id, connectionId };
    },
    async item(tenant, ids = {}) {
      const fresh = { ticketId: nextId(), commentId: nextId(), attachmentId: nextId(), ...ids };
      const row = { ...tenant, ...fresh, foundBy: 'event', fileName: 'a.pdf', contentUrl: 'https://x/' } as const;
      const id = await database.withOrganisation(tenant.organisationId, (db) => insertAttachmentItem(db, row));
      if (id === undefined) throw new Error('the ledger had this attachment already');
      return id;
    },
    async close() {
      await database.close();
      await created.drop();
    },
  };
}
