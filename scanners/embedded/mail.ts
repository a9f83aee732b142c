import PostalMime from 'postal-mime';
import type { Member, Opened } from './opener';

/** Takes a mail apart: attachments with their names, text and HTML as parts of their own. */
export async function openMail(data: Uint8Array): Promise<Opened> {
  try {
    const mail = await PostalMime.parse(Buffer.from(data), {
      rfc822Attachments: true,
      attachmentEncoding: 'arraybuffer',
    });
    const members: Member[] = mail.attachments.map(({ filename, content }, index) => ({
      name: filename ?? `attachment-${index + 1}`,
      data: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
    }));
    if (mail.html) members.push({ name: 'body.html', data: Buffer.from(mail.html) });
    if (mail.text) members.push({ name: 'body.txt', data: Buffer.from(mail.text) });
    return { members, gaps: new Set() };
  } catch {
    return { members: [], gaps: new Set(['malformed']) };
  }
}
