import type { Role } from '../domain/words';
import type { Queryable } from './pool';
import { onlyRow } from './sql';

/** A person as people may see one: no hash, no secret. */
export interface UserRow {
  id: string;
  /** null for the operator's people (support, analyst). */
  organisationId: string | null;
  role: Role;
  email: string;
  name: string;
  createdAt: Date;
  lastSignInAt: Date | null;
  disabledAt: Date | null;
  /** Whether a code of an authenticator is asked at sign-in. */
  secondFactor: boolean;
  /** Whether the person signs in at the identity provider. */
  external: boolean;
}

/** What a sign-in needs to know of a person beside {@link UserRow}. */
export interface Credentials {
  passwordHash: string | null;
  totpSecret: Buffer | null;
  totpStep: string | null;
  /** Whether the organisation asks everybody for a second factor. */
  secondFactorRequired: boolean;
}

export interface NewUser {
  organisationId: string | null;
  role: Role;
  email: string;
  name: string;
  passwordHash: string | null;
  oidc?: { issuer: string; subject: string };
}

const COLUMNS = `u.id, u.organisation_id as "organisationId", u.role, u.email, u.name, u.created_at as "createdAt",
  u.last_sign_in_at as "lastSignInAt", u.disabled_at as "disabledAt", u.totp_enabled_at is not null as "secondFactor",
  u.oidc_subject is not null as external`;
const SECRETS = `u.password_hash as "passwordHash", u.totp_secret as "totpSecret", u.totp_step as "totpStep",
  coalesce(o.second_factor_required, false) as "secondFactorRequired"`;
const FROM = 'from users u left join organisations o on o.id = u.organisation_id';

/** How an address is compared: without regard to case, composed the same way. */
export function emailKey(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

/** Makes a person; undefined when the address, or the person at the identity provider, is known already. */
export async function insertUser(db: Queryable, user: NewUser): Promise<UserRow | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `insert into users (organisation_id, role, email, email_key, name, password_hash, oidc_issuer, oidc_subject)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id`,
    [
      user.organisationId,
      user.role,
      user.email,
      emailKey(user.email),
      user.name,
      user.passwordHash,
      user.oidc?.issuer ?? null,
      user.oidc?.subject ?? null,
    ],
  );
  const id = rows[0]?.id;
  return id === undefined ? undefined : await findUser(db, id);
}

/** The person with this id, where the scope sees one. */
export async function findUser(db: Queryable, id: string): Promise<UserRow | undefined> {
  return (await db.query<UserRow>(`select ${COLUMNS} ${FROM} where u.id = $1`, [id])).rows[0];
}

/** The person with this id and what a sign-in needs. @throws Error when there is none */
export async function readCredentials(db: Queryable, id: string): Promise<UserRow & Credentials> {
  const sql = `select ${COLUMNS}, ${SECRETS} ${FROM} where u.id = $1`;
  return onlyRow((await db.query<UserRow & Credentials>(sql, [id])).rows);
}

/** The person with this address. Needs service: nobody is signed in yet. */
export async function findByEmail(db: Queryable, email: string): Promise<(UserRow & Credentials) | undefined> {
  const sql = `select ${COLUMNS}, ${SECRETS} ${FROM} where u.email_key = $1`;
  return (await db.query<UserRow & Credentials>(sql, [emailKey(email)])).rows[0];
}

/** The person whom the identity provider calls so. Needs service. */
export async function findByOidc(db: Queryable, issuer: string, subject: string): Promise<UserRow | undefined> {
  const sql = `select ${COLUMNS} ${FROM} where u.oidc_issuer = $1 and u.oidc_subject = $2`;
  return (await db.query<UserRow>(sql, [issuer, subject])).rows[0];
}

/** People of one organisation (null: the operator's own), oldest first. */
export async function listUsers(db: Queryable, organisationId: string | null): Promise<UserRow[]> {
  const sql = `select ${COLUMNS} ${FROM} where u.organisation_id is not distinct from $1 order by u.created_at, u.id limit 1000`;
  return (await db.query<UserRow>(sql, [organisationId])).rows;
}

/** Replaces the password. */
export async function savePassword(db: Queryable, id: string, passwordHash: string): Promise<void> {
  await db.query('update users set password_hash = $2 where id = $1', [id, passwordHash]);
}

/** Notes a completed sign-in. */
export async function touchSignIn(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update users set last_sign_in_at = $2 where id = $1', [id, now]);
}

/** Ties a person to the identity provider's name for them. */
export async function linkOidc(db: Queryable, id: string, oidc: { issuer: string; subject: string }): Promise<void> {
  await db.query('update users set oidc_issuer = $2, oidc_subject = $3 where id = $1', [id, oidc.issuer, oidc.subject]);
}

/** What an admin, or the identity provider, may change of a person. */
export interface UserChange {
  role: Role;
  organisationId: string | null;
  name: string;
  disabled: boolean;
}

/** Changes a person; the time of an earlier disabling stays. */
export async function updateUser(db: Queryable, id: string, change: UserChange, now: Date): Promise<void> {
  await db.query(
    `update users set role = $2, organisation_id = $3, name = $4,
       disabled_at = case when $5 then coalesce(disabled_at, $6) end where id = $1`,
    [id, change.role, change.organisationId, change.name, change.disabled, now],
  );
}

/** Admins of an organisation who can sign in, locked until the transaction ends, so that two cannot leave together. */
export async function lockAdmins(db: Queryable, organisationId: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from users where organisation_id = $1 and role = 'admin' and disabled_at is null order by id for update`,
    [organisationId],
  );
  return rows.map((row) => row.id);
}

/** Keeps a new authenticator's secret; it counts once a code of it was seen. */
export async function saveTotpSecret(db: Queryable, id: string, sealed: Buffer): Promise<void> {
  await db.query('update users set totp_secret = $2, totp_step = null where id = $1 and totp_enabled_at is null', [
    id,
    sealed,
  ]);
}

/** Switches the second factor on. */
export async function enableTotp(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query('update users set totp_enabled_at = $2 where id = $1', [id, now]);
}

/** Forgets authenticator and recovery codes. */
export async function disableTotp(db: Queryable, id: string): Promise<void> {
  await db.query('update users set totp_secret = null, totp_enabled_at = null, totp_step = null where id = $1', [id]);
  await db.query('delete from recovery_codes where user_id = $1', [id]);
}

/** Uses up a time step. False when a code of it, or of a later one, was taken before. */
export async function takeTotpStep(db: Queryable, id: string, step: number): Promise<boolean> {
  const sql = 'update users set totp_step = $2 where id = $1 and (totp_step is null or totp_step < $2)';
  return (await db.query(sql, [id, step])).rowCount === 1;
}

/** Replaces the recovery codes. */
export async function saveRecoveryCodes(db: Queryable, id: string, hashes: readonly Buffer[]): Promise<void> {
  await db.query('delete from recovery_codes where user_id = $1', [id]);
  await db.query('insert into recovery_codes (user_id, hash) select $1, unnest($2::bytea[])', [id, hashes]);
}

/** Uses up a recovery code. False when it is none, or was used. */
export async function takeRecoveryCode(db: Queryable, id: string, hash: Buffer, now: Date): Promise<boolean> {
  const sql = 'update recovery_codes set used_at = $3 where user_id = $1 and hash = $2 and used_at is null';
  return (await db.query(sql, [id, hash, now])).rowCount === 1;
}
