import { createPasswords } from '../../api/session/passwords';
import type { Database } from '../../db/pool';
import { insertUser } from '../../db/users';
import type { Role } from '../../domain/words';
import type { Answer, Station } from './support';

/** Nobody guesses it, and no list has it. */
export const PASSWORD = 'Kieselweg im Juniregen 7';
/** The least that the library takes: these tests are about rules, not about cost. */
export const CHEAP = { memoryCost: 64, timeCost: 1, parallelism: 1 };
const passwords = createPasswords(CHEAP);

/** Writes a person who can sign in with {@link PASSWORD}. Returns the id. */
export async function addPerson(
  database: Database,
  who: { role: Role; organisationId?: string; email: string },
): Promise<string> {
  const passwordHash = await passwords.hash(PASSWORD);
  const organisationId = who.organisationId ?? null;
  const person = { role: who.role, email: who.email, name: 'Ana Example', organisationId, passwordHash };
  const made = await database.withService((db) => insertUser(db, person));
  if (!made) throw new Error('the address was in use');
  return made.id;
}

/** A browser with its cookies, on a page of Lazaret. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  csrf = '';
  private readonly station: Station;

  constructor(station: Station) {
    this.station = station;
  }

  /** A request as a page sends it; headers set to nothing are left out. */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const all = {
      origin: 'http://lazaret.test',
      'x-csrf-token': this.csrf,
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const answer = await this.station.raw(method, path, {
      headers: kept,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    this.csrf = answer.body?.csrfToken ?? answer.body?.session?.csrfToken ?? this.csrf;
    return answer;
  }

  signIn(email: string, password = PASSWORD): Promise<Answer> {
    return this.send('POST', '/api/v1/session', { email, password });
  }
}

/** Opens the link of the newest mail of a kind to an address, as its reader would; undefined when there is none yet. */
export async function tokenFromMail(
  station: Station,
  box: { open(sealed: Buffer, context: Record<string, string>): Promise<Buffer> },
  address: string,
  kind: string,
): Promise<string | undefined> {
  const { rows } = await station.database.withService((db) =>
    db.query<{ sealed: Buffer; messageId: string }>(
      `select sealed_link as sealed, message_id as "messageId" from email_outbox
       where address = $1 and kind = $2 order by created_at desc limit 1`,
      [address, kind],
    ),
  );
  const [mail] = rows;
  if (!mail) return undefined;
  const link = (await box.open(mail.sealed, { mail: mail.messageId, field: 'link' })).toString('utf8');
  return link.split('#')[1];
}
