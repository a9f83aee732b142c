import PostalMime from 'postal-mime';
import type { UnscannableReason } from '../../../domain/words';
import type { Member, Opened, OpenContext } from '../opener';
import { textLinks } from '../web/plain';
import { withinBudget } from '../web/script';
import { readMime } from './mime';

const MAX_MESSAGES = 5_000;

/**
 * Takes a mail, mailbox or web archive apart, as a lenient reader and as postal-mime read it; what both see is given once.
 */
export async function openMail(data: Uint8Array, { budget }: OpenContext): Promise<Opened> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const messages = splitMailbox(bytes);
  if (messages.length > 1) {
    const members = messages.map((message, index) => ({ name: `message-${index + 1}.eml`, data: message }));
    return withinBudget(members, budget);
  }
  const view = readMime(bytes, budget.members);
  const members = [...view.members, ...polyglot(bytes)];
  members.push(...(await otherView(bytes, view.members)));
  const kept = withinBudget(members, budget);
  const gaps = new Set<UnscannableReason>(kept.gaps);
  if (view.encrypted) gaps.add('encrypted');
  if (view.cut) gaps.add('limit_reached');
  const text = view.members.find(({ name }) => name === 'body.txt');
  const links = [...view.links, ...(text ? textLinks(Buffer.from(text.data).toString('utf8')) : [])];
  return { members: kept.members, gaps, findings: view.findings, links: links.map((url) => ({ url, place: [] })) };
}

/** Readers take a PDF whose head stands in the first KiB for one, whatever else it is. */
function polyglot(bytes: Buffer): Member[] {
  const at = bytes.subarray(0, 1_029).indexOf('%PDF-', 0, 'latin1');
  return at > 0 ? [{ name: 'document.pdf', data: bytes.subarray(at) }] : [];
}

/** What postal-mime reads otherwise than our own reader. */
async function otherView(bytes: Buffer, known: readonly Member[]): Promise<Member[]> {
  const seen = new Set(known.map(({ data }) => fingerprint(data)));
  const others: Member[] = [];
  try {
    const mail = await PostalMime.parse(bytes, { rfc822Attachments: true, attachmentEncoding: 'arraybuffer' });
    for (const [index, { filename, content }] of mail.attachments.entries()) {
      const data = typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
      others.push({ name: filename ?? `attachment-${index + 1}`, data });
    }
    if (mail.html) others.push({ name: 'body.html', data: Buffer.from(mail.html) });
    if (mail.text) others.push({ name: 'body.txt', data: Buffer.from(mail.text) });
  } catch {
    // Our own reader has read it.
  }
  return others.filter(({ data }) => data.length > 0 && !seen.has(fingerprint(data)));
}

/** Bytes without what readers differ in harmlessly: blanks, line ends and the form of letters beyond ASCII. */
function fingerprint(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.includes(0)) return `${bytes.length} ${bytes.toString('latin1')}`;
  return bytes.toString('latin1').replace(/[^\x21-\x7e]+/g, '');
}

/** The messages of a mailbox (RFC 4155): each begins with a line `From ` behind an empty line. */
function splitMailbox(bytes: Buffer): Buffer[] {
  const start = bytes.toString('latin1', 0, 200).trimStart();
  if (!start.startsWith('From ')) return [bytes];
  const starts: number[] = [bytes.indexOf('From ', 0, 'latin1')];
  for (
    let at = bytes.indexOf('\nFrom ', 0, 'latin1');
    at >= 0 && starts.length <= MAX_MESSAGES;
    at = bytes.indexOf('\nFrom ', at + 6, 'latin1')
  ) {
    const head = bytes.toString('latin1', at + 1, at + 500);
    if (/^From [^\r\n]{1,300}\r?\n(?:>?From [^\r\n]{1,300}\r?\n)?[\x21-\x39\x3b-\x7e]{1,100}:/.test(head))
      starts.push(at + 1);
  }
  return starts.map((from, index) => bytes.subarray(from, starts[index + 1] ?? bytes.length));
}
