import { isToken } from '../../domain/url-mask';
import { unwrapLink } from './rewriters';
import { canParseUrl } from '../../domain/urls';

/** Words of links that do something once when they are opened: a look would use them up, or act for the customer. */
const ACTIONS = new Set(
  (
    'reset resetpassword passwordreset forgot forgotpassword recover recovery unsubscribe unsub optout opt-out abmelden abbestellen ' +
    'confirm confirmation confirmemail verify verification verifyemail validate activate activation magic magiclink magic-link ' +
    'onetime one-time otp otl invite invitation invitations einladung join accept approve approval decline reject rsvp cancel ' +
    'delete remove revoke signin signon login-link autologin sso passwordless claim redeem vote checkout payment ' +
    'subscribe optin opt-in bestaetigen zuruecksetzen freischalten reinitialiser desabonner desinscription'
  ).split(' '),
);

/** Names of parameters that hold a right to something. */
const RIGHTS = new Set(
  (
    'token access_token id_token auth authkey auth_token authorization code otp key apikey api_key sig signature sign hmac hash ' +
    'jwt ticket nonce secret pass password pwd session sessionid sid invite invitation reset confirm confirmation verify ' +
    'verification expires expiry exp x-amz-signature x-amz-credential x-goog-signature se sv sr skoid policy key-pair-id ' +
    'oobcode magic t hdnts hdnea'
  ).split(' '),
);

/**
 * Whether opening a link may use it up or act in somebody's name: password resets, unsubscribing, confirmations, invitations,
 * signed and personal links. Such links are never fetched. Doubt says yes; a link inside a known rewriter counts as well.
 */
export function isSingleUse(text: string): boolean {
  if (!canParseUrl(text)) return true;
  const { target, opaque } = unwrapLink(text);
  return (
    opaque ||
    looksPersonal(new URL(text)) ||
    (target !== undefined && canParseUrl(target) && looksPersonal(new URL(target)))
  );
}

function looksPersonal(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return true;
  const segments = url.pathname.split(/[/;]/u).map(decode);
  if (segments.some((segment) => isToken(segment) || words(segment).some((word) => ACTIONS.has(word)))) return true;
  const pairs = [...url.searchParams, ...new URLSearchParams(url.hash.replace(/^#!?\/?[^?]*\?|^#/u, ''))];
  return pairs.some(
    ([name, value]) =>
      (value !== '' && RIGHTS.has(name.toLowerCase())) ||
      isToken(value) ||
      [...words(name), ...words(value)].some((word) => ACTIONS.has(word)),
  );
}

/** A segment in lower case as a whole, and its words: `ResetPassword`, `reset-password`, `reset_password.php`. */
function words(segment: string): string[] {
  const split = segment.replace(/(\p{Ll})(\p{Lu})/gu, '$1-$2').toLowerCase();
  return [segment.toLowerCase().replace(/\.[a-z]{2,5}$/u, ''), ...split.split(/[^\p{L}\p{N}]+/u)];
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
