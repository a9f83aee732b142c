import { openCommentText, openLinks, sealLinks } from '../db/comment-seal';
import type { SealedLink } from '../db/comment-seal';
import { finishCommentText, lockCommentText, readCommentText, TICKET_TEXT } from '../db/comment-texts';
import type { CommentRef, CommentTextRow } from '../db/comment-texts';
import { insertLinkItems, lockLinkDecisions, readKnownLinks, readOwnDomains } from '../db/links';
import type { NewLinkItem } from '../db/links';
import { findBatchesInFlight, findBatchOfComment } from '../db/notes';
import type { Queryable } from '../db/pool';
import { readPolicy } from '../db/policies';
import type { Policy } from '../domain/policy';
import { orderFor } from '../domain/policy-order';
import type { PolicyAction } from '../domain/words';
import { maskUrl } from '../domain/url-mask';
import { linkKey } from '../scanners/links/link-key';
import { explainFinding } from './explain';
import type { ActivityDeps } from './deps';
import { RetryLater } from './failures';
import { settleLinks } from './links-decide';
import { applyLists, judgeText } from './links-judge';
import type { LinksOfComment, LinkVerdict } from './links-judge';
import { tellOfLinks } from './links-note';

/** How long a text in which passwords may stand waits for the files that they open. */
const PASSWORD_WAIT_MS = 10 * 60_000;

/**
 * Looks at the text of one comment: every link in it becomes a row with its verdict, and the text is dropped. Run again, it
 * acts upon decisions of analysts. No request goes to the help desk, unless lists name senders.
 * @returns whether something has to be taken out of the comment's text
 */
export async function inspectLinks(deps: ActivityDeps, ref: CommentRef): Promise<{ redact: boolean }> {
  const row = await deps.database.withOrganisation(ref.organisationId, (db) => refuseOwnNoteInFlight(db, ref));
  if (!row) return { redact: false };
  if (row.looked_at === null && row.sealed !== null) await look(deps, ref, row.sealed, row.author_id);
  return deps.database.withOrganisation(ref.organisationId, async (db) => {
    const now = await lockCommentText(db, ref);
    if (!now) return { redact: false };
    const keepUntil = passwordsUntil(now);
    await finishCommentText(db, ref, { links: null, keepUntil: keepUntil > new Date() ? keepUntil : null });
    return settleLinks(db, ref);
  });
}

function passwordsUntil(row: CommentTextRow): Date {
  return new Date(row.may_hold_passwords && row.sealed ? row.received_at.getTime() + PASSWORD_WAIT_MS : 0);
}

/** An event about our own note may overtake Zendesk's answer to it: then we wait for the note's end, which tells. */
async function refuseOwnNoteInFlight(db: Queryable, ref: CommentRef): Promise<CommentTextRow | undefined> {
  const row = await readCommentText(db, ref);
  if (!row || row.looked_at !== null || ref.commentId === TICKET_TEXT) return row;
  if (await findBatchOfComment(db, ref.connectionId, ref.commentId)) {
    await finishCommentText(db, ref, { links: null, keepUntil: null });
    return undefined;
  }
  if ((await findBatchesInFlight(db, ref.connectionId, ref.ticketId)).length > 0) {
    throw new RetryLater('OwnNoteInFlight', 'a note of ours on this ticket has no recorded end yet', 500);
  }
  return row;
}

async function look(deps: ActivityDeps, ref: CommentRef, sealed: Buffer, authorId: string | null): Promise<void> {
  const { database, secretBox } = deps;
  const text = await openCommentText(secretBox, ref, sealed);
  const [ownDomains, { policy: before }] = await database.withOrganisation(ref.organisationId, (db) =>
    Promise.all([readOwnDomains(db, ref.connectionId), readPolicy(db, ref.organisationId)]),
  );
  const required = deps.requiredLinkEngines;
  const follow = before.followRedirects ? deps.followLink : undefined;
  const judged = await judgeText({ engines: deps.linkEngines, required, ownDomains, follow }, text);
  const sender = await deps.senders.match(ref, authorId);
  const secret = await deps.organisationKeys(ref.organisationId);
  await database.withOrganisation(ref.organisationId, async (db) => {
    const row = await lockCommentText(db, ref);
    // Looked at meanwhile, by an attempt that was thought lost.
    if (!row || row.looked_at !== null) return;
    if (!row.sealed?.equals(sealed)) throw new RetryLater('TextChanged', 'more of this text came in meanwhile', 100);
    const { policy } = await readPolicy(db, ref.organisationId);
    const verdicts = await applyLists(db, ref.organisationId, judged.links, required, sender);
    const made = await record(db, { ref, row, policy, secret }, verdicts, judged.gap);
    const before = row.links ? await openLinks(secretBox, ref, row.links) : {};
    const links = made.size === 0 ? null : await sealLinks(secretBox, ref, { ...before, ...Object.fromEntries(made) });
    const keepUntil = passwordsUntil(row);
    await finishCommentText(db, ref, { links, keepUntil: keepUntil > new Date() ? keepUntil : null });
  });
  await deps.checkpoint?.('links-inspected');
}

interface Recording {
  ref: CommentRef;
  row: CommentTextRow;
  policy: Policy;
  secret: Uint8Array;
}

/** Writes the rows. @returns the links in full, by item */
async function record(
  db: Queryable,
  { ref, row, policy, secret }: Recording,
  verdicts: readonly LinkVerdict[],
  gap: LinksOfComment['gap'],
): Promise<Map<string, SealedLink>> {
  // With too many links one row stands for all that is harmless.
  const told = gap === undefined ? verdicts : verdicts.filter(({ verdict }) => verdict.verdict !== 'clean');
  const keyed = told.map((one) => ({ ...one, key: linkKey(one.link.url, secret) }));
  const known = await readKnownLinks(
    db,
    ref,
    keyed.map((one) => one.key),
  );
  const fresh = keyed.filter((one) => !known.has(one.key));
  const decisions = await lockLinkDecisions(
    db,
    ref.organisationId,
    fresh.map((one) => one.key),
  );
  const inTicketText = ref.commentId === TICKET_TEXT;
  const judged = fresh.map((one) => {
    const decision = decisions.get(one.key) ?? null;
    return { one, decision, order: orderOf(policy, one, decision, inTicketText) };
  });
  const items = judged.map(({ one, decision, order }): NewLinkItem => newItem(one, decision, order === 'contain'));
  const rows = gap === undefined ? items : [...items, gapItem(gap)];
  const where = { ...ref, foundBy: row.found_by, occurredAt: row.occurred_at };
  const ids = rows.length === 0 ? new Map<string, string>() : await insertLinkItems(db, where, rows);
  const noted = judged.flatMap(({ one, order }) => (order === 'note' ? [ids.get(one.key) ?? []] : []));
  await tellOfLinks(db, ref, noted.flat());
  return new Map(
    fresh.flatMap(({ key, link: { url, shown } }): [string, SealedLink][] => {
      const id = ids.get(key);
      return id === undefined ? [] : [[id, { url, ...(shown !== undefined && { shown }) }]];
    }),
  );
}

function orderOf(
  policy: Policy,
  { verdict }: LinkVerdict,
  decision: NewLinkItem['decision'],
  inTicketText: boolean,
): PolicyAction {
  return orderFor(policy, {
    kind: 'url',
    verdict: decision?.verdict ?? verdict.verdict,
    decided: decision !== null,
    wasRead: true,
    blockedAtSource: false,
    inTicketText,
  });
}

function newItem(one: LinkVerdict & { key: string }, decision: NewLinkItem['decision'], out: boolean): NewLinkItem {
  const { link, verdict, reports, key } = one;
  const { host, text } = maskUrl(link.url);
  const effective = decision?.verdict ?? verdict.verdict;
  return {
    key,
    sourceId: key,
    masked: text,
    host: host === '' ? null : host,
    state: out ? 'waiting' : effective === 'clean' ? 'clean' : 'noted',
    stateReason: out ? 'containing' : null,
    machineVerdict: verdict.verdict,
    reason: verdict.reason ?? null,
    decision,
    engines: reports.map(({ engine, engineVersion, rulesVersion, result, reason, ms }) => {
      return { engine, engineVersion, rulesVersion, result, reason, ms };
    }),
    findings: reports.flatMap((report) => report.findings.map(explainFinding)),
  };
}

/** The one row for what was not looked at. */
function gapItem(reason: NonNullable<LinksOfComment['gap']>): NewLinkItem {
  const what = 'The comment holds more than was looked at.';
  const finding = { engine: 'links', rule: 'Links_Too_Many', severity: 'info' as const, path: [], what };
  return {
    key: null,
    sourceId: reason,
    masked: reason === 'too_many_links' ? 'More than 200 links' : 'The rest of a very long text',
    host: null,
    state: 'noted',
    stateReason: null,
    machineVerdict: 'unscannable',
    reason,
    decision: null,
    engines: [{ engine: 'links', engineVersion: '', rulesVersion: '', result: 'unscannable', reason, ms: 0 }],
    findings: [explainFinding(finding)],
  };
}

/** Links of a comment in full, by item; empty where none are kept. */
export async function readFullLinks(
  deps: Pick<ActivityDeps, 'secretBox'>,
  db: Queryable,
  ref: CommentRef,
): Promise<Record<string, SealedLink>> {
  const row = await readCommentText(db, ref);
  return row?.links ? openLinks(deps.secretBox, ref, row.links) : {};
}
