import { createHash } from 'node:crypto';

/** An address that notifications go to, or one sentence that says why it is none. */
export type ParsedAddress = { ok: true; address: string } | { ok: false; refusal: string };

const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/u;

/**
 * Parses one notification address: `name@example.com`, nothing around it. Lengths after RFC 5321 §4.5.3.1.
 * @returns the address with its domain in lower case, or the refusal
 */
export function parseAddress(input: string): ParsedAddress {
  const text = input.trim();
  if (text === '') return refused('Enter an e-mail address.');
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text))
    return refused('An e-mail address contains no line breaks or hidden characters.');
  if (/[,;\s]/u.test(text)) return refused('Enter one e-mail address, without spaces, commas or semicolons.');
  if (/[<>"()[\]\\:]/u.test(text)) return refused('Enter the address alone, without a name, brackets or quotes.');
  if (text.length > 254) return refused('An e-mail address has at most 254 characters.');
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = text.slice(at + 1).toLowerCase();
  if (at < 1 || domain === '') return refused('An e-mail address has the form name@example.com.');
  if (local.length > 64) return refused('The part before the @ has at most 64 characters.');
  if (!LOCAL.test(local)) return refused('The part before the @ has characters that no mail server takes.');
  const labels = domain.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label)) || /^\d+$/u.test(labels.at(-1) ?? '')) {
    return refused('The part after the @ is no domain name, like example.com.');
  }
  return { ok: true, address: `${local}@${domain}` };
}

function refused(refusal: string): ParsedAddress {
  return { ok: false, refusal };
}

/**
 * The Message-ID of one mail: the same batch and address always give the same one, and it does not tell the address.
 * @param domain host part, from the configuration
 */
export function messageIdFor(batchKey: string, address: string, domain: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['lazaret mail', batchKey, address]))
    .digest('hex');
  return `<${digest.slice(0, 40)}@${domain.replace(/[^A-Za-z0-9.-]/gu, '')}>`;
}
