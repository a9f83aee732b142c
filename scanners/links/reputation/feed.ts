import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import type { Severity } from '../../../domain/words';
import type { LinkAnswer, LinkEngine } from '../link-engine';
import { expressionsOf } from './expressions';
import { PrefixStore } from './prefix-store';

export interface FeedOptions {
  /** `urlhaus`, `threatfox`, or the operator's own name. */
  name: string;
  /** The file as it was downloaded: CSV of URLhaus or ThreatFox, a list of URLs or domains, or a hosts file. */
  content: string;
  loadedAt: Date;
  /** A list older than this makes the engine unhealthy. Default 7 days. */
  maxAgeDays?: number;
  /** Default high. */
  severity?: Severity;
  now?: () => Date;
}

/**
 * A downloaded list of bad links, asked on this machine only. Comments (`#`) are skipped, the separator is found out; a line
 * without address is skipped and counted.
 * @throws Error when the file holds no address at all: an error page must not pass for an empty list
 */
export function createFeedEngine(options: FeedOptions): LinkEngine & { size: number; skipped: number } {
  const { name, content, loadedAt, maxAgeDays = 7, severity = 'high', now = () => new Date() } = options;
  const { expressions, skipped } = readFeed(content);
  if (expressions.length === 0) throw new Error(`the list ${name} holds no address`);
  const store = new PrefixStore(expressions);
  const version = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const finding = {
    engine: name,
    rule: 'Link_On_Bad_List',
    severity,
    what: 'A list of known bad links names this address.',
  };
  const answer = (url: string): LinkAnswer =>
    store.knows(url) ? { url, result: 'known', findings: [finding] } : { url, result: 'nothing' };
  return {
    name,
    local: true,
    size: store.size,
    skipped,
    look: (urls) => Promise.resolve(urls.map(answer)),
    health: () => {
      const days = Math.floor((now().getTime() - loadedAt.getTime()) / 86_400_000);
      const detail = `${store.size} entries, ${days} days old`;
      return Promise.resolve({ engine: name, ok: days <= maxAgeDays, detail, rulesVersion: version });
    },
  };
}

function readFeed(content: string): { expressions: string[]; skipped: number } {
  const lines = content.split(/\r?\n/u).filter((line) => line.trim() !== '' && !/^\s*[#;!]/u.test(line));
  const separator = /^"?[^",;\t]*"?([,;\t])/u.exec(lines[0] ?? '')?.[1];
  const expressions: string[] = [];
  let skipped = 0;
  for (const line of lines) {
    const expression = separator === undefined ? asExpression(line) : fromCells(line, separator);
    if (expression === undefined) skipped += 1;
    else expressions.push(expression);
  }
  return { expressions, skipped };
}

/** The first cell that is an address; tables put numbers, dates and statuses before it and links to reports behind. */
function fromCells(line: string, separator: string): string | undefined {
  try {
    const [cells = []] = parse(line, {
      delimiter: separator,
      relax_quotes: true,
      relax_column_count: true,
      trim: true,
    });
    for (const cell of cells as unknown as string[]) {
      const expression = asExpression(cell.replace(/^"|"$/gu, ''));
      if (expression !== undefined) return expression;
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/** `http://…`, `example.com`, `203.0.113.5:8080` (ThreatFox), `0.0.0.0 example.com` (hosts file), `||example.com^` (filter list). */
function asExpression(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+/u, '')
    .replace(/^\|\|([^/^]+)\^.*$/u, '$1');
  if (/^https?:\/\//iu.test(bare)) return expressionsOf(bare)[0];
  if (!/^(?:\*\.)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.(?:[\p{L}][\p{L}\p{N}-]+|\d{1,3})(?::\d{1,5})?$/u.test(bare))
    return undefined;
  if (/^\d+(?:\.\d+)?$/u.test(bare)) return undefined;
  return expressionsOf(`http://${bare.replace(/^\*\./u, '').replace(/:\d+$/u, '')}/`)[0];
}
