import { ROLE_WORDS } from './note-texts';
import { escapeHtml, showHidden } from './text';
import type { Role } from './words';

/** Stands in a mail for the link that opens an account; the link itself is sealed until the mail is sent. */
export const LINK_PLACE = 'https://link.invalid/';

/** A mail about somebody's account, ready for the outbox. */
export interface SignInMail {
  kind: 'invitation' | 'password_reset' | 'sign_in_delayed' | 'password_changed';
  /** Holds neither names nor addresses. */
  subject: string;
  text: string;
  html: string;
}

const TEXTS = {
  invitationSubject: '[Lazaret] You are invited',
  invitation: (where: string, role: string) =>
    `You are invited to use Lazaret for ${where}, as ${role}. Lazaret looks into files and links that reach the help desk.`,
  invitationLink: 'Choose a name and a password here, within seven days. The link works once:',
  invitationFooter:
    'You get this because somebody who may invite people entered your address. If you do not know why, do nothing.',
  resetSubject: '[Lazaret] A new password',
  reset: 'Somebody, most likely you, asked for a new password for this address.',
  resetLink: 'Choose one here, within an hour. The link works once:',
  resetFooter: 'If it was not you, do nothing: the old password stays as it is.',
  delayedSubject: '[Lazaret] Failed sign-ins',
  delayed:
    'Several sign-ins with your address failed in a row. Further ones from unknown browsers now have to wait, longer each time, 15 minutes at most.',
  delayedAdvice:
    'Browsers in which you have signed in before are not held up. If you forgot the password, ask for a new one; if it was not you, the wait keeps guesses out and you need do nothing.',
  changedSubject: '[Lazaret] Your password was changed',
  changed: 'The password of your account was changed, and every other session was ended.',
  changedAdvice: 'If it was not you, ask for a new password at once and tell your administrator.',
  accountFooter: 'You get this because it is about your own account. It cannot be switched off.',
} as const;

/** To somebody who is to get an account. @param organisationName undefined: the operator's own people */
export function invitationMail(role: Role, organisationName: string | undefined): SignInMail {
  const where = organisationName === undefined ? 'this installation' : showHidden(organisationName);
  const words = [TEXTS.invitation(where, ROLE_WORDS[role]), TEXTS.invitationLink];
  return compose('invitation', TEXTS.invitationSubject, words, true, TEXTS.invitationFooter);
}

/** To a person who forgot the password. */
export function passwordResetMail(): SignInMail {
  return compose('password_reset', TEXTS.resetSubject, [TEXTS.reset, TEXTS.resetLink], true, TEXTS.resetFooter);
}

/** To a person whose sign-ins have to wait from now on. */
export function signInDelayedMail(): SignInMail {
  const words = [TEXTS.delayed, TEXTS.delayedAdvice];
  return compose('sign_in_delayed', TEXTS.delayedSubject, words, false, TEXTS.accountFooter);
}

/** To a person whose password is another one now. */
export function passwordChangedMail(): SignInMail {
  const words = [TEXTS.changed, TEXTS.changedAdvice];
  return compose('password_changed', TEXTS.changedSubject, words, false, TEXTS.accountFooter);
}

function compose(
  kind: SignInMail['kind'],
  subject: string,
  sentences: readonly string[],
  withLink: boolean,
  footer: string,
): SignInMail {
  const paragraphs = sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`);
  if (withLink) paragraphs.push(`<p><a href="${LINK_PLACE}">${LINK_PLACE}</a></p>`);
  return {
    kind,
    subject,
    text: [...sentences, ...(withLink ? [LINK_PLACE] : []), footer].join('\n\n'),
    html: `${paragraphs.join('\n')}\n<p style="color:#68737d">${escapeHtml(footer)}</p>`,
  };
}
