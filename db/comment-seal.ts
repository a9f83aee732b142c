import type { CommentRef } from './comment-texts';
import type { SecretSealer } from './connection-secrets';
import { sealedTextContext } from './sealed-texts';

/** What a comment says, in whichever forms the help desk gave. */
export interface CommentText {
  text?: string;
  html?: string;
}

/** A link in full. `shown` is what a reader sees in its place. */
export interface SealedLink {
  url: string;
  shown?: string;
}

/** Longest text of a comment that is kept, in characters; Zendesk's own limit is a tenth of it. */
const MAX_TEXT = 700_000;

/** Seals what a comment says, bound to that comment. */
export function sealCommentText(box: SecretSealer, ref: CommentRef, text: CommentText): Promise<Buffer> {
  const kept = Object.entries(text).map(([form, words]) => [form, String(words).slice(0, MAX_TEXT)]);
  return box.seal(JSON.stringify(Object.fromEntries(kept)), sealedTextContext('comment_text', ref));
}

/** Opens the text of a comment. @throws SealError when it was changed or belongs elsewhere */
export async function openCommentText(box: SecretSealer, ref: CommentRef, sealed: Buffer): Promise<CommentText> {
  return JSON.parse((await box.open(sealed, sealedTextContext('comment_text', ref))).toString('utf8')) as CommentText;
}

/** Seals the links of a comment in full, by item. */
export function sealLinks(
  box: SecretSealer,
  ref: CommentRef,
  links: Readonly<Record<string, SealedLink>>,
): Promise<Buffer> {
  return box.seal(JSON.stringify(links), sealedTextContext('comment_links', ref));
}

/** Opens the links of a comment, by item. @throws SealError as {@link openCommentText} */
export async function openLinks(
  box: SecretSealer,
  ref: CommentRef,
  sealed: Buffer,
): Promise<Record<string, SealedLink>> {
  const text = (await box.open(sealed, sealedTextContext('comment_links', ref))).toString('utf8');
  return JSON.parse(text) as Record<string, SealedLink>;
}
