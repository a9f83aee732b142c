import type { Role } from '../domain/words';
import type { Queryable } from './pool';
import { onlyRow } from './sql';
import { emailKey } from './users';

/** An invitation as people may see it; the token is nowhere stored. */
export interface InvitationRow {
  id: string;
  organisationId: string | null;
  role: Role;
  email: string;
  createdAt: Date;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
}

export interface NewInvitation {
  organisationId: string | null;
  role: Role;
  email: string;
  hash: Buffer;
  invitedBy: string;
  expiresAt: Date;
}

const COLUMNS = `id, organisation_id as "organisationId", role, email, created_at as "createdAt",
  expires_at as "expiresAt", accepted_at as "acceptedAt", revoked_at as "revokedAt"`;

/** Writes an invitation; an earlier open one of the same organisation to the same address ends. */
export async function insertInvitation(db: Queryable, invitation: NewInvitation, now: Date): Promise<InvitationRow> {
  const key = emailKey(invitation.email);
  await db.query(
    `update invitations set revoked_at = $3
     where email_key = $1 and organisation_id is not distinct from $2 and accepted_at is null and revoked_at is null`,
    [key, invitation.organisationId, now],
  );
  const { rows } = await db.query<InvitationRow>(
    `insert into invitations (organisation_id, role, email, email_key, hash, invited_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${COLUMNS}`,
    [
      invitation.organisationId,
      invitation.role,
      invitation.email,
      key,
      invitation.hash,
      invitation.invitedBy,
      now,
      invitation.expiresAt,
    ],
  );
  return onlyRow(rows);
}

/** Open invitations of one organisation, newest first. */
export async function listInvitations(db: Queryable, organisationId: string, now: Date): Promise<InvitationRow[]> {
  const { rows } = await db.query<InvitationRow>(
    `select ${COLUMNS} from invitations where organisation_id = $1 and accepted_at is null and revoked_at is null
       and expires_at > $2 order by created_at desc, id limit 1000`,
    [organisationId, now],
  );
  return rows;
}

/** Takes an invitation back; undefined when there is no open one. */
export async function revokeInvitation(db: Queryable, id: string, now: Date): Promise<InvitationRow | undefined> {
  const sql = `update invitations set revoked_at = $2 where id = $1 and accepted_at is null and revoked_at is null
    returning ${COLUMNS}`;
  return (await db.query<InvitationRow>(sql, [id, now])).rows[0];
}

/** Uses an invitation up. Undefined when it is unknown, used, taken back or too old. Needs service. */
export async function takeInvitation(db: Queryable, hash: Buffer, now: Date): Promise<InvitationRow | undefined> {
  const { rows } = await db.query<InvitationRow>(
    `update invitations set accepted_at = $2
     where hash = $1 and accepted_at is null and revoked_at is null and expires_at > $2 returning ${COLUMNS}`,
    [hash, now],
  );
  return rows[0];
}

/** Keeps the hash of a link for a new password. False when the person got as many as an hour allows. */
export async function insertPasswordReset(
  db: Queryable,
  reset: { userId: string; hash: Buffer; now: Date; expiresAt: Date; most: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into password_resets (user_id, hash, created_at, expires_at)
     select $1, $2, $3, $4 where (select count(*) from password_resets
       where user_id = $1 and created_at > $3::timestamptz - interval '1 hour') < $5`,
    [reset.userId, reset.hash, reset.now, reset.expiresAt, reset.most],
  );
  return rowCount === 1;
}

/** Uses such a link up, and with it every other one of the person. Undefined when it is unknown, used or too old. */
export async function takePasswordReset(db: Queryable, hash: Buffer, now: Date): Promise<string | undefined> {
  const { rows } = await db.query<{ userId: string }>(
    `update password_resets set used_at = $2 where hash = $1 and used_at is null and expires_at > $2
     returning user_id as "userId"`,
    [hash, now],
  );
  const userId = rows[0]?.userId;
  if (userId !== undefined) await endPasswordResets(db, userId, now);
  return userId;
}

/** Ends every open link of a person. */
export async function endPasswordResets(db: Queryable, userId: string, now: Date): Promise<void> {
  await db.query('update password_resets set used_at = $2 where user_id = $1 and used_at is null', [userId, now]);
}
