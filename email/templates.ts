import type { NoteBatch, NoteItem, Paragraph } from '../domain/note';
import { NOTE_KINDS, noteParagraphs, reasonInWords, scanLabel } from '../domain/note';
import { countOf, MAIL_TEXTS, ROLE_WORDS, SUBJECTS, TEXTS, VERDICT_WORDS } from '../domain/note-texts';
import { fileNameForMail, textForMail } from '../domain/text';
import type { DecidedVerdict, Role } from '../domain/words';
import type { MailContent } from './layout';
import { layOutMail } from './layout';
import { aroundDetails } from './note-template';

/** Templates are pure: the same input gives the same mail, so that a repetition is the same mail. */

const DIGEST_ROWS = 50;

/** The mail about one batch; it says the same as the internal note, with ticket and organisation. */
export function noteMail(batch: NoteBatch): MailContent {
  const ticket = ticketId(batch.ticketId);
  const told: Paragraph[] = [
    ...noteParagraphs(batch.items, batch.retentionDays),
    ...(batch.noteRefusal ? [[{ plain: TEXTS.noteRefused(reasonInWords(batch.noteRefusal)) }]] : []),
    [
      { plain: `${MAIL_TEXTS.organisation}: ${name(batch.organisationName)} · ${name(batch.subdomain)} · ` },
      { link: batch.ticketUrl, label: MAIL_TEXTS.openTicket },
    ],
  ];
  const paragraphs = aroundDetails(batch.templates?.mail, batch, told);
  const subject = `${happened(batch.items)} in ${MAIL_TEXTS.ticket(ticket)}`;
  return layOutMail(subject, paragraphs, MAIL_TEXTS.footer(name(batch.organisationName)));
}

/** `2 files quarantined, 1 file released`. */
function happened(items: readonly NoteItem[]): string {
  const parts = NOTE_KINDS.flatMap((kind) => {
    const count = items.filter((item) => item.kind === kind).length;
    return count === 0 ? [] : [SUBJECTS[kind](count)];
  });
  return parts.join(', ') || countOf(0, 'file');
}

/** What a mail about a connection needs to say. */
export interface ConnectionMail {
  organisationName: string;
  connectionId: string;
  subdomain: string;
  /** Our own page about the connection. */
  connectionUrl: string;
}

/** To the admins: support has verified the connection. */
export function connectionVerifiedMail(about: ConnectionMail): MailContent {
  return connectionMail(about, MAIL_TEXTS.verifiedSubject, MAIL_TEXTS.verified, MAIL_TEXTS.connectionLink);
}

/** To the admins: Zendesk refuses our tokens, an admin has to sign in again. */
export function reconnectNeededMail(about: ConnectionMail): MailContent {
  return connectionMail(about, MAIL_TEXTS.reconnectSubject, MAIL_TEXTS.reconnect, MAIL_TEXTS.reconnectLink);
}

function connectionMail(
  about: ConnectionMail,
  subject: (connection: string) => string,
  body: (account: string) => string,
  linkLabel: string,
): MailContent {
  const paragraphs: Paragraph[] = [
    [{ plain: body(`the Zendesk account ${name(about.subdomain)}`).replace(/^the /u, 'The ') }],
    [{ link: about.connectionUrl, label: linkLabel }, { plain: '.' }],
    [{ plain: `${MAIL_TEXTS.organisation}: ${name(about.organisationName)}` }],
  ];
  const footer = MAIL_TEXTS.footer(name(about.organisationName));
  return layOutMail(subject(scanLabel(about.connectionId)), paragraphs, footer);
}

/** What a mail about an investigation needs to say. Names and reasons are as others wrote them. */
export interface InvestigationMail {
  organisationName: string;
  scanId: string;
  fileName: string;
  scanUrl: string;
  /** What the requester thinks; undefined: not sure. */
  expected?: DecidedVerdict;
  requestedBy: Role | 'agent';
  requestReason: string;
}

/** To the analysts: somebody asks them to look again. */
export function investigationRequestedMail(about: InvestigationMail): MailContent {
  const who = capital(about.requestedBy === 'agent' ? 'a Zendesk agent' : ROLE_WORDS[about.requestedBy]);
  const thinks = about.expected === undefined ? MAIL_TEXTS.undecided : VERDICT_WORDS[about.expected].toLowerCase();
  const paragraphs: Paragraph[] = [
    [{ plain: MAIL_TEXTS.requested(who, thinks) }],
    filePieces(about),
    [{ plain: `${TEXTS.reasonGiven} ${textForMail(about.requestReason, 2000)}` }],
    [{ plain: `${MAIL_TEXTS.organisation}: ${name(about.organisationName)}` }],
  ];
  const footer = MAIL_TEXTS.footer(name(about.organisationName));
  return layOutMail(MAIL_TEXTS.requestedSubject(scanLabel(about.scanId)), paragraphs, footer);
}

/** To the requester: what the analysts answered. */
export function investigationAnsweredMail(
  about: InvestigationMail & { verdict: DecidedVerdict; answer: string },
): MailContent {
  const paragraphs: Paragraph[] = [
    [{ strong: MAIL_TEXTS.answered(VERDICT_WORDS[about.verdict].toLowerCase()) }],
    filePieces(about),
    [{ plain: `${TEXTS.reasonGiven} ${textForMail(about.answer, 2000)}` }],
  ];
  const footer = MAIL_TEXTS.requesterFooter(name(about.organisationName));
  return layOutMail(MAIL_TEXTS.answeredSubject(scanLabel(about.scanId)), paragraphs, footer);
}

function filePieces(about: InvestigationMail): Paragraph {
  return [
    { code: fileNameForMail(about.fileName) },
    { plain: `. ${TEXTS.details} ` },
    { link: about.scanUrl, label: TEXTS.scan(scanLabel(about.scanId)) },
    { plain: '.' },
  ];
}

/** One mail in place of many: newest first, fifty rows, the rest counted. */
export function digestMail(organisationName: string, notes: readonly { batch: NoteBatch; at: Date }[]): MailContent {
  const newestFirst = [...notes].sort((a, b) => b.at.getTime() - a.at.getTime());
  const rows = newestFirst.slice(0, DIGEST_ROWS).map(({ batch, at }) => ({
    cells: [minute(at), MAIL_TEXTS.ticket(ticketId(batch.ticketId)), happened(batch.items)],
    ...(/^https?:\/\/[^\s"<>{}]+$/u.test(batch.ticketUrl) ? { link: batch.ticketUrl } : {}),
  }));
  const count = countOf(notes.length, 'note');
  const files = countOf(
    notes.reduce((sum, { batch }) => sum + batch.items.length, 0),
    'file',
  );
  const left = notes.length - rows.length;
  const paragraphs: Paragraph[] = [
    [{ plain: MAIL_TEXTS.digest(count, files) }],
    ...(left > 0 ? [[{ plain: MAIL_TEXTS.digestMore(countOf(left, 'more note')) }]] : []),
  ];
  const footer = MAIL_TEXTS.footer(name(organisationName));
  return layOutMail(MAIL_TEXTS.digestSubject(count), paragraphs, footer, { head: MAIL_TEXTS.digestHead, rows });
}

function minute(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function name(text: string): string {
  return textForMail(text, 80);
}

/** Ticket ids are digits; anything else has no place in a subject. */
function ticketId(id: string): string {
  return id.replace(/\D/gu, '').slice(0, 20);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
