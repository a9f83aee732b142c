import { randomBytes } from 'node:crypto';
import { Blobs } from './blobs';
import { Journal, Table } from './journal';
import type * as M from './model';

export interface Violation {
  time: string;
  what: string;
  account: string | null;
  method: string;
  path: string;
}

/** One action on one ticket, as subscribers and triggers see it. */
export interface Action {
  account: M.Account;
  before: M.Ticket | undefined;
  ticket: M.Ticket;
  actor: M.User;
  comment: M.Comment | undefined;
  /** Short type (`comment_added`) and the `event` part of the envelope. */
  events: { type: string; event: M.Json }[];
  runTriggers: boolean;
}

export interface LoggedRequest {
  seq: number;
  time: string;
  account: string | null;
  method: string;
  path: string;
  status: number;
  ms: number;
  who: string;
}

const byAccount = (row: { accountId: number }): string => String(row.accountId);
const byTicket = (row: { accountId: number; ticketId: number | null }): string => `${row.accountId}:${row.ticketId}`;

/** Everything that this help desk knows, for all accounts. */
export class World {
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly clock: () => number;
  readonly accounts: Table<M.Account>;
  readonly users: Table<M.User>;
  readonly customRoles: Table<M.CustomRole>;
  readonly brands: Table<M.Brand>;
  readonly clients: Table<M.OAuthClient>;
  readonly grants: Table<M.Grant>;
  readonly tokens: Table<M.Token>;
  readonly sessions: Table<M.Session>;
  readonly tickets: Table<M.Ticket>;
  readonly comments: Table<M.Comment>;
  readonly attachments: Table<M.Attachment>;
  readonly links: Table<{ attachmentId: number }>;
  readonly deadLinks: Table<M.DeadLink>;
  readonly uploads: Table<M.Upload>;
  readonly audits: Table<M.Audit>;
  readonly webhooks: Table<M.Webhook>;
  readonly invocations: Table<M.Invocation>;
  readonly triggers: Table<M.Trigger>;
  readonly categories: Table<M.TriggerCategory>;
  readonly jobs: Table<M.Job>;
  readonly violations: Violation[] = [];
  readonly requests: LoggedRequest[] = [];
  /** Hands an action to the webhooks; set by whoever delivers. */
  publish: (action: Action) => void = () => undefined;
  private readonly counters: Table<M.Counter>;

  constructor(dataDir: string | undefined, clock: () => number) {
    const journal = new Journal(dataDir);
    this.journal = journal;
    this.blobs = new Blobs(dataDir);
    this.clock = clock;
    this.accounts = new Table<M.Account>(journal, 'accounts', () => '');
    this.users = new Table<M.User>(journal, 'users', byAccount);
    this.customRoles = new Table<M.CustomRole>(journal, 'customRoles', byAccount);
    this.brands = new Table<M.Brand>(journal, 'brands', byAccount);
    this.clients = new Table<M.OAuthClient>(journal, 'clients', byAccount);
    this.grants = new Table<M.Grant>(journal, 'grants', byAccount);
    this.tokens = new Table<M.Token>(journal, 'tokens', byAccount);
    this.sessions = new Table<M.Session>(journal, 'sessions', byAccount);
    this.tickets = new Table<M.Ticket>(journal, 'tickets', byAccount);
    this.comments = new Table<M.Comment>(journal, 'comments', byTicket);
    this.attachments = new Table<M.Attachment>(journal, 'attachments', (row) => row.blobId);
    this.links = new Table<{ attachmentId: number }>(journal, 'links', () => '');
    this.deadLinks = new Table<M.DeadLink>(journal, 'deadLinks', (row) => row.blobId);
    this.uploads = new Table<M.Upload>(journal, 'uploads', byAccount);
    this.audits = new Table<M.Audit>(journal, 'audits', byTicket);
    this.webhooks = new Table<M.Webhook>(journal, 'webhooks', byAccount);
    this.invocations = new Table<M.Invocation>(journal, 'invocations', (row) => row.webhookId);
    this.triggers = new Table<M.Trigger>(journal, 'triggers', byAccount);
    this.categories = new Table<M.TriggerCategory>(journal, 'categories', byAccount);
    this.jobs = new Table<M.Job>(journal, 'jobs', byAccount);
    this.counters = new Table<M.Counter>(journal, 'counters', () => '');
  }

  /** The next id of everything but tickets and accounts: above 2^32, below 2^53, never reused (fact sheet §0.16). */
  nextId(): number {
    const value = (this.counters.get('id')?.value ?? 33_144_600_000_000) + 7;
    this.counters.put('id', { value });
    return value;
  }

  nextAccountId(): number {
    const value = (this.counters.get('account')?.value ?? 8_405_678) + 1;
    this.counters.put('account', { value });
    return value;
  }

  /** Letters and digits, as Zendesk's tokens are. */
  secret(length: number): string {
    return randomBytes(length * 2)
      .toString('base64')
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .slice(0, length);
  }

  accountBySubdomain(subdomain: string): M.Account | undefined {
    return this.accounts.all().find((account) => account.subdomain === subdomain);
  }

  ticketOf(account: M.Account, id: number): M.Ticket | undefined {
    return this.tickets.get(`${account.id}:${id}`);
  }

  saveTicket(ticket: M.Ticket): M.Ticket {
    return this.tickets.put(`${ticket.accountId}:${ticket.id}`, ticket);
  }

  attachmentsOf(comment: M.Comment): M.Attachment[] {
    return comment.attachmentIds.flatMap((id) => this.attachments.get(id) ?? []);
  }

  violation(what: string, account: string | null, method: string, path: string): void {
    this.violations.push({ time: new Date(this.clock()).toISOString(), what, account, method, path });
  }
}
