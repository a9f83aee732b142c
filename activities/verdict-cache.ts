import { createHmac } from 'node:crypto';
import type { Database } from '../db/pool';
import { readCachedVerdict, saveCachedVerdict } from '../db/verdict-cache';
import type { CachedVerdict } from '../db/verdict-cache';
import { isLastingAnswer } from '../domain/inspection';
import type { EngineReport, FoundLink } from '../domain/inspection';
import type { SecretBox } from '../quarantine/index';
import type { ScanTarget } from '../scanners/engine';
import type { Logger } from './deps';
import type { EngineVersions } from './engine-watch';
import type { OrganisationKeys } from './organisation-keys';
import { sleep } from './sleep';

export interface VerdictCacheDeps {
  database: Database;
  secretBox: SecretBox;
  organisationKeys: OrganisationKeys;
  /** Versions of every engine as last seen; undefined while they are not known. */
  versions(): readonly EngineVersions[] | undefined;
  log: Pick<Logger, 'warn'>;
}

/** A question to the engines: these bytes under this name, in this conversation. */
export interface Question {
  organisationId: string;
  sha256: string;
  target: ScanTarget;
}

export interface Remembered {
  reports: EngineReport[];
  /** Whether no engine was asked. */
  cached: boolean;
}

export interface VerdictCache {
  /**
   * What the engines say, asked once however many ask the same question at the same moment in all workers. Whoever waits
   * asks himself when the other's answer does not come or must not be kept.
   */
  ask(question: Question, engines: () => Promise<EngineReport[]>): Promise<Remembered>;
  /** Keeps an answer that came before the question's hash was known. */
  keep(question: Question, reports: readonly EngineReport[]): Promise<void>;
}

const KEEP_SECONDS = 7 * 86_400;
/** How long somebody else's answer is waited for; then the engines are asked a second time. */
const PATIENCE_MS = 15_000;

/**
 * Remembers complete answers of the engines. Lists, policy and decisions are no part of an answer: they are applied each
 * time. Trouble with the cache itself never keeps a file from being scanned.
 */
export function createVerdictCache(deps: VerdictCacheDeps): VerdictCache {
  const find = async (question: Question, keys: Keys): Promise<Remembered | undefined> => {
    const { organisationId } = question;
    const wanted = [keys.anywhere, keys.here];
    const row = await deps.database.withOrganisation(organisationId, (db) =>
      readCachedVerdict(db, organisationId, wanted),
    );
    return row && { reports: await withLinks(deps.secretBox, question, row), cached: true };
  };
  const store = async (question: Question, keys: Keys, reports: readonly EngineReport[]): Promise<void> => {
    if (!isLastingAnswer(reports) || !isOfVersions(reports, keys.versions)) return;
    const key = mayDependOnPasswords(reports, keys.passwords) ? keys.here : keys.anywhere;
    const { organisationId, sha256 } = question;
    const links = reports.map((report) => report.links ?? []);
    const some = links.some((one) => one.length > 0);
    const sealed = some ? await deps.secretBox.seal(JSON.stringify(links), contextOf(question)) : null;
    const bare = reports.map(({ links: _links, ...report }) => report);
    await deps.database.withOrganisation(organisationId, (db) =>
      saveCachedVerdict(db, { organisationId, key, sha256, reports: bare, links: sealed, keepSeconds: KEEP_SECONDS }),
    );
  };
  /** Asks the engines while nobody else asks the same; undefined when somebody does. What is kept is kept behind the answer's back. */
  const askFirst = (
    question: Question,
    keys: Keys,
    ask: () => Promise<EngineReport[]>,
  ): Promise<Remembered | undefined> => {
    const found = find(question, keys).catch(ignored('looking up'));
    return new Promise((resolve, reject) => {
      let asking = false;
      const work = async (): Promise<void> => {
        asking = true;
        const known = await found;
        if (known) return resolve(known);
        const reports = await ask();
        resolve({ reports, cached: false });
        await store(question, keys, reports).catch(ignored('keeping'));
      };
      const name = `verdict:${keys.here.toString('hex')}`;
      const held = deps.database.tryExclusive(name, () => work().catch(reject));
      held.then(
        () => void (asking || found.then(resolve, reject)),
        // Without locks the engines may be asked twice, which is better than not at all.
        () => void (asking || work().catch(reject)),
      );
    });
  };
  const ignored =
    (what: string) =>
    (error: unknown): undefined => {
      deps.log.warn(
        { error: error instanceof Error ? error.name : 'error' },
        `${what} an answer in the verdict cache failed`,
      );
      return undefined;
    };
  const keysOf = (question: Question): Promise<Keys | undefined> => {
    return questionKeys(deps, question).catch(ignored('naming'));
  };
  return {
    async ask(question, engines) {
      const keys = await keysOf(question);
      const until = Date.now() + PATIENCE_MS;
      for (let turn = 0; keys && Date.now() < until; turn += 1) {
        const answer = await askFirst(question, keys, engines);
        if (answer) return answer;
        await sleep(Math.min(10 * 2 ** turn, 200));
      }
      return { reports: await engines(), cached: false };
    },
    async keep(question, reports) {
      const keys = await keysOf(question);
      if (keys) await store(question, keys, reports).catch(ignored('keeping'));
    },
  };
}

interface Keys {
  versions: readonly EngineVersions[];
  /** Of the question in every conversation, for answers that do not depend on it. */
  anywhere: Buffer;
  /** Of the question in its own. */
  here: Buffer;
  /** Whether the conversation may hold passwords at all. */
  passwords: boolean;
}

async function questionKeys(
  deps: VerdictCacheDeps,
  { organisationId, sha256, target }: Question,
): Promise<Keys | undefined> {
  const versions = deps.versions();
  if (!versions) return undefined;
  const secret = await deps.organisationKeys(organisationId);
  const engines = versions.map((one) => [one.engine, one.engineVersion, one.rulesVersion]);
  const facts = [organisationId, sha256, engines, normal(target.fileName), normal(target.declaredType ?? '')];
  const hash = (candidates: readonly string[] | 'any'): Buffer =>
    createHmac('sha256', secret)
      .update('verdict\0')
      .update(JSON.stringify([...facts, candidates]))
      .digest();
  const candidates = [...new Set([target.text ?? '', ...(target.passwords ?? [])])]
    .filter((text) => text !== '')
    .sort();
  return { versions, anywhere: hash('any'), here: hash(candidates), passwords: candidates.length > 0 };
}

/** Names that differ in case, spaces at the ends or in how accents are written ask the same. */
function normal(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}

/** An answer of other versions than those of the key was given while an engine changed. */
function isOfVersions(reports: readonly EngineReport[], versions: readonly EngineVersions[]): boolean {
  if (reports.length !== versions.length) return false;
  return reports.every((report) =>
    versions.some(
      (one) =>
        one.engine === report.engine &&
        one.engineVersion === report.engineVersion &&
        one.rulesVersion === report.rulesVersion,
    ),
  );
}

/**
 * Pictures, sound, film and plain text hold nothing that a password opens. In anything else one may have opened something,
 * or another conversation may hold the one that does.
 */
function mayDependOnPasswords(reports: readonly EngineReport[], passwords: boolean): boolean {
  if (!passwords) return reports.some((report) => report.reason === 'encrypted');
  const types = reports.flatMap((report) => report.detectedType ?? []);
  return types.length === 0 || types.some((type) => !/^(?:image|audio|video)\/|^text\/plain$/u.test(type));
}

function contextOf({ organisationId, sha256 }: Question): Record<string, string> {
  return { organisation: organisationId, sha256, field: 'verdict_links' };
}

async function withLinks(box: SecretBox, question: Question, row: CachedVerdict): Promise<EngineReport[]> {
  if (row.links === null) return row.reports;
  const links = JSON.parse((await box.open(row.links, contextOf(question))).toString('utf8')) as FoundLink[][];
  return row.reports.map((report, index) => {
    const own = links[index] ?? [];
    return own.length === 0 ? report : { ...report, links: own };
  });
}
