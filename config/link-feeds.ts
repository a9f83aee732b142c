/** Lists of bad links that somebody else downloads and keeps fresh. */

/** One list. */
export interface LinkFeed {
  /** What findings and the engine are called by. */
  name: string;
  path: string;
}

/** Names under which other engines stand among findings. */
const TAKEN: readonly string[] = [
  ...['webrisk', 'safebrowsing', 'urlhaus', 'threatfox', 'links', 'lists'],
  ...['embedded', 'clamd', 'icap', 'virustotal', 'zendesk', 'none'],
];

/** Reads `name=path,name=path`; undefined where that is not what it is, or a name stands twice or for another engine. */
export function parseFeeds(text: string): LinkFeed[] | undefined {
  const pairs = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const feeds = pairs.flatMap((pair): LinkFeed[] => {
    const [, name, path] = /^([a-z][a-z0-9-]{0,49})=(\S.*)$/u.exec(pair) ?? [];
    return name === undefined || path === undefined || TAKEN.includes(name) ? [] : [{ name, path }];
  });
  const distinct = new Set(feeds.map(({ name }) => name)).size === feeds.length;
  return feeds.length > 0 && feeds.length === pairs.length && distinct ? feeds : undefined;
}
