import { openCommentText } from '../db/comment-seal';
import { readPasswordTexts } from '../db/comment-texts';
import type { CommentRef } from '../db/comment-texts';
import type { ActivityDeps } from './deps';

/** Comments of a ticket in which passwords are looked for, and characters of all of them that are handed on. */
const COMMENTS = 10;
const CHARACTERS = 60_000;

/** What a ticket's conversation says, as far as passwords may stand in it; in memory only. Undefined where nothing does. */
export async function readConversation(
  deps: Pick<ActivityDeps, 'database' | 'secretBox'>,
  ref: Omit<CommentRef, 'commentId'>,
): Promise<string | undefined> {
  const rows = await deps.database.withOrganisation(ref.organisationId, (db) => readPasswordTexts(db, ref, COMMENTS));
  const texts: string[] = [];
  for (const { commentId, sealed } of rows) {
    const { text, html } = await openCommentText(deps.secretBox, { ...ref, commentId }, sealed);
    texts.push(text ?? html ?? '');
  }
  return texts.length === 0 ? undefined : texts.join('\n').slice(0, CHARACTERS);
}
