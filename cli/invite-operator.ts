/**
 * `node dist/cli/invite-operator.js support|analyst EMAIL`: invites one of the operator's own people. They see every
 * organisation, so they are invited on the machine and never over the network. The link is printed once, and works once.
 */
import { z } from 'zod';
import { loadConfig, requireDatabaseUrl } from '../config/config';
import { newToken, tokenHash } from '../db/account-tokens';
import { insertInvitation } from '../db/invitations';
import type { NewInvitation } from '../db/invitations';
import { openDatabase } from '../db/pool';
import { findByEmail } from '../db/users';
import { INVITATION_MS, INVITATION_PAGE, linkWith } from '../domain/sign-in';
import { runCommand } from './run-command';

const USAGE = 'usage: invite-operator support|analyst EMAIL\n';

async function main(): Promise<number> {
  const [role, given, ...more] = process.argv.slice(2);
  const email = z.email().max(254).safeParse(given);
  if ((role !== 'support' && role !== 'analyst') || !email.success || more.length > 0) {
    process.stderr.write(`${USAGE}EMAIL is the address that the person will sign in with.\n`);
    return 3;
  }
  const config = loadConfig();
  const database = openDatabase(requireDatabaseUrl(config), { size: 1 });
  try {
    const token = newToken();
    const now = new Date();
    const expiresAt = new Date(now.getTime() + INVITATION_MS);
    const invitedBy = 'operator at the machine';
    const invitation: NewInvitation = {
      organisationId: null,
      role,
      email: email.data,
      hash: tokenHash(token),
      invitedBy,
      expiresAt,
    };
    const isNew = await database.withService(async (db) => {
      if (await findByEmail(db, email.data)) return false;
      await insertInvitation(db, invitation, now);
      return true;
    });
    if (!isNew) {
      process.stderr.write(`${email.data} has an account already: use another address, or ask for a new password.\n`);
      return 2;
    }
    const publicUrl = config.http.publicUrl ?? `http://127.0.0.1:${config.http.port}`;
    process.stdout.write(`${linkWith(publicUrl, INVITATION_PAGE, token)}\n`);
    process.stderr.write('Open it within seven days to choose name and password.\n');
    return 0;
  } finally {
    await database.close();
  }
}

runCommand(main, 1);
