import { isSameSite, readAddress, type Address } from './address';
import { LOGIN_WORDS } from './brands';
import { ownerOf, type Names } from './host-rules';
import type { LinkFinding } from './link-engine';
import { finding } from './rules';
import { shownAddress } from './shown';

/** First labels under which newsletters count clicks: `click.shop.example`, `t.mail.example`. */
const COUNTING =
  /^(?:clicks?|c|ct|cl|e|em|email|go|info|l|lnk|links?|m|mail|mailing|mkt|n|news|newsletter|r|rd|redirect|s|t|tr|track|tracking|trk|u|url\d*|view|web|x)\d*[.-]/u;

/** Services that send newsletters for others and count their clicks. */
const SENDERS =
  /(?:^|\.)(?:list-manage|mailchimp|mailchi|sendgrid|mailgun|hubspot\w*|hs-sites|hubspotlinks|mjt|rs6|exacttarget|sparkpostmail|sendinblue|brevo|mailjet|klaviyo\w*|constantcontact|campaign-archive|createsend\w*|cmail\d+|customeriomail|intercom-clicks|intercom-mail|mandrillapp|awstrack|amazonses|mailerlite\w*|getresponse|activehosted|acemln\w|aweber|sailthru|braze|iterable|marketo|mktdns|mkto-\w+|pardot|eloqua|en25|responsys|emarsys|inxmail|cleverreach|rapidmail|newsletter2go|mailtrack|postmarkapp|pstmrk|zendesk|freshdesk|beehiiv|substack|convertkit-mail\d*|ck\.page|doubleclick|clickdimensions|dotdigital\w*|dotmailer|salesforce|elasticemail|mlsend\d*|smore|vresp|icontact|drip|omnisend\w*|sib\w*|mimecast\w*|safelinks|urldefense|cudasvc)\./u;

/**
 * Whether a link shows one site and leads to another. Newsletters do that every day for counting; it deceives where a
 * bank's, an account's or the organisation's own name is shown and the target is nobody's known service.
 * @param target where the link really leads, rewriters taken off
 * @param opaque whether a rewriter hides the target
 */
export function judgeShown(
  shown: string | undefined,
  link: Address,
  target: Address,
  opaque: boolean,
  names: Names,
): LinkFinding[] {
  const named = shown === undefined ? undefined : shownAddress(shown);
  if (!named || opaque || target.host === '' || isSameSite(named, target) || isSameSite(named, link)) return [];
  const owner = ownerOf(named.host, names);
  if (owner !== undefined && owner === ownerOf(target.host, names)) return [];
  if (named.domain !== undefined && sharesName(named, target)) return [];
  const what = 'The text of the link is the address of another site than the one it leads to.';
  const wanted = owner !== undefined && owner.kind !== 'social' && owner.kind !== 'shop';
  const counted = COUNTING.test(target.host) || SENDERS.test(`${target.host}.`);
  if (wanted && target.isIp) return [finding('Link_Text_Deceives', 'high', what)];
  if (wanted && !counted) return [finding('Link_Text_Deceives', 'medium', what)];
  if (owner !== undefined && !counted && LOGIN_WORDS.test(`${target.host}${new URL(target.url).pathname}`))
    return [finding('Link_Text_Deceives', 'medium', what)];
  return [finding('Link_Text_Names_Another_Site', counted ? 'info' : 'low', what)];
}

/** One owner with several endings: `example.de` and `example.com`, `example.com` and `go.example-mail.com`. */
function sharesName(named: Address, target: Address): boolean {
  const label = (address: Address): string => (address.domain ?? '').split('.', 1)[0] ?? '';
  const [a, b] = [label(named), label(target)];
  return a === b && a !== '' && readAddress(target.url).sharedHosting === false;
}
