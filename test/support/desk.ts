import { createHash } from 'node:crypto';
import { until } from '../../embedded/lazaret-client';
import type { ScanView } from '../../embedded/lazaret-client';
import type { SimulatorAttachment, SimulatorComment, SimulatorFile } from '../../simulator/client';
import type { Lazaret } from './lazaret';

/** Longer than anything takes on a busy machine, shorter than a test may take, so that a failure says what is missing. */
const PATIENCE_MS = 40_000;

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A row of the outbox with how often its mail arrived. */
export interface SentMail {
  messageId: string;
  address: string;
  ambiguous: boolean;
  state: string;
  arrived: number;
}

/** What people at the help desk and analysts do and see, in a test of the whole product. */
export function deskOf(lazaret: Lazaret) {
  const { agent, admin, analyst, inbox, database, organisationId } = lazaret;
  const rows = async <Row extends object>(sql: string, values: unknown[]): Promise<Row[]> =>
    (await database.withOrganisation(organisationId, (db) => db.query<Row>(sql, values))).rows;
  const notes = async (ticketId: number): Promise<SimulatorComment[]> =>
    (await agent.listComments(ticketId)).filter((comment) => !comment.public);

  return {
    rows,
    notes,
    /** Opens a ticket with these files on its first comment. */
    async send(...files: SimulatorFile[]): Promise<{ id: number; commentId: number; files: SimulatorAttachment[] }> {
      const { ticket, comment } = await agent.createTicket({ subject: 'files', comment: 'see files', files });
      return { id: ticket.id, commentId: comment.id, files: comment.attachments };
    },
    /** Waits until exactly these states are those of the ticket's scans, in any order; returns the scans oldest first. */
    reach: (ticketId: number, ...states: string[]): Promise<ScanView[]> => {
      let seen = '';
      return until(
        `${states.join(', ')} on ticket ${ticketId}`,
        async () => {
          const scans = (await admin.call<{ scans: ScanView[] }>('GET', `/api/v1/scans?ticket=${ticketId}&limit=100`))
            .scans;
          seen = scans
            .map((one) => one.state)
            .toSorted()
            .join();
          return seen === states.toSorted().join() ? scans.toReversed() : undefined;
        },
        PATIENCE_MS,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; the last states were ${seen}`);
      });
    },
    decide: (scan: ScanView, verdict: 'clean' | 'malicious' | 'suspicious', more: object = {}) =>
      analyst.call<{ decision: { id: string } }>('POST', `/api/v1/scans/${scan.id}/verdict`, {
        verdict,
        reason: 'Looked at.',
        ...more,
      }),
    /** Waits until everything that had to be said is written and mailed, and nobody is due to say more. */
    said: (ticketId: number, count: number): Promise<SimulatorComment[]> =>
      until(
        `${count} notes on ticket ${ticketId}`,
        async () => {
          const open = await rows(
            `select from note_entries e left join note_batches b on b.id = e.batch_id where e.ticket_id = $1
             and e.cancelled_at is null and (b.id is null or b.state = 'frozen')
           union all select from email_outbox where state in ('pending', 'sending')`,
            [String(ticketId)],
          );
          const written = await notes(ticketId);
          return open.length === 0 && written.length >= count ? written : undefined;
        },
        PATIENCE_MS,
      ),
    /** Mails about a ticket, each with how often it arrived. */
    async mails(ticketId: number): Promise<SentMail[]> {
      const about = (subject: string): boolean => new RegExp(`ticket ${ticketId}\\b`, 'u').test(subject);
      const arrived = (await inbox.messages()).filter((mail) => about(mail.subject));
      const outbox = await rows<SentMail & { subject: string }>(
        'select message_id as "messageId", address, ambiguous, state, subject from email_outbox order by created_at',
        [],
      );
      const strangers = arrived.filter((mail) => !outbox.some((row) => row.messageId === mail.messageId));
      if (strangers.length > 0) throw new Error(`a mail arrived that stands in no outbox: ${strangers[0]?.messageId}`);
      return outbox
        .filter((row) => about(row.subject))
        .map(({ subject: _subject, ...row }) => ({
          ...row,
          arrived: arrived.filter((mail) => mail.messageId === row.messageId).length,
        }));
    },
    /** SHA-256 of what an address of the help desk gives now. */
    async hashAt(file: { content_url: string } | undefined): Promise<string> {
      return sha256((await agent.download(file?.content_url ?? '')).bytes);
    },
    /** How many redactions Zendesk's own audits tell of. */
    async redactions(ticketId: number): Promise<number> {
      const path = `/api/v2/tickets/${ticketId}/audits?page[size]=100`;
      const { audits } = await agent.api<{ audits: { events: { type: string }[] }[] }>('GET', path);
      return audits.flatMap((audit) => audit.events).filter((event) => event.type === 'AttachmentRedactionEvent')
        .length;
    },
  };
}
export type Desk = ReturnType<typeof deskOf>;
