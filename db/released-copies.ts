import type { ListedAttachment } from '../domain/channel';
import type { ItemRow } from './items';
import type { Queryable } from './pool';

export interface ReleasedCopy {
  original: ItemRow;
  /** Ticket on which the copy stands: differs from the original's after a merge. */
  ticketId: string;
  attachment: ListedAttachment;
  /** Newest decision about the bytes, and the one by which they were released. */
  decisionId: string | null;
  appliedDecisionId: string | null;
}

/**
 * Writes a file that Lazaret put back into the ledger. An event may have overtaken us: then its row becomes the copy.
 */
export async function insertReleasedCopy(db: Queryable, copy: ReleasedCopy): Promise<void> {
  const { original, attachment } = copy;
  await db.query(
    `insert into items (organisation_id, connection_id, kind, ticket_id, comment_id, source_id, found_by, file_name, declared_type,
       content_url, detected_type, sha256, length, state, verdict, machine_verdict, machine_reason, decision_id, applied_decision_id,
       released_from, scanned_at, deadline_at)
     select organisation_id, connection_id, kind, $2, $3, $4, 'release', $5, $6, $7, detected_type, sha256, length, 'clean',
       coalesce((select d.verdict from decisions d where d.id = $8::uuid), 'clean'), machine_verdict, machine_reason, $8::uuid, $9::uuid, id, now(), now()
     from items where id = $1
     on conflict (connection_id, ticket_id, source_id) where kind = 'attachment' do update set
       released_from = excluded.released_from, sha256 = excluded.sha256, length = excluded.length, state = excluded.state,
       state_reason = null, verdict = excluded.verdict, verdict_reason = null, machine_verdict = excluded.machine_verdict,
       machine_reason = excluded.machine_reason, decision_id = excluded.decision_id, applied_decision_id = excluded.applied_decision_id,
       deadline_at = excluded.deadline_at, updated_at = now()
     where items.released_from is null
       and (items.machine_verdict = 'pending' or (items.sha256 = excluded.sha256 and items.state in ('clean', 'noted')))`,
    [
      original.id,
      copy.ticketId,
      attachment.commentId,
      attachment.id,
      attachment.fileName,
      attachment.contentType,
      attachment.contentUrl,
      copy.decisionId,
      copy.appliedDecisionId,
    ],
  );
}
