import type { Finding } from './inspection';
import {
  DECISION_WORDS,
  ENGINE_WORDS,
  HEADLINES,
  ROLE_WORDS,
  STATE_WORDS,
  TEXTS,
  UNSCANNABLE_WORDS,
  VERDICT_WORDS,
} from './note-texts';
import { capital, listInWords, sentence } from './sentences';
import { breakPlaceholders, cutMiddle, escapeHtml, fileNameForMail, textForMail } from './text';
import type { DecidedVerdict, PolicySubject, Role, StateReason, UnscannableReason, Verdict } from './words';

/** One thing to tell about one file. Names, paths, findings and reasons are as others wrote them. */
export interface NoteItem {
  kind:
    | 'contained'
    | 'released'
    | 'blocked_at_source'
    | 'noted'
    | 'refused'
    | 'release_refused'
    | 'link'
    | 'link_redacted'
    | 'link_restored';
  scanId: string;
  /** Of a link: the URL with every secret masked. */
  fileName: string;
  /** A link in full, for the note that states it again. */
  url?: string;
  /** Bytes. */
  size: number;
  sha256: string;
  verdict: Verdict;
  reason?: UnscannableReason | StateReason;
  /** The line of the policy that it stands under, which says who is mailed. */
  subject?: PolicySubject | undefined;
  findings: Pick<Finding, 'engine' | 'what' | 'path'>[];
  decision?: { verdict: DecidedVerdict; role: Role; reason: string };
  /** Our own addresses: the only live links. */
  scanUrl: string;
  investigateUrl: string;
}

/** What happened on one ticket within seconds: one note, one mail per address. */
export interface NoteBatch {
  /** Operation key; the same for every try. */
  key: string;
  organisationName: string;
  subdomain: string;
  ticketId: string;
  ticketUrl: string;
  retentionDays: number;
  items: NoteItem[];
  /** The organisation's own text around it. */
  templates?: { note: string | null; mail: string | null };
  /** Why the ticket did not take the note; only mails tell it. */
  noteRefusal?: StateReason;
}

/** A piece of a paragraph. `plain` text is ours or made harmless before; `link` goes to one of our own pages. */
export type Piece = { code: string } | { plain: string } | { strong: string } | { link: string; label: string };
export type Paragraph = Piece[];

/** Order in which a note tells things: what a reader must know first comes first. */
export const NOTE_KINDS = [
  'refused',
  'contained',
  'link',
  'link_redacted',
  'blocked_at_source',
  'release_refused',
  'released',
  'link_restored',
  'noted',
] as const satisfies readonly NoteItem['kind'][];

const FULL_ITEMS = 10;
const SHORT_ITEMS = 30;
const PATH_PARTS = 4;
const PATH_PART_CHARACTERS = 48;

/**
 * The paragraphs about these items, for a note or a mail: bounded however many there are (ten in full, thirty by name, the
 * rest counted).
 */
export function noteParagraphs(items: readonly NoteItem[], retentionDays: number): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let shown = 0;
  for (const kind of NOTE_KINDS) {
    const ofKind = items.filter((item) => item.kind === kind);
    if (ofKind.length === 0) continue;
    paragraphs.push([{ strong: HEADLINES[kind](ofKind.length) }]);
    for (const item of ofKind) {
      if (shown < FULL_ITEMS) paragraphs.push(fullParagraph(item, retentionDays));
      else if (shown < FULL_ITEMS + SHORT_ITEMS) paragraphs.push(shortParagraph(item));
      shown += 1;
    }
  }
  const left = shown - FULL_ITEMS - SHORT_ITEMS;
  if (left > 0) paragraphs.push([{ plain: `${TEXTS.moreFiles(left)}.` }]);
  return paragraphs;
}

/** A link is never live in a note; the one that is stated again is in full, so that a person can put it together. */
function linkParagraph(item: NoteItem): Paragraph {
  const shown = item.kind === 'link_restored' ? (item.url ?? item.fileName) : item.fileName;
  const pieces: Paragraph = [{ code: textForMail(shown, 2000) }, { plain: ': ' }];
  pieces.push(...findingPieces({ ...item, fileName: '' }), { plain: `${verdictSentence(item)} ` });
  if (item.kind === 'link_redacted') pieces.push({ plain: `${TEXTS.linkKept} ` });
  if (item.decision) pieces.push({ plain: `${decisionSentence(item.decision)} ` });
  pieces.push(...scanPieces(item), { plain: '.' });
  return pieces;
}

function isLink(item: NoteItem): boolean {
  return item.kind === 'link' || item.kind === 'link_redacted' || item.kind === 'link_restored';
}

function fullParagraph(item: NoteItem, retentionDays: number): Paragraph {
  if (isLink(item)) return linkParagraph(item);
  const pieces: Paragraph = [{ code: fileNameForMail(item.fileName) }, { plain: ` (${sizeInWords(item.size)}): ` }];
  pieces.push(...findingPieces(item), { plain: `${verdictSentence(item)} ` }, ...actPieces(item, retentionDays));
  if (item.decision) pieces.push({ plain: `${decisionSentence(item.decision)} ` });
  if (mayAskAgain(item)) {
    pieces.push({ plain: `${item.verdict === 'clean' ? TEXTS.harmful : TEXTS.harmless} ` });
    pieces.push({ link: item.investigateUrl, label: TEXTS.investigate }, { plain: '. ' });
  }
  pieces.push(...scanPieces(item), { plain: '. SHA-256 ' }, { code: hashInWords(item) }, { plain: '.' });
  return pieces;
}

function shortParagraph(item: NoteItem): Paragraph {
  if (isLink(item)) return linkParagraph(item);
  return [
    { code: fileNameForMail(item.fileName) },
    { plain: ` (${sizeInWords(item.size)}): ${verdictSentence(item)} ` },
    ...scanPieces(item),
    { plain: '.' },
  ];
}

function scanPieces(item: NoteItem): Paragraph {
  return [{ plain: `${TEXTS.details} ` }, { link: item.scanUrl, label: TEXTS.scan(scanLabel(item.scanId)) }];
}

/** The first finding as a sentence; the others are counted. */
function findingPieces(item: NoteItem): Paragraph {
  const [first, ...others] = item.findings;
  if (!first) return [];
  const pieces: Paragraph = [];
  const inner = innerPath(first.path, item.fileName);
  if (inner.length > 0) {
    pieces.push(
      { plain: `${TEXTS.inside} ` },
      { code: inner.map((name) => fileNameForMail(cutMiddle(name, PATH_PART_CHARACTERS))).join(' › ') },
      { plain: ': ' },
    );
  }
  pieces.push({ plain: `${sentence(textForMail(first.what, 240))} ` });
  const different = new Set(others.map((finding) => finding.what).filter((what) => what !== first.what)).size;
  if (different > 0) pieces.push({ plain: `${TEXTS.moreFindings(different)} ` });
  return pieces;
}

/** The way into containers, without the file itself; the middle of a long way is left out. */
function innerPath(path: readonly string[], fileName: string): string[] {
  const [outer, ...rest] = path;
  if (outer === undefined) return [];
  const inner = outer.slice(0, 16) === fileName.slice(0, 16) ? rest : [...path];
  return inner.length <= PATH_PARTS ? inner : [...inner.slice(0, 2), '…', ...inner.slice(-1)];
}

function verdictSentence(item: NoteItem): string {
  const word = VERDICT_WORDS[item.verdict];
  if (item.verdict === 'unscannable') {
    const why = item.reason === undefined ? undefined : reasonInWords(item.reason);
    return why === undefined ? `${word}.` : `${word}: ${why}.`;
  }
  // Engines are named only with a verdict that can be theirs: a clean one above findings is a person's.
  const named = item.verdict === 'clean' ? [] : item.findings;
  const engines = [...new Set(named.map((finding) => engineName(finding.engine)))];
  return engines.length === 0 ? `${word}.` : `${word}, ${TEXTS.foundBy(listInWords(engines))}.`;
}

function actPieces(item: NoteItem, retentionDays: number): Paragraph {
  switch (item.kind) {
    case 'contained':
      return [{ plain: `${TEXTS.kept(retentionDays)} ` }];
    case 'released':
      return [{ plain: `${TEXTS.sameBytes} ` }];
    case 'blocked_at_source':
      return [{ plain: `${TEXTS.notKept} ` }];
    case 'refused':
    case 'release_refused':
      if (item.reason === undefined || item.verdict === 'unscannable') return [];
      return [{ plain: `${sentence(capital(reasonInWords(item.reason)))} ` }];
    case 'noted':
    case 'link':
    case 'link_redacted':
    case 'link_restored':
      return [];
    default:
      return item.kind satisfies never;
  }
}

function decisionSentence(decision: NonNullable<NoteItem['decision']>): string {
  const judged = TEXTS.decidedBy(ROLE_WORDS[decision.role], DECISION_WORDS[decision.verdict]);
  const reason = textForMail(decision.reason, 400).trim();
  return reason === '' ? `${judged}.` : `${judged}. ${TEXTS.reasonGiven} ${sentence(reason)}`;
}

function mayAskAgain(item: NoteItem): boolean {
  return item.kind !== 'released' && item.kind !== 'release_refused';
}

/** Any reason of either closed list, in words. */
export function reasonInWords(reason: UnscannableReason | StateReason): string {
  return reason in UNSCANNABLE_WORDS
    ? UNSCANNABLE_WORDS[reason as UnscannableReason]
    : STATE_WORDS[reason as StateReason];
}

/** `1 byte`, `512 bytes`, `38 KB`, `1.4 MB`; kilobytes of 1,024 bytes. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? 'TB'}`;
}

/** Short form of a scan's id, for people: its last four characters. */
export function scanLabel(scanId: string): string {
  return textForMail(scanId.slice(-4).toUpperCase(), 4);
}

function hashInWords(item: NoteItem): string {
  // A released file's hash is the proof that the bytes are the same: in full.
  const hash = textForMail(item.sha256, 64);
  return item.kind === 'released' ? hash : `${hash.slice(0, 4)}…${hash.slice(-4)}`;
}

function engineName(engine: string): string {
  return Object.hasOwn(ENGINE_WORDS, engine) ? (ENGINE_WORDS[engine] ?? engine) : textForMail(engine, 40);
}

/** Paragraphs as HTML: `p`, `strong`, `code` and `a` only, escaped, without placeholders. */
export function paragraphsToHtml(paragraphs: readonly Paragraph[]): string {
  return paragraphs.map((pieces) => `<p>${pieces.map(pieceToHtml).join('')}</p>`).join('\n');
}

function pieceToHtml(piece: Piece): string {
  if ('code' in piece) return `<code>${safeHtml(piece.code)}</code>`;
  if ('strong' in piece) return `<strong>${safeHtml(piece.strong)}</strong>`;
  if ('plain' in piece) return safeHtml(piece.plain);
  const label = `<strong>${safeHtml(piece.label)}</strong>`;
  return isOwnLink(piece.link) ? `<a href="${linkHref(piece.link)}">${label}</a>` : label;
}

function safeHtml(text: string): string {
  return escapeHtml(breakPlaceholders(text));
}

/** Paragraphs as plain text, one line each; a link's address follows its label. */
export function paragraphsToText(paragraphs: readonly Paragraph[]): string {
  return paragraphs.map((pieces) => breakPlaceholders(pieces.map(pieceToText).join(''))).join('\n\n');
}

function pieceToText(piece: Piece): string {
  if ('code' in piece) return piece.code;
  if ('strong' in piece) return piece.strong;
  if ('plain' in piece) return piece.plain;
  return isOwnLink(piece.link) ? `${piece.label} (${piece.link})` : piece.label;
}

/** Our links come from configuration and ids; anything else (a space, a quote, another scheme) makes no link. */
function isOwnLink(link: string): boolean {
  return /^https?:\/\/[A-Za-z0-9.[\]:-]+(?:[/?#][A-Za-z0-9._~:/?#@!$&()*+,;=%-]*)?$/u.test(link);
}

function linkHref(link: string): string {
  return escapeHtml(link);
}
