import type { ItemState } from './words';

/** Every English text of the app in the ticket's sidebar, the refusals of its server included. */
export const SIDEBAR_TEXTS = {
  title: 'Lazaret',
  heading: 'Files and links of this ticket',
  loading: 'Looking up this ticket…',
  none: 'Lazaret knows no file and no link in this ticket.',
  more: (shown: number, total: number) => `The first ${shown} of ${total} are shown; the console has them all.`,
  states: {
    pending: 'Waiting for the scan',
    scanning: 'Being scanned',
    waiting: 'Waiting',
    clean: 'In the ticket',
    noted: 'In the ticket, with a note',
    held: 'Taken out of the ticket, kept in quarantine',
    contained: 'Taken out of the ticket',
    blocked_at_source: 'Blocked by Zendesk itself',
    refused: 'Could not be taken out: do not open it',
    braked: 'Not taken out yet: many files at once wait for somebody’s word',
    releasing: 'Being put back',
    released: 'Put back into the ticket',
    release_refused: 'Could not be put back',
    gone: 'Gone',
  } satisfies Record<ItemState, string>,
  analyst: (verdict: string, reason: string) => `Analysts: ${verdict}. ${reason}`,
  asked: 'Analysts were asked to look again.',
  ask: 'Request an investigation',
  askAbout: (name: string) => `Request an investigation of ${name}`,
  think: 'What do you think it is?',
  opinions: { clean: 'Clean', malicious: 'Malicious', not_sure: 'Not sure' },
  why: 'Why? Analysts read this.',
  whyMissing: 'Write a sentence for the analysts, 2,000 characters at most.',
  send: 'Send',
  cancel: 'Cancel',
  refresh: 'Look again',
  ended: 'This page has been open for long. Reload the app to go on.',
  unseen: 'There is nothing to show for this ticket.',
  away: 'Lazaret does not answer. Look again in a moment.',
  outside: 'Open a ticket in Zendesk: the app shows what is known about the ticket before you.',
  refusedTitle: 'The app cannot be shown',
  refusals: {
    missing:
      'Zendesk sent no signed token. The app must have "signedUrls": true in its manifest; open it inside a ticket.',
    unreadable: 'What Zendesk sent is no token that can be read. Reload the app.',
    unknown:
      'Lazaret does not know this installation of the app. An admin enters its number and public key in Lazaret, beside the connection.',
    wrong_key:
      'The token is not signed with the key that was entered for this installation. An admin enters the app’s public key again.',
    wrong_audience: 'The token is meant for another installation of the app. Reload the app.',
    expired: 'The token is no longer valid. Reload the app; if that does not help, a clock is wrong.',
    no_user: 'The token does not say who you are. Reload the app.',
    used: 'The token was used before. Reload the app.',
  },
} as const;

/** Why the app is not shown. */
export type SidebarRefusal = keyof typeof SIDEBAR_TEXTS.refusals;
