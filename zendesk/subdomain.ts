/** A checked sub-domain, or one sentence for the person who typed it. */
export type SubdomainAnswer = { ok: true; subdomain: string } | { ok: false; refusal: string };

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Zendesk's own names: nobody's help desk. */
const RESERVED = ['www', 'developer', 'support', 'status', 'static', 'assets', 'api', 'mail', 'account', 'accounts'];

const refuse = (refusal: string): SubdomainAnswer => ({ ok: false, refusal });

/**
 * Reads what an admin types or pastes as the account: `acme`, `acme.zendesk.com` or any `https://acme.zendesk.com/…`.
 * The answer is the plain sub-domain in lower case. Everything else is refused with what is wrong about it; the
 * sentence never repeats the input, which may hold a pasted secret.
 */
export function parseSubdomain(input: string): SubdomainAnswer {
  const text = input.trim();
  if (text === '')
    return refuse('Enter the sub-domain of the Zendesk account, for example "acme" of acme.zendesk.com.');
  if (text.length > 2000) return refuse('This is too long for a Zendesk address.');
  if (/[^\x21-\x7e]/.test(text)) {
    return refuse(
      'A Zendesk sub-domain has only the letters a to z, digits and hyphens: look for a space or a look-alike letter.',
    );
  }
  if (/^[a-z0-9-]+$/i.test(text)) return checkLabel(text.toLowerCase());
  return fromAddress(text);
}

function fromAddress(text: string): SubdomainAnswer {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'https' && scheme !== 'http') {
    return refuse('Only an https address of the Zendesk account is accepted.');
  }
  // The host is taken as typed: a URL parser would turn look-alikes, numbers and escapes into something else.
  const rest = scheme === undefined ? text : text.slice(scheme.length + 3);
  const authority = /^[^/?#]*/.exec(rest)?.[0].toLowerCase() ?? '';
  if (authority.includes('@')) return refuse('The address must not hold a user name or password.');
  if (/[\\%]/.test(authority)) return refuse('The address holds characters that no host name has.');
  if (/^\[|^\d+(\.\d+){3}(:\d+)?$/.test(authority)) {
    return refuse('This is an IP address; enter the name of the account, for example "acme".');
  }
  const [host = '', port] = authority.split(':');
  if (port !== undefined && port !== '443') return refuse('The address must not name a port.');
  if (!host.endsWith('.zendesk.com')) {
    return refuse("This is not an address of zendesk.com; for a mapped domain enter the account's own sub-domain.");
  }
  return checkLabel(host.slice(0, -'.zendesk.com'.length));
}

function checkLabel(label: string): SubdomainAnswer {
  if (label.includes('.')) return refuse('The address has more parts than {sub-domain}.zendesk.com.');
  if (label.startsWith('xn--')) return refuse('Zendesk has no international (punycode) sub-domains.');
  if (!LABEL.test(label)) {
    return refuse(
      'A Zendesk sub-domain has 1 to 63 letters, digits or hyphens and neither begins nor ends with a hyphen.',
    );
  }
  if (/^\d+$/.test(label)) return refuse('This is a number, not a sub-domain; enter the name before .zendesk.com.');
  if (RESERVED.includes(label))
    return refuse('This name belongs to Zendesk itself; enter the sub-domain of your account.');
  return { ok: true, subdomain: label };
}
