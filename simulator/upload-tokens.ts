import { invalid } from './http';
import type { Attachment, Comment, Upload } from './model';
import type { Change } from './ticket-changes';
import type { World } from './world';

/** An upload that may still be used; removes its files and forgets it when its time is over. */
export function liveUpload(world: World, accountId: number, token: string): Upload | undefined {
  const upload = world.uploads.get(token);
  if (upload === undefined || upload.accountId !== accountId) return undefined;
  if (upload.used || upload.expiresAt > world.clock()) return upload;
  for (const id of upload.attachmentIds) {
    const attachment = world.attachments.get(id);
    if (attachment !== undefined) dropAttachment(world, attachment);
  }
  world.uploads.remove(token);
  return undefined;
}

export function dropAttachment(world: World, attachment: Attachment): void {
  world.attachments.remove(attachment.id);
  world.links.remove(attachment.contentToken);
  forgetBytes(world, attachment.blobId);
}

/** Deletes bytes that no attachment and no old address shows any more. */
export function forgetBytes(world: World, blobId: string): void {
  const used = world.attachments.inGroup(blobId).length + world.deadLinks.inGroup(blobId).length;
  if (used === 0) world.blobs.remove(blobId);
}

/**
 * Links the files of upload tokens to a comment. A file whose address appears in the comment's HTML becomes inline.
 * @throws Refusal 422 for a token that is unknown, expired or (where tokens are single-use) used
 */
export function attachUploads(change: Change, comment: Comment, tokens: string[]): void {
  const { world, account, ticket } = change;
  const found = tokens.map((token) => {
    const upload = liveUpload(world, account.id, token);
    if (upload === undefined || (upload.used && account.switches.uploads.singleUse)) {
      throw invalid('base', `Upload token ${token} is not valid or has expired`, 'InvalidValue');
    }
    return upload;
  });
  for (const upload of found) {
    for (const id of upload.attachmentIds) {
      const attachment = world.attachments.get(id);
      if (attachment === undefined || attachment.commentId !== null) continue;
      world.attachments.put(id, {
        ...attachment,
        brandId: ticket.brandId,
        ticketId: ticket.id,
        commentId: comment.id,
        inline: comment.htmlBody.includes(`/attachments/token/${attachment.contentToken}`),
      });
      comment.attachmentIds.push(id);
    }
    world.uploads.put(upload.token, { ...upload, used: true });
  }
}
