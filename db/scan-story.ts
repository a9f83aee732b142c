import type { Severity } from '../domain/words';
import type { Queryable } from './pool';

/** One inspection of an item with the engines that took part and what they found. */
export interface InspectionRow {
  id: string;
  sha256: string;
  verdict: string;
  reason: string | null;
  engines: Record<string, unknown>[];
  ms: number;
  createdAt: Date;
  findings: StoredFinding[];
}

export interface StoredFinding {
  engine: string;
  rule: string;
  severity: Severity;
  /** Leads through containers, outermost first; parts are names that an attacker wrote. */
  path: string[];
  what: string;
  /** The sentence for analysts. */
  analyst: string | null;
  author: string | null;
  reference: string | null;
  licence: string | null;
}

export interface NoteRow {
  kind: string;
  state: 'waiting' | 'cancelled' | 'frozen' | 'written' | 'refused';
  refusal: string | null;
  /** Where the note stands: another ticket after a merge. */
  ticketId: string;
  commentId: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface MailRow {
  kind: string;
  state: 'pending' | 'sending' | 'sent' | 'refused';
  ambiguous: boolean;
  attempts: number;
  address: string;
  createdAt: Date;
  sentAt: Date | null;
}

export interface SealedCopyRow {
  sealed: boolean;
  sealedAt: Date | null;
  /** Bytes. */
  length: number;
}

/** Every inspection of an item with its findings, newest first. */
export async function listInspections(db: Queryable, itemId: string): Promise<InspectionRow[]> {
  const { rows } = await db.query<InspectionRow>(
    `select s.id, s.sha256, s.verdict, s.reason, s.engines, s.ms, s.created_at as "createdAt",
       coalesce((select json_agg(json_build_object('engine', f.engine, 'rule', f.rule, 'severity', f.severity,
         'path', f.path, 'what', f.what, 'analyst', f.analyst, 'author', f.author, 'reference', f.reference, 'licence', f.licence) order by f.id)
         from (select * from findings f where f.scan_id = s.id order by f.id limit 1000) f), '[]') as findings
     from scans s where s.item_id = $1 order by s.created_at desc, s.id desc limit 50`,
    [itemId],
  );
  return rows;
}

/** What was said, or is to be said, about an item on its ticket, oldest first. */
export async function listNotes(db: Queryable, itemId: string): Promise<NoteRow[]> {
  const { rows } = await db.query<NoteRow>(
    `select e.kind, case when e.cancelled_at is not null then 'cancelled' else coalesce(b.state, 'waiting') end as state,
       b.refusal, coalesce(b.target_ticket_id, e.ticket_id) as "ticketId", b.comment_id as "commentId",
       e.created_at as "createdAt", b.finished_at as "finishedAt"
     from note_entries e left join note_batches b on b.id = e.batch_id where e.item_id = $1 order by e.id limit 200`,
    [itemId],
  );
  return rows;
}

/** Mails about an item, oldest first. */
export async function listMails(db: Queryable, itemId: string): Promise<MailRow[]> {
  const { rows } = await db.query<MailRow>(
    `select m.kind, m.state, m.ambiguous, m.attempts, m.address, m.created_at as "createdAt", m.sent_at as "sentAt"
     from email_outbox m where m.batch_id in (select batch_id from note_entries where item_id = $1)
     order by m.created_at, m.id limit 500`,
    [itemId],
  );
  return rows;
}

/** Whether the original is kept; undefined for an item whose bytes were never read. */
export async function readSealedCopy(
  db: Queryable,
  object: { organisationId: string; sha256: string | null },
): Promise<SealedCopyRow | undefined> {
  const { rows } = await db.query<SealedCopyRow>(
    `select seal_key is not null as sealed, sealed_at as "sealedAt", length::float8 as length
     from objects where organisation_id = $1 and sha256 = $2`,
    [object.organisationId, object.sha256],
  );
  return rows[0];
}

/** Names of people and API keys of the organisation by id; the operator's people are not among them. */
export async function readActorNames(db: Queryable, ids: readonly string[]): Promise<Record<string, string>> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `select id::text, name from users where id::text = any($1::text[])
     union all select id::text, name from api_keys where id::text = any($1::text[])`,
    [ids],
  );
  return Object.fromEntries(rows.map((row) => [row.id, row.name]));
}

/** Sub-domain of a connection's account, for links. */
export async function readSubdomain(db: Queryable, connectionId: string): Promise<string | undefined> {
  const sql = 'select subdomain from connections where id = $1';
  return (await db.query<{ subdomain: string }>(sql, [connectionId])).rows[0]?.subdomain;
}
