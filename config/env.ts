/** The only file that reads the process's environment. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Returns the directory for files that can be made again. */
export function userCacheDir(): string {
  const given = process.env['XDG_CACHE_HOME'];
  return given !== undefined && given.startsWith('/') ? given : join(homedir(), '.cache');
}

/** Returns PATH, empty where it is not set. */
export function searchPath(): string {
  return process.env['PATH'] ?? '';
}

/** Returns this process's environment with some variables set, for a child process. */
export function environmentWith(added: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...added };
}

/** Servers of one's own that the tests shall use in place of embedded ones. */
export interface TestServers {
  ownerUrl: string | undefined;
  /** Name and password of the role in DATABASE_URL. */
  appUser: { name: string; password: string } | undefined;
  temporalAddress: string | undefined;
  temporalNamespace: string;
}

/** Reads DATABASE_OWNER_URL (it must be allowed to create databases), DATABASE_URL and TEMPORAL_ADDRESS for the tests. */
export function testServers(): TestServers {
  const appUrl = nonEmpty('DATABASE_URL');
  const app = appUrl === undefined ? undefined : new URL(appUrl);
  return {
    ownerUrl: nonEmpty('DATABASE_OWNER_URL'),
    appUser: app && { name: decodeURIComponent(app.username), password: decodeURIComponent(app.password) },
    temporalAddress: nonEmpty('TEMPORAL_ADDRESS'),
    temporalNamespace: nonEmpty('TEMPORAL_NAMESPACE') ?? 'default',
  };
}

/** A variable that is set to nothing counts as not set. */
function nonEmpty(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}
