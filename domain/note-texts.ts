import type { NoteItem } from './note';
import type { DecidedVerdict, Role, StateReason, UnscannableReason, Verdict } from './words';

/** Every English text of notes and mails. Plain, exact, calm: what happened, to which file, why, what to do. */

export const VERDICT_WORDS: Record<Verdict, string> = {
  pending: 'Scanning',
  clean: 'Clean',
  suspicious: 'Suspicious',
  malicious: 'Malicious',
  unscannable: 'Could not be scanned',
};

export const UNSCANNABLE_WORDS: Record<UnscannableReason, string> = {
  too_large: 'it is larger than what is scanned here',
  encrypted: 'it is protected by a password',
  timeout: 'the scan took too long',
  engine_unavailable: 'a required engine did not answer',
  engine_crashed: 'an engine stopped while reading it',
  limit_reached: 'it is nested or packed beyond what is unpacked here',
  truncated: 'it arrived incomplete',
  gone: 'it was gone before it could be read',
  malformed: 'it is damaged',
  too_many_links: 'there are too many links',
};

export const STATE_WORDS: Record<StateReason, string> = {
  containing: 'removal is under way',
  scanner: 'an outside scanner has not answered yet',
  zendesk_budget: 'Zendesk allows no more requests for the moment',
  zendesk_unavailable: 'Zendesk does not answer',
  reconnect_needed: 'Zendesk no longer accepts the sign-in; an admin has to reconnect',
  redaction_forbidden: 'Zendesk does not allow the connected user to redact here',
  redaction_unavailable: 'this account offers no redaction of attachments',
  redacted_url_live: 'Zendesk still gives out the file after redaction',
  seal_unverified: 'no verified sealed copy could be made, so nothing was removed',
  listing_mismatch: 'the attachment listed now is not the one that was scanned',
  ticket_closed: 'the ticket is closed',
  ticket_gone: 'the ticket no longer exists',
  uploads_restricted: 'Zendesk does not accept this file as an upload',
  comment_limit: 'the ticket takes no more comments',
  sealed_copy_missing: 'no sealed copy was made of it',
  not_active: 'the connection is not active',
  follow_up: 'an admin asked for a follow-up ticket that carries the file',
  note_forbidden: 'Zendesk does not allow the connected user to write notes here',
  note_rejected: 'Zendesk refused the note',
  release_unproven: 'the returned file could not be read back from Zendesk to prove that it is the same',
};

export const ROLE_WORDS: Record<Role, string> = {
  viewer: 'a viewer',
  admin: 'an admin',
  support: 'Lazaret support',
  analyst: 'an analyst',
};

export const DECISION_WORDS: Record<DecidedVerdict, string> = {
  clean: 'clean',
  suspicious: 'suspicious',
  malicious: 'malicious',
};

export const ENGINE_WORDS: Record<string, string> = {
  embedded: "Lazaret's own rules",
  yara: 'YARA',
  'embedded-yara': 'YARA',
  clamav: 'ClamAV',
  clamd: 'ClamAV',
  zendesk: 'Zendesk',
  links: "Lazaret's own rules",
  lists: 'a block list',
};

/** `1 file`, `2 files`, `1,204 files`. */
export function countOf(count: number, noun: string): string {
  const digits = String(count).replace(/\B(?=(?:\d{3})+$)/gu, ',');
  return `${digits} ${noun}${count === 1 ? '' : 's'}`;
}

/** What was done with files, per kind: the headline of a note. */
export const HEADLINES: Record<NoteItem['kind'], (count: number) => string> = {
  contained: (n) => `Lazaret removed ${countOf(n, 'file')} from this ticket.`,
  blocked_at_source: (n) => `Zendesk itself blocks ${countOf(n, 'file')} in this ticket.`,
  refused: (n) => `Lazaret could not remove ${countOf(n, 'file')} from this ticket. Please do not open ${them(n)}.`,
  release_refused: (n) => `Lazaret could not put ${countOf(n, 'file')} back into this ticket.`,
  released: (n) => `Lazaret put ${countOf(n, 'file')} back into this ticket.`,
  link: (n) => `Lazaret found ${countOf(n, 'malicious link')} in this ticket. Please do not open ${them(n)}.`,
  link_redacted: (n) => `Lazaret removed ${countOf(n, 'malicious link')} from this ticket.`,
  link_restored: (n) => `Lazaret states ${countOf(n, 'link')} again that had been removed from this ticket.`,
  noted: (n) => `Lazaret has something to say about ${countOf(n, 'file')} in this ticket.`,
};

/** What was done, per kind, for a mail's subject: counts only. */
export const SUBJECTS: Record<NoteItem['kind'], (count: number) => string> = {
  contained: (n) => `${countOf(n, 'file')} quarantined`,
  blocked_at_source: (n) => `${countOf(n, 'file')} blocked by Zendesk`,
  refused: (n) => `${countOf(n, 'file')} could not be removed`,
  release_refused: (n) => `${countOf(n, 'file')} could not be put back`,
  released: (n) => `${countOf(n, 'file')} released`,
  link: (n) => `${countOf(n, 'malicious link')} found`,
  link_redacted: (n) => `${countOf(n, 'malicious link')} removed`,
  link_restored: (n) => `${countOf(n, 'link')} stated again`,
  noted: (n) => `${countOf(n, 'file')} noted`,
};

function them(count: number): string {
  return count === 1 ? 'it' : 'them';
}

export const TEXTS = {
  kept: (days: number) => `The original is kept safe for ${countOf(days, 'day')}.`,
  linkKept: 'The full link is kept sealed; an analyst can have it stated again.',
  notKept: 'No sealed copy exists: the file could not be downloaded.',
  harmless: 'Think it is harmless?',
  harmful: 'Think it is harmful?',
  investigate: 'Request an investigation',
  details: 'Details:',
  scan: (label: string) => `scan ${label}`,
  foundBy: (engines: string) => `found by ${engines}`,
  inside: 'Inside it,',
  because: 'because',
  sameBytes: 'The file is attached to this note, byte for byte the one that was sealed.',
  decidedBy: (who: string, verdict: string) => `Judged ${verdict} by ${who}`,
  reasonGiven: 'Reason given:',
  moreFindings: (n: number) => `${countOf(n, 'more finding')}.`,
  moreFiles: (n: number) => `And ${countOf(n, 'more file')}, listed in the console`,
  noteRefused: (why: string) => `The ticket did not take an internal note about this: ${why}.`,
} as const;

/** Texts of mails; numbers and ids come from us, everything else passes `domain/text.ts` first. */
export const MAIL_TEXTS = {
  organisation: 'Organisation',
  ticket: (id: string) => `ticket ${id}`,
  openTicket: 'Open the ticket',
  footer: (organisation: string) =>
    `You get this because your address is set for notifications of ${organisation} in Lazaret. ` +
    'An admin or support changes the notification addresses.',
  requesterFooter: (organisation: string) =>
    `You get this because you asked for this investigation in ${organisation}.`,
  verifiedSubject: (connection: string) => `Zendesk connection ${connection} verified`,
  verified: (account: string) =>
    `Support has checked every part of the connection to ${account} and marked it verified. ` +
    'Every file attached to a ticket comment there is being scanned.',
  reconnectSubject: (connection: string) => `Zendesk connection ${connection} needs a new sign-in`,
  reconnect: (account: string) =>
    `${account} no longer accepts Lazaret's sign-in. Files that arrive now are not scanned yet. Nothing is lost: ` +
    'everything that waits continues after an admin has signed in again.',
  reconnectLink: 'Sign in again',
  connectionLink: 'Open the connection',
  requestedSubject: (scan: string) => `Investigation requested for scan ${scan}`,
  requested: (who: string, thinks: string) => `${who} asks the analysts to look again and thinks: ${thinks}.`,
  answeredSubject: (scan: string) => `Investigation of scan ${scan} answered`,
  answered: (verdict: string) => `The analysts looked again. Their verdict: ${verdict}.`,
  undecided: 'not sure',
  digestSubject: (notes: string) => `Digest: ${notes}`,
  digest: (notes: string, files: string) => `${notes} about ${files}, newest first.`,
  digestHead: ['When', 'Ticket', 'What happened'],
  digestMore: (count: string) => `And ${count}, listed in the console.`,
} as const;
