import type { Engine, EngineHealth } from './engine';
import { IcapPool } from './icap-pool';
import { askOptions, probeService } from './icap-probe';
import { parseIcapAddress, type IcapOptions } from './icap-protocol';
import { createIcapSession, type IcapContext, type IcapSettings } from './icap-session';
import { Turnstile } from './turnstile';

/** An antivirus service that speaks ICAP (RFC 3507, RESPMOD). */
export interface IcapEngineOptions {
  /** `icap://host[:port]/service` or `icaps://…` (TLS). */
  address: string;
  /** Name in reports. Default `icap`. */
  name?: string;
  /** Connections at a time; fewer where the service's Max-Connections says so. Default 8. */
  concurrency?: number;
  /** Longest wait for a connection, for one chunk to be taken, and for the answer. Default 30 s. */
  timeoutMs?: number;
  /** The size up to which the service scans, bytes. Default 5 MiB, c-icap's. A longer file is `too_large`. */
  maxBytes?: number;
  /** Certificates (PEM) trusted instead of the system's. */
  ca?: string;
}

/** OPTIONS are asked again after the service's own time, within these bounds; the samples are shown again once a day. */
const OPTIONS_LIVE_MS = { least: 60_000, most: 3_600_000 };
const PROBES_LIVE_MS = 24 * 3_600_000;

/**
 * An ICAP service as an engine. Clean is a 204 (or, from a service that never says 204, the file unchanged) after the
 * service had every byte, and only from a service that was seen to find EICAR. Every other answer is a finding, `unscannable`
 * or an error.
 * @throws when the address cannot be read; a service that is down is a matter of reports and health
 */
export function createIcapEngine(options: IcapEngineOptions): Engine {
  const address = parseIcapAddress(options.address);
  const name = options.name ?? 'icap';
  const timeoutMs = options.timeoutMs ?? 30_000;
  const places = options.concurrency ?? 8;
  const queue = new Turnstile(places);
  const pool = new IcapPool({ address, timeoutMs, ...(options.ca !== undefined && { ca: options.ca }) });
  const knowledge = new Knowledge(
    () => askOptions(pool, address, timeoutMs),
    () => probeService(pool, address, timeoutMs),
    (most) => queue.resize(Math.max(1, Math.min(places, most ?? places))),
  );
  const context: IcapContext = {
    ...{ name, address, timeoutMs, pool },
    maxBytes: options.maxBytes ?? 5 * 1024 * 1024,
    settings: () => knowledge.settings(),
    versions: () => ({
      engine: name,
      engineVersion: knowledge.last?.service ?? '',
      rulesVersion: knowledge.last?.isTag ?? '',
    }),
  };
  return {
    name,
    open: (target, signal) => createIcapSession(context, queue, target, signal),
    health: () => health(context, knowledge),
    close: () => {
      queue.close();
      pool.close();
      return Promise.resolve();
    },
  };
}

async function health(context: IcapContext, knowledge: Knowledge): Promise<EngineHealth> {
  try {
    const { detects, blind } = await knowledge.settings(true);
    const complaints = [
      detects ? '' : 'the service did not find the EICAR test file: it does not scan',
      ...blind.map(({ name }) => `the service did not find EICAR inside a ${name}: let it scan files of this type`),
    ].filter((text) => text !== '');
    return { ...context.versions(), ok: complaints.length === 0, detail: ['answers', ...complaints].join('; ') };
  } catch {
    return { ...context.versions(), ok: false, detail: 'the ICAP service does not answer at the configured address' };
  }
}

type Probes = Pick<IcapSettings, 'detects' | 'says204' | 'blind'>;

/** What we know about the service, asked for again when it is old. A service that shows another tag is not shown EICAR again. */
class Knowledge {
  last: IcapSettings | undefined;
  private options: { until: number; answer: Promise<IcapOptions> } | undefined;
  private probes: { until: number; answer: Promise<Probes> } | undefined;
  private readonly askAgain: () => Promise<IcapOptions>;
  private readonly probeAgain: () => Promise<Probes>;
  private readonly bound: (maxConnections: number | undefined) => void;

  constructor(
    askAgain: () => Promise<IcapOptions>,
    probeAgain: () => Promise<Probes>,
    bound: (maxConnections: number | undefined) => void,
  ) {
    this.askAgain = askAgain;
    this.probeAgain = probeAgain;
    this.bound = bound;
  }

  async settings(fresh = false): Promise<IcapSettings> {
    const now = Date.now();
    if (!this.options || fresh || now > this.options.until) this.options = this.ask(now);
    const options = await this.options.answer;
    if (!this.probes || now > this.probes.until) this.probes = this.probe(now);
    const settings = { service: options.service, isTag: options.isTag, ...(await this.probes.answer) };
    this.last = settings;
    return settings;
  }

  private ask(now: number): NonNullable<Knowledge['options']> {
    const entry = { until: now + OPTIONS_LIVE_MS.least, answer: this.askAgain() };
    entry.answer.then(
      ({ ttlMs, maxConnections }) => {
        const { least, most } = OPTIONS_LIVE_MS;
        entry.until = now + Math.min(most, Math.max(least, ttlMs ?? most));
        this.bound(maxConnections);
      },
      () => {
        if (this.options === entry) this.options = undefined;
      },
    );
    return entry;
  }

  private probe(now: number): NonNullable<Knowledge['probes']> {
    const entry = { until: now + PROBES_LIVE_MS, answer: this.probeAgain() };
    entry.answer.then(
      // A service that scans nothing may be mended at any time.
      ({ detects, blind }) => void (detects && blind.length === 0 ? 0 : (entry.until = now + OPTIONS_LIVE_MS.least)),
      () => {
        if (this.probes === entry) this.probes = undefined;
      },
    );
    return entry;
  }
}
