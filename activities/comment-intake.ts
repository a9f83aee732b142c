import { sealCommentText } from '../db/comment-seal';
import type { CommentText } from '../db/comment-seal';
import { extendCommentText, insertCommentText, markCommentHtml } from '../db/comment-texts';
import type { CommentRef, CommentTextRow, NewCommentText } from '../db/comment-texts';
import type { Queryable } from '../db/pool';
import { mayHoldLinks, mayHoldPasswords } from '../domain/link-hint';
import { linksOfHtml } from '../scanners/links/html';
import { linksOfText } from '../scanners/links/text';
import type { ActivityDeps } from './deps';

/** What the help desk lists as a comment's words; who wrote them, and when. */
export interface SeenText extends CommentText {
  foundBy: 'listing' | 'export';
  writtenAt: Date;
  authorId?: string | undefined;
}

/** What has to be written about a text, and what it takes to do so. */
export type TextChange =
  | { kind: 'add'; row: NewCommentText }
  | { kind: 'extend'; ref: CommentRef; sealed: Buffer; mayHoldPasswords: boolean }
  | { kind: 'mark'; ref: CommentRef };

/** Whether a text may hold links. Zendesk's own frame around a comment is none, but every other tag may be one. */
export function mayLink({ text, html }: CommentText): boolean {
  return mayHoldLinks(text ?? '') || /<(?:a|area|form|iframe|meta)\b/iu.test(html ?? '');
}

/**
 * Compares a listed text with what the ledger has of it. An event carries the plain text only: where the HTML leads
 * elsewhere too, the text is looked at once more. Seals, and writes nothing: {@link applyText} does.
 * @returns undefined where nothing has to be written
 */
export async function prepareText(
  deps: Pick<ActivityDeps, 'secretBox'>,
  ref: CommentRef,
  { foundBy, writtenAt, authorId, text, html }: SeenText,
  known: Pick<CommentTextRow, 'with_html'> | undefined,
): Promise<TextChange | undefined> {
  const words: CommentText = { ...(text !== undefined && { text }), ...(html !== undefined && { html }) };
  const passwords = mayHoldPasswords(`${text ?? ''}\n${html ?? ''}`);
  if (known?.with_html || (!known && !mayLink(words) && !passwords)) return undefined;
  if (known && !(await leadsElsewhere(words))) return { kind: 'mark', ref };
  const sealed = await sealCommentText(deps.secretBox, ref, words);
  if (known) return { kind: 'extend', ref, sealed, mayHoldPasswords: mayHoldPasswords(text ?? '') };
  const row = { ...ref, foundBy, sealed, mayHoldPasswords: mayHoldPasswords(text ?? ''), withHtml: true };
  return { kind: 'add', row: { ...row, occurredAt: writtenAt.toISOString(), authorId } };
}

/** Whether the HTML holds a link that the text does not, or too many to tell. */
async function leadsElsewhere({ text, html }: CommentText): Promise<boolean> {
  if (html === undefined) return false;
  const inHtml = await linksOfHtml(html);
  const inText = new Set(linksOfText(text ?? '').links.map((link) => link.url));
  return inHtml.gap !== undefined || inHtml.links.some((link) => !inText.has(link.url));
}

/** Writes a change in the caller's transaction. */
export async function applyText(db: Queryable, change: TextChange): Promise<void> {
  if (change.kind === 'add') await insertCommentText(db, change.row);
  else if (change.kind === 'mark') await markCommentHtml(db, change.ref);
  else await extendCommentText(db, change.ref, change.sealed, change.mayHoldPasswords);
}
