import type { Database } from '../db/pool';
import { listScanChanges, readDatabaseTime } from '../db/scan-changes';
import type { Log } from './log';

export interface ScanListener {
  /** Ids of scans that changed; `more` when there were others. */
  onScans(ids: readonly string[], more: boolean): void;
  /** The feed ends, as this process does. */
  onEnd(): void;
}

export interface Subscription {
  /** Fulfilled once changes are watched: whoever reads the list now and listens from now on misses nothing. */
  ready: Promise<void>;
  end(): void;
}

export interface ScanFeed {
  subscribe(organisationId: string, listener: ScanListener): Subscription;
  /** Ends every subscription. */
  close(): void;
}

const MOST = 500;

/**
 * Watches for changed scans while somebody listens: one look a second for each organisation, however many listen. Looking is
 * cheaper than a notification with every row, which a busy worker would pay for though nobody listens.
 * @param everyMs pause between two looks, in milliseconds
 */
export function createScanFeed(database: Database, log: Log, everyMs = 1000): ScanFeed {
  const watches = new Map<string, Watch>();
  return {
    subscribe(organisationId, listener) {
      const watch = watches.get(organisationId) ?? new Watch(database, log, organisationId, everyMs);
      watches.set(organisationId, watch);
      watch.listeners.add(listener);
      const end = (): void => {
        watch.listeners.delete(listener);
        if (watch.listeners.size > 0) return;
        watch.stop();
        if (watches.get(organisationId) === watch) watches.delete(organisationId);
      };
      return { ready: watch.ready, end };
    },
    close() {
      for (const watch of [...watches.values()]) for (const listener of [...watch.listeners]) listener.onEnd();
    },
  };
}

class Watch {
  readonly listeners = new Set<ScanListener>();
  readonly ready: Promise<void>;
  private watching: () => void = () => undefined;
  private known = new Map<string, string>();
  private since: string | undefined;
  private timer: NodeJS.Timeout;
  private stopped = false;

  private readonly database: Database;
  private readonly log: Log;
  private readonly organisationId: string;
  private readonly everyMs: number;

  constructor(database: Database, log: Log, organisationId: string, everyMs: number) {
    this.database = database;
    this.log = log;
    this.organisationId = organisationId;
    this.everyMs = everyMs;
    this.ready = new Promise((resolve) => (this.watching = resolve));
    this.timer = setTimeout(() => void this.turn(), 0);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async turn(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      // The next look goes back to where the last one that worked ended: nothing is left out.
      this.log.warn({ error: error instanceof Error ? error.name : 'error' }, 'changed scans could not be read');
    }
    if (!this.stopped) this.timer = setTimeout(() => void this.turn(), this.everyMs);
  }

  private async look(): Promise<void> {
    const { database, organisationId } = this;
    const [now, changes] = await database.withOrganisation(organisationId, async (db) => {
      const time = await readDatabaseTime(db);
      return [time, await listScanChanges(db, organisationId, this.since ?? time, MOST)] as const;
    });
    const fresh = changes.filter(({ id, at }) => this.known.get(id) !== at).map(({ id }) => id);
    this.known = new Map(changes.map(({ id, at }) => [id, at]));
    const first = this.since === undefined;
    this.since = now;
    this.watching();
    // What changed before anybody listened is on the page that was loaded.
    if (first || fresh.length === 0) return;
    for (const listener of this.listeners) listener.onScans(fresh, changes.length === MOST);
  }
}
