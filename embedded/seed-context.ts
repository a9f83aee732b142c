/** What the demonstration's seeding gets and gives; `seed.ts` does it, `everything.ts` calls it. */
import type { ReadyLine } from './supervisor';

/** The running parts, as seeding and the demonstration need them. */
export interface SeedContext {
  /** Origin of the API and console, without a slash at the end. */
  apiUrl: string;
  /** Connection string of the owner: seeding writes below row-level security. */
  ownerUrl: string;
  /** Connection string of the role the product runs under. */
  databaseUrl: string;
  zendesk: {
    /** Origin of the simulator. */
    url: string;
    /** Everything the simulator said when it was ready. */
    ready: ReadyLine;
  };
  mail: { smtpUrl: string; url: string };
  temporal: { address: string; namespace: string; uiUrl: string | undefined };
  /** Secrets that must survive a restart (keys shown to the user) may be kept below it with mode 0600. */
  dataDir: string;
  say: (line: string) => void;
}

/** What seeding returns; the same values at every start on the same data. */
export interface Seeded {
  apiKeys: { admin: string; support: string; analyst: string; viewer: string };
  zendeskCredentials: { subdomain: string; token: string };
  /** The console's page and one person a role; each may have chosen another password since. */
  signIn: { url: string; people: { role: keyof Seeded['apiKeys']; email: string; password: string }[] };
}

/** Makes sure that the demonstration organisation exists and its channel is activated; harmless when repeated. */
export type Seed = (context: SeedContext) => Promise<Seeded>;
