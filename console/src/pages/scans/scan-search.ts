import { CHANNELS, ITEM_KINDS, ITEM_STATES, VERDICTS } from '../../../../domain/words';
import type { ChannelName, ItemKind, ItemState, Verdict } from '../../../../domain/words';

const TIMES = { '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 } as const;
/** Spans that the list can be narrowed to. */
export type TimeSpan = keyof typeof TIMES;

/** Filters that hold one text each. */
export const TEXT_FILTERS = [
  'text',
  'ticket',
  'sha256',
  'type',
  'engine',
  'rule',
  'requester',
  'organisation',
  'from',
  'to',
] as const;
type TextFilter = (typeof TEXT_FILTERS)[number];

/** The filters of the list as they stand in the address; lists hold commas. */
export type ScanSearch = Partial<Record<TextFilter | 'channel' | 'verdict' | 'state' | 'kind' | 'since', string>>;

/** Reads the filters of an address; unknown words are left out, so an old link still opens. */
export function readScanSearch(search: Record<string, unknown>): ScanSearch {
  const read: ScanSearch = {};
  for (const name of TEXT_FILTERS) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') read[name] = value;
  }
  const lists = { channel: CHANNELS, verdict: VERDICTS, state: ITEM_STATES, kind: ITEM_KINDS } as const;
  for (const [name, words] of Object.entries(lists)) {
    const chosen = wordsOf(search[name], words);
    if (chosen.length > 0) read[name as keyof typeof lists] = chosen.join(',');
  }
  const { since } = search;
  if (typeof since === 'string' && since in TIMES) read.since = since;
  return read;
}

/** The words of a list that an address may hold. */
export function wordsOf<const W extends string>(value: unknown, words: readonly W[]): W[] {
  const given = typeof value === 'string' ? value.split(',') : [];
  return words.filter((word) => given.includes(word));
}

/** What the API takes in place of the address. A span begins at a full minute, so that its pages stay one list. */
export function queryOf(search: ScanSearch, now: number) {
  const span = search.since !== undefined && search.since in TIMES ? TIMES[search.since as TimeSpan] : undefined;
  const listOf = (value: string | undefined) => (value === undefined ? undefined : value.split(','));
  const query = {
    channel: listed<ChannelName>(search.channel, CHANNELS),
    verdict: listed<Verdict>(search.verdict, VERDICTS),
    state: listed<ItemState>(search.state, ITEM_STATES),
    kind: listed<ItemKind>(search.kind, ITEM_KINDS),
    type: listOf(search.type),
    engine: listOf(search.engine),
    rule: listOf(search.rule),
    text: search.text,
    ticket: search.ticket,
    sha256: search.sha256?.toLowerCase(),
    requester: search.requester,
    organisation: search.organisation,
    from: search.from === undefined ? (span === undefined ? undefined : minute(now - span)) : timeOf(search.from),
    to: search.to === undefined ? undefined : timeOf(search.to),
  };
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof typeof query]?: NonNullable<(typeof query)[K]> };
}

function listed<W extends string>(value: string | undefined, words: readonly W[]): W[] | undefined {
  const chosen = wordsOf(value, words);
  return chosen.length > 0 ? chosen : undefined;
}

function minute(at: number): string {
  return new Date(Math.floor(at / 60_000) * 60_000).toISOString();
}

/** A local time of a date field, as the API takes it; what is none goes on as it is, and the API says what is wrong. */
function timeOf(local: string): string {
  const at = Date.parse(local);
  return Number.isNaN(at) ? local : new Date(at).toISOString();
}
