import type { Answer, Call, Route } from '../http';
import { json, Refusal, route, stamp } from '../http';
import type { Audit, Json, Ticket } from '../model';
import { auditView, ticketView } from '../views';

const invalidStart = (): Refusal => new Refusal(422, { error: 'InvalidValue', description: 'Invalid start_time' });

/** The last minute is never returned, and a start within it is refused (fact sheet §7). */
function edge(call: Call): number {
  return call.world.clock() - call.account.switches.incremental.holeSeconds * 1000;
}

function startTime(call: Call): number {
  const start = Number(call.query.get('start_time') ?? Number.NaN);
  if (!Number.isInteger(start) || start < 0 || start * 1000 > edge(call)) throw invalidStart();
  return start * 1000;
}

function pageSize(call: Call): number {
  const size = Number(call.query.get('per_page') ?? '1000');
  return Number.isInteger(size) && size >= 1 && size <= 1000 ? size : 1000;
}

/** A page holds every record of its last second, so it may be longer than asked. */
function cutAtSecond<T>(rows: T[], size: number, at: (row: T) => number): T[] {
  const last = rows[size - 1];
  if (last === undefined) return rows;
  const second = Math.floor(at(last) / 1000);
  return rows.filter((row) => Math.floor(at(row) / 1000) <= second);
}

function changedTickets(call: Call): Ticket[] {
  const excluded = call.query.get('exclude_deleted') === 'true';
  return call.world.tickets
    .inGroup(call.account.id)
    .filter((ticket) => ticket.generatedAt <= edge(call) && !(excluded && ticket.deleted))
    .sort((a, b) => a.generatedAt - b.generatedAt || a.id - b.id);
}

const encode = (ticket: Ticket): string => Buffer.from(`${ticket.generatedAt}|${ticket.id}`).toString('base64');

function decode(cursor: string): [number, number] {
  const [at, id] = Buffer.from(cursor, 'base64').toString('utf8').split('|').map(Number);
  if (at === undefined || id === undefined || Number.isNaN(at + id)) {
    throw new Refusal(400, { errors: [{ code: 'InvalidPaginationParameter', title: 'cursor is not valid' }] });
  }
  return [at, id];
}

function ticketsByCursor(call: Call): Answer {
  const cursor = call.query.get('cursor');
  const [at, id] = cursor === null ? [startTime(call), -1] : decode(cursor);
  const rest = changedTickets(call).filter((row) => row.generatedAt > at || (row.generatedAt === at && row.id > id));
  const rows = rest.slice(0, pageSize(call));
  const last = rows.at(-1);
  const after = last === undefined ? (cursor ?? Buffer.from(`${at}|${id}`).toString('base64')) : encode(last);
  const query = new URLSearchParams({ cursor: after, per_page: String(pageSize(call)) });
  return json({
    tickets: rows.map((ticket) => ticketView(call, ticket)),
    after_url: `${call.origin}/api/v2/incremental/tickets/cursor.json?${query.toString()}`,
    after_cursor: after,
    before_url: null,
    before_cursor: null,
    end_of_stream: rows.length === rest.length,
  });
}

function ticketsByTime(call: Call): Answer {
  const start = startTime(call);
  const all = changedTickets(call).filter((ticket) => ticket.generatedAt >= start);
  const rows = cutAtSecond(all, pageSize(call), (ticket) => ticket.generatedAt);
  return timePage(
    call,
    'tickets',
    rows.map((ticket) => ticketView(call, ticket)),
    rows.at(-1)?.generatedAt,
    rows.length === all.length,
  );
}

function timePage(call: Call, key: string, rows: Json[], last: number | undefined, ended: boolean): Answer {
  const end = last === undefined ? null : Math.floor(last / 1000);
  const query = new URLSearchParams(call.query);
  if (end !== null) query.set('start_time', String(end));
  const next = end === null ? null : `${call.origin}${call.path}?${query.toString()}`;
  return json({ [key]: rows, count: rows.length, next_page: next, end_time: end, end_of_stream: ended });
}

function childOf(audit: Audit, event: Json, full: boolean): Json {
  const base = { via: audit.via.channel, via_reference_id: null };
  const { type, ...rest } = event;
  if (type !== 'Comment') return { ...rest, ...base, event_type: type };
  if (full) return { ...rest, ...base, event_type: 'Comment' };
  return { id: event['id'], ...base, event_type: 'Comment', comment_present: true, comment_public: event['public'] };
}

function ticketEvents(call: Call): Answer {
  const start = startTime(call);
  const full = (call.query.get('include') ?? '').split(',').includes('comment_events');
  const deleted = new Set(
    call.world.tickets
      .inGroup(call.account.id)
      .filter((row) => row.deleted)
      .map((row) => row.id),
  );
  const all = call.world.audits
    .all()
    .filter((audit) => audit.accountId === call.account.id && audit.createdAt >= start && audit.createdAt <= edge(call))
    .sort((a, b) => a.createdAt - b.createdAt || a.id - b.id);
  const audits = cutAtSecond(all, pageSize(call), (audit) => audit.createdAt);
  const rows = audits.map((audit): Json => {
    const view = auditView(call, audit);
    const events = Array.isArray(view['events']) ? (view['events'] as Json[]) : [];
    return {
      id: audit.id,
      ticket_id: audit.ticketId,
      timestamp: Math.floor(audit.createdAt / 1000),
      created_at: stamp(audit.createdAt),
      updater_id: audit.authorId,
      via: audit.via.channel,
      system: {},
      metadata: view['metadata'],
      event_type: 'Audit',
      child_events: deleted.has(audit.ticketId) ? [] : events.map((event) => childOf(audit, event, full)),
    };
  });
  return timePage(call, 'ticket_events', rows, audits.at(-1)?.createdAt, audits.length === all.length);
}

export const incrementalRoutes: Route[] = [
  route('GET', '/api/v2/incremental/tickets/cursor', 'admin', 'incremental', ticketsByCursor),
  route('GET', '/api/v2/incremental/tickets', 'admin', 'incremental', ticketsByTime),
  route('GET', '/api/v2/incremental/ticket_events', 'admin', 'incremental', ticketEvents),
];
