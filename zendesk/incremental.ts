import type { Lane } from '../domain/words';
import type { BudgetEndpoint } from './budget';
import type { ZendeskApi } from './request';
import { TicketEventsPage, TicketsExportPage, type ExportedTicket, type TicketEvent } from './schemas-account';

/** Exports for reconciliation and backfill. Admins only; ten requests a minute for the whole account. */
export interface Incremental {
  /**
   * Ticket events with their comments since `startTime` (Unix seconds, at least one minute ago; the last minute is never
   * returned). Ask again from `endTime` until `endOfStream`. Records of one second may repeat across pages.
   */
  ticketEvents(startTime: number, lane: Lane): Promise<TicketEventsExport>;
  /** Tickets changed since `startTime`, archived and deleted ones included; then by cursor until `endOfStream`. */
  tickets(from: { startTime: number } | { cursor: string }, lane: Lane): Promise<TicketsExport>;
}

export interface TicketEventsExport {
  events: TicketEvent[];
  endTime: number | undefined;
  endOfStream: boolean;
}

export interface TicketsExport {
  tickets: ExportedTicket[];
  cursor: string | undefined;
  endOfStream: boolean;
}

const ENDPOINTS: readonly BudgetEndpoint[] = ['incremental', 'account'];

/** Calls of the incremental exports (fact sheet §7). */
export function createIncremental(api: ZendeskApi): Incremental {
  return {
    ticketEvents: async (startTime, lane) => {
      const path = '/api/v2/incremental/ticket_events.json';
      const query = { start_time: String(startTime), include: 'comment_events' };
      const operation = 'incremental.ticket_events';
      const page = await api.call(
        { operation, method: 'GET', path, query, lane, endpoints: ENDPOINTS },
        TicketEventsPage,
      );
      return {
        events: page.ticket_events,
        endTime: page.end_time ?? undefined,
        endOfStream: page.end_of_stream,
      };
    },
    tickets: async (from, lane) => {
      const path = '/api/v2/incremental/tickets/cursor.json';
      const query = 'cursor' in from ? { cursor: from.cursor } : { start_time: String(from.startTime) };
      const operation = 'incremental.tickets';
      const page = await api.call(
        { operation, method: 'GET', path, query, lane, endpoints: ENDPOINTS },
        TicketsExportPage,
      );
      return { tickets: page.tickets, cursor: page.after_cursor ?? undefined, endOfStream: page.end_of_stream };
    },
  };
}
