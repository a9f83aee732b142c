import { escapeHtml, textForMail } from './text';

/** A mail by which people see that notifications arrive. */
export function testMail(organisationName: string, publicUrl: string): { subject: string; text: string; html: string } {
  const sentences = [
    `This is a test: notifications of ${textForMail(organisationName, 80)} from Lazaret reach this address.`,
    'Nothing happened, and nothing has to be done.',
  ];
  const footer = 'You get this because somebody who sets the notification addresses asked for it.';
  const where = `${publicUrl}/quarantine`;
  const paragraphs = sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n');
  return {
    subject: '[Lazaret] Test of notifications',
    text: [...sentences, where, footer].join('\n\n'),
    html: `${paragraphs}\n<p><a href="${escapeHtml(where)}">${escapeHtml(where)}</a></p>\n<p style="color:#68737d">${footer}</p>`,
  };
}
