import { lineAt } from './headers';

/** Fields that only mails and web archives begin with; the others also begin letters and notes. */
const STRONG =
  /^(received|message-id|mime-version|content-type|content-transfer-encoding|return-path|delivered-to|dkim-signature|arc-seal|arc-message-signature|arc-authentication-results|authentication-results|received-spf|x-received|x-mailer|x-originating-ip|x-ms-[\w-]{1,60}|x-gm-[\w-]{1,60}|in-reply-to|references|reply-to|list-unsubscribe|thread-topic|user-agent|content-location|x-priority|x-unsent)$/;
const BASIC = /^(from|to|cc|bcc|subject|date|sender)$/;
const MAX_LINES = 3_000;
const MAX_BYTES = 4_000_000;

/**
 * Whether bytes begin like a mail or web archive (RFC 5322): after a byte order mark, empty lines and the line `From ` of a
 * mailbox, fields that mails have. A letter that begins with `From:` or `To:` is none.
 */
export function isMail(data: Uint8Array): boolean {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const limit = Math.min(bytes.length, MAX_BYTES);
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (
    let blank = 0;
    blank < 64 && at < limit && (bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x20 || bytes[at] === 0x09);
    blank += 1
  )
    at += 1;
  const strong = new Set<string>();
  const basic = new Set<string>();
  let fields = 0;
  for (let lines = 0; at < limit && lines < MAX_LINES; lines += 1) {
    const [stop, next] = lineAt(bytes, at, limit);
    if (stop === at) break;
    const line = bytes.toString('latin1', at, Math.min(stop, at + 400));
    at = next;
    if (/^[ \t]/.test(line) && fields > 0) {
      if (/boundary\s?=/i.test(line)) strong.add('boundary');
      continue;
    }
    const name = /^([\x21-\x39\x3b-\x7e]{1,100})[ \t]{0,5}:/.exec(line)?.[1]?.toLowerCase();
    if (name === undefined) {
      if (fields === 0 && /^>?From [^\s]{1,200}/.test(line)) continue;
      break;
    }
    fields += 1;
    if (STRONG.test(name) && (name !== 'content-type' || line.includes('/'))) strong.add(name);
    if (BASIC.test(name)) basic.add(name);
    if (name === 'content-type' && /boundary\s?=/i.test(line)) strong.add('boundary');
  }
  return (
    strong.has('boundary') ||
    (strong.size > 0 && strong.size + basic.size >= 2) ||
    basic.size >= 3 ||
    (basic.size === 2 && basic.has('subject'))
  );
}
