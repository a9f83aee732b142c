import type { Queryable } from './pool';

/** Encrypted values of people: secrets of authenticators, and links that open an account, until their mail has left. */
export const SEALED_SIGN_INS = ['totp_secret', 'mail_link'] as const;
export type SealedSignIn = (typeof SEALED_SIGN_INS)[number];

/** One such value; `of` is the person's id, or the Message-ID of the mail. */
export interface SealedSignInRow {
  of: string;
  sealed: Buffer;
}

const PLACES: Record<SealedSignIn, { table: string; column: string; key: string }> = {
  totp_secret: { table: 'users', column: 'totp_secret', key: 'id' },
  mail_link: { table: 'email_outbox', column: 'sealed_link', key: 'message_id' },
};

/** What a value is bound to; it opens under nothing else. */
export function sealedSignInContext(what: SealedSignIn, of: string): Record<string, string> {
  return what === 'totp_secret' ? { user: of, field: 'totp_secret' } : { mail: of, field: 'link' };
}

/** Values that another master key than the current one sealed, at most `limit`; see `sealed-texts.ts`. */
export async function listSealedSignIns(
  db: Queryable,
  what: SealedSignIn,
  currentKeyId: string,
  limit: number,
): Promise<SealedSignInRow[]> {
  const { table, column, key } = PLACES[what];
  const { rows } = await db.query<SealedSignInRow>(
    `select ${key}::text as of, ${column} as sealed from ${table}
     where ${column} is not null and substring(${column} from 3 for get_byte(${column}, 1)) <> convert_to($1, 'UTF8') limit $2`,
    [currentKeyId, limit],
  );
  return rows;
}

/** Replaces one value, unless somebody has written another since. @returns whether it was replaced */
export async function replaceSealedSignIn(
  db: Queryable,
  what: SealedSignIn,
  row: SealedSignInRow,
  after: Buffer,
): Promise<boolean> {
  const { table, column, key } = PLACES[what];
  const sql = `update ${table} set ${column} = $3 where ${key}::text = $1 and ${column} = $2`;
  return (await db.query(sql, [row.of, row.sealed, after])).rowCount === 1;
}
