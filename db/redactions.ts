import { ITEM_COLUMNS } from './items';
import type { ItemRow } from './items';
import type { Queryable } from './pool';

/**
 * Items of one comment whose sealed copy was verified, whose redaction is written down but not finished, and which no
 * analyst has spared since.
 */
export async function readReadyRedactions(
  db: Queryable,
  connectionId: string,
  ticketId: string,
  commentId: string,
): Promise<ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `select ${ITEM_COLUMNS} from items i
     where connection_id = $1 and ticket_id = $2 and comment_id = $3 and kind = 'attachment' and state = 'waiting'
       and exists (select from operations o where o.key = 'redact:' || i.id and o.state = 'pending')
       and not exists (select from decisions d where d.id = i.decision_id and d.verdict <> 'malicious') order by id`,
    [connectionId, ticketId, commentId],
  );
  return rows;
}
