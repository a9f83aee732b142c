import type { Channel } from '../domain/channel';
import type { Policy } from '../domain/policy';
import type { Database } from '../db/pool';
import type { Mailer } from '../email/mailer';
import type { SecretBox } from '../quarantine/index';
import type { SealedStore } from '../quarantine/sealed-store';
import type { AsyncEngine } from '../scanners/async-engine';
import type { Engine } from '../scanners/engine';
import type { LinkEngine } from '../scanners/links/link-engine';
import type { RedirectFollower } from '../scanners/links/redirects';
import type { OrganisationKeys } from './organisation-keys';
import type { Senders } from './senders';
import type { VerdictCache } from './verdict-cache';

/** What the activities need to know of a connection besides its channel. */
export interface ConnectionFacts {
  id: string;
  organisationId: string;
  subdomain: string;
  /** Comments older than this were there before Lazaret. */
  activatedAt: Date | null;
}

/** Opens the channel of a connection with that connection's own credentials. */
export interface ChannelAccess {
  open(ref: {
    organisationId: string;
    connectionId: string;
  }): Promise<{ channel: Channel; connection: ConnectionFacts }>;
  /** Reads the account's hosts again, for an address that is on none of the known ones. */
  refreshOwnHosts(ref: { organisationId: string; connectionId: string }): Promise<void>;
}

export interface Logger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Waits of the activities, in milliseconds; tests shorten them. */
export interface ActivityWaits {
  /** How long a required engine may be away before the item is recorded as unscannable. */
  engineGrace: number;
  /** How long a containment waits for the other files of the same comment. */
  siblings: number;
  /** Pauses between the looks that prove a file gone. */
  proof: readonly number[];
  /** How long a note waits for files of its ticket that are still being worked on. */
  noteGather: number;
  /** Pause between two cycles over the help desk's export, and how far behind now a cycle counts as complete. */
  reconcile: { every: number; lag: number };
}

export interface ActivityDeps {
  database: Database;
  access: ChannelAccess;
  store: SealedStore;
  engines: readonly Engine[];
  /** Engines that are asked when a file's hash is known, and answer later. */
  asyncEngines: readonly AsyncEngine[];
  requiredEngines: readonly string[];
  verdicts: VerdictCache;
  /** Sources that know bad links, and those of them that must answer. */
  linkEngines: readonly LinkEngine[];
  requiredLinkEngines: readonly string[];
  senders: Senders;
  /** Follows redirects of links, where the installation and the organisation's policy have it so. */
  followLink?: RedirectFollower;
  secretBox: SecretBox;
  organisationKeys: OrganisationKeys;
  mailer: Mailer;
  log: Logger;
  settings: {
    /** Origin of our own pages, without a trailing slash. */
    publicUrl: string;
    /** Host part of Message-IDs. */
    mailDomain: string;
    maxFileBytes: number;
    waits: ActivityWaits;
  };
  /** Called between steps that change the outside world. Tests kill the worker here; the product does nothing. */
  checkpoint?(step: string): Promise<void>;
}

/** Engines that must answer before something of this organisation is called clean. */
export function requiredEngines(deps: Pick<ActivityDeps, 'requiredEngines'>, policy: Policy): readonly string[] {
  return policy.requiredEngines ?? deps.requiredEngines;
}

/** An item, by ids only. */
export interface ItemRef {
  organisationId: string;
  connectionId: string;
  itemId: string;
}

export interface TicketRef {
  organisationId: string;
  connectionId: string;
  ticketId: string;
}

/** The waits of the product. */
export const WAITS: ActivityWaits = {
  engineGrace: 20_000,
  siblings: 2500,
  proof: [0, 150, 500, 1500, 4000, 10_000],
  noteGather: 15_000,
  // The export lacks its last minute; two requests a cycle are a fifth of what Zendesk allows.
  reconcile: { every: 60_000, lag: 120_000 },
};
