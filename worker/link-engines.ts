import type { Logger } from '../activities/deps';
import type { Config } from '../config/config';
import { ConfigError } from '../config/env';
import type { Secrets } from '../config/secrets';
import {
  createGoogleEngine,
  createLinkFetcher,
  createRedirectFollower,
  createThreatfoxEngine,
  createUrlhausEngine,
  guardLinkEngine,
  watchFeed,
  type GuardedLinkEngine,
  type LinkEngine,
  type RedirectFollower,
} from '../scanners/links/index';

/** Sources that know bad links, as this installation is configured for. */
export interface LinkEngineSet {
  engines: readonly GuardedLinkEngine[];
  /** Names of those that must answer. */
  required: readonly string[];
  /** Follows redirects; undefined where the installation does not. */
  follow: RedirectFollower | undefined;
  close(): void;
}

/** Longest wait for one answer of a service, whatever engines of files are given: a comment has many links. */
const MAX_ANSWER_MS = 10_000;

/**
 * Makes the link engines that are configured. None is asked before the first link.
 * @throws with a sentence for the operator where an engine is required that is not configured
 */
export async function startLinkEngines(
  { links, scanning }: Pick<Config, 'links' | 'scanning'>,
  { linkServices }: Pick<Secrets, 'linkServices'>,
  log: Logger,
): Promise<LinkEngineSet> {
  const { timeoutMs, failures, openMs } = scanning.outside;
  const guard = { failures, openMs };
  const services = servicesOf(links, linkServices ?? {}, Math.min(timeoutMs, MAX_ANSWER_MS));
  const names = [...services.map(({ name }) => name), ...links.feeds.map(({ name }) => name)];
  const required = links.requiredEngines ?? names;
  const unknown = required.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const known = names.length === 0 ? 'none is configured' : `configured are ${names.join(', ')}`;
    throw new ConfigError([`LAZARET_REQUIRED_LINK_ENGINES names ${unknown.join(', ')}, but ${known}.`]);
  }
  const feeds = await Promise.all(
    links.feeds.map(async (feed) => {
      const watched = await watchFeed({
        ...feed,
        maxAgeDays: links.feedMaxAgeDays,
        onList: (change) => log[change.taken ? 'info' : 'warn']({ ...change }, 'a list of bad links changed'),
      });
      return guardLinkEngine(watched.engine, guard, watched.close);
    }),
  );
  const engines = [...services.map((engine) => guardLinkEngine(engine, guard)), ...feeds];
  return {
    engines,
    required,
    follow: links.followRedirects ? createRedirectFollower(createLinkFetcher()) : undefined,
    close: () => engines.forEach((engine) => engine.close()),
  };
}

function servicesOf(
  links: Config['links'],
  { webRisk, safeBrowsing, abuseCh }: NonNullable<Secrets['linkServices']>,
  timeoutMs: number,
): LinkEngine[] {
  const at = (base: string | undefined): { timeoutMs: number; base?: string } => ({ timeoutMs, ...(base && { base }) });
  return [
    ...(webRisk === undefined ? [] : [createGoogleEngine({ api: 'webrisk', key: webRisk, ...at(links.googleUrl) })]),
    ...(safeBrowsing === undefined
      ? []
      : [createGoogleEngine({ api: 'safebrowsing', key: safeBrowsing, ...at(links.googleUrl) })]),
    ...(abuseCh === undefined
      ? []
      : [
          createUrlhausEngine({ key: abuseCh, ...at(links.urlhausUrl) }),
          createThreatfoxEngine({ key: abuseCh, ...at(links.threatfoxUrl) }),
        ]),
  ];
}
