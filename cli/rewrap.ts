/**
 * `node dist/cli/rewrap.js`: after a new master key was put first in LAZARET_MASTER_KEYS, wraps everything by it: the keys
 * of sealed files (their bytes stay as they are) and the secrets in Postgres. When it says that nothing is left, the old
 * key may go. May be repeated and interrupted.
 */
import { loadConfig, requireDatabaseUrl } from '../config/config';
import { loadSecrets, masterKeysById } from '../config/secrets';
import { recordSeal } from '../db/objects';
import { openDatabase } from '../db/pool';
import type { Database } from '../db/pool';
import { listSealedColumns, replaceSealed, SEALED_COLUMNS } from '../db/sealed-columns';
import type { SealedColumn, SealedRow } from '../db/sealed-columns';
import { listSealedSignIns, replaceSealedSignIn, SEALED_SIGN_INS, sealedSignInContext } from '../db/sealed-sign-ins';
import { listSealedTexts, replaceSealedText, SEALED_TEXTS, sealedTextContext } from '../db/sealed-texts';
import { createFileSealedStore, createSecretBox } from '../quarantine/index';
import type { MasterKeys, SecretBox } from '../quarantine/index';
import { runCommand } from './run-command';

interface Count {
  rewrapped: number;
  left: number;
}

async function main(): Promise<number> {
  const config = loadConfig();
  const keys = masterKeysById(loadSecrets());
  const database = openDatabase(requireDatabaseUrl(config), { size: 2 });
  try {
    const files = await rewrapFiles(database, keys, config.sealedDir);
    const box = createSecretBox(keys);
    const secrets = await rewrapSecrets(database, box);
    await rewrapTexts(database, box, keys.currentId, secrets);
    await rewrapSignIns(database, box, keys.currentId, secrets);
    process.stdout.write(`sealed files: ${files.rewrapped} rewrapped, ${files.left} left\n`);
    process.stdout.write(`secrets: ${secrets.rewrapped} rewrapped, ${secrets.left} left\n`);
    return files.left + secrets.left === 0 ? 0 : 2;
  } finally {
    await database.close();
  }
}

async function rewrapFiles(database: Database, keys: MasterKeys, directory: string): Promise<Count> {
  const store = createFileSealedStore({ directory, masterKeys: keys });
  const count = { rewrapped: 0, left: 0 };
  for await (const { ref, problem } of store.list()) {
    if (!ref) {
      process.stderr.write(`a sealed copy cannot be read (${problem}); see docs/operation.md\n`);
      count.left += 1;
    } else if (ref.masterKeyId !== keys.currentId) {
      const moved = await store.rewrap(ref);
      await database.withOrganisation(ref.organisationId, (db) => recordSeal(db, moved));
      count.rewrapped += 1;
    }
  }
  return count;
}

async function rewrapSecrets(database: Database, box: SecretBox): Promise<Count> {
  const count = { rewrapped: 0, left: 0 };
  for (const row of await database.withService(listSealedColumns)) {
    if (row.busy) {
      process.stderr.write(`connection ${row.id} is being activated; repeat this command when that has ended\n`);
      count.left += 1;
    }
    for (const column of SEALED_COLUMNS) {
      const outcome = await rewrapSecret(database, box, row, column);
      if (outcome === 'rewrapped') count.rewrapped += 1;
      if (outcome === 'changed') count.left += 1;
    }
  }
  return count;
}

const TEXTS_AT_ONCE = 200;

/** Keys of organisations, texts and links of comments: so many at a time, until none is left that another key sealed. */
async function rewrapTexts(database: Database, box: SecretBox, currentId: string, count: Count): Promise<void> {
  for (const what of SEALED_TEXTS) {
    for (let more = true; more;) {
      const rows = await database.withService((db) => listSealedTexts(db, what, currentId, TEXTS_AT_ONCE));
      for (const row of rows) {
        const context = sealedTextContext(what, row);
        const after = await box.seal(await box.open(row.sealed, context), context);
        const done = await database.withService((db) => replaceSealedText(db, what, row, after));
        // What was dropped or written anew meanwhile needs nothing.
        if (done) count.rewrapped += 1;
      }
      more = rows.length === TEXTS_AT_ONCE;
    }
  }
}

/** Secrets of authenticators, and links in mails that have not left. */
async function rewrapSignIns(database: Database, box: SecretBox, currentId: string, count: Count): Promise<void> {
  for (const what of SEALED_SIGN_INS) {
    for (let more = true; more;) {
      const rows = await database.withService((db) => listSealedSignIns(db, what, currentId, TEXTS_AT_ONCE));
      for (const row of rows) {
        const context = sealedSignInContext(what, row.of);
        const after = await box.seal(await box.open(row.sealed, context), context);
        if (await database.withService((db) => replaceSealedSignIn(db, what, row, after))) count.rewrapped += 1;
      }
      more = rows.length === TEXTS_AT_ONCE;
    }
  }
}

async function rewrapSecret(
  database: Database,
  box: SecretBox,
  row: SealedRow,
  column: SealedColumn,
): Promise<'current' | 'rewrapped' | 'changed'> {
  const before = row[column];
  if (before === null || !box.needsRewrap(before)) return 'current';
  const context = { organisation: row.organisation_id, connection: row.id, field: column };
  const after = await box.seal(await box.open(before, context), context);
  const done = await database.withService((db) => replaceSealed(db, { id: row.id, column, before, after }));
  return done ? 'rewrapped' : 'changed';
}

runCommand(main, 1);
