import { escapeHtml, showHidden } from './text';

/** A mail ready for the outbox. */
export interface ConnectionMail {
  kind: 'reconnect_needed' | 'connection_verified';
  /** Contains ids only. */
  subject: string;
  text: string;
  html: string;
}

interface MailFacts {
  organisationId: string;
  organisationName: string;
  connectionId: string;
  subdomain: string;
  /** Origin of our own pages, without a trailing slash. */
  publicUrl: string;
}

const FOOTER =
  'You get this because you are an admin of this organisation, or your address is among its notification addresses.';

/** To the admins: Zendesk does not accept our sign-in any more. */
export function reconnectNeededMail(facts: MailFacts): ConnectionMail {
  return compose('reconnect_needed', `[Lazaret] Reconnect needed: connection ${facts.connectionId}`, facts, [
    `Zendesk no longer accepts the sign-in with which Lazaret works in ${facts.subdomain}.zendesk.com for ${name(facts)}.`,
    'New files are still recorded, and everything that is in quarantine stays there. Nothing is scanned, taken out or ' +
      'given back until an administrator of Zendesk has signed in again; then all open work goes on by itself.',
    'What to do: open the channel in Lazaret and activate it again with the same sub-domain.',
  ]);
}

/** To the admins: support has looked at every part of the connection. */
export function connectionVerifiedMail(facts: MailFacts): ConnectionMail {
  return compose('connection_verified', `[Lazaret] Connection verified: ${facts.connectionId}`, facts, [
    `The connection of ${name(facts)} to ${facts.subdomain}.zendesk.com was verified: webhooks, trigger and rights are in place, and a test event came back.`,
    'Files attached to ticket comments are scanned from now on. Messaging logs, chat history, side conversations and voice are not covered.',
  ]);
}

function compose(kind: ConnectionMail['kind'], subject: string, facts: MailFacts, sentences: string[]): ConnectionMail {
  const where = `${facts.publicUrl}/account/channels/zendesk`;
  const paragraphs = sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n');
  const link = `<p><a href="${escapeHtml(where)}">${escapeHtml(where)}</a></p>`;
  return {
    kind,
    subject,
    text: [...sentences, where, FOOTER].join('\n\n'),
    html: `${paragraphs}\n${link}\n<p style="color:#68737d">${FOOTER}</p>`,
  };
}

function name(facts: MailFacts): string {
  return showHidden(facts.organisationName);
}
