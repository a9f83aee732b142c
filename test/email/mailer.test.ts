import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { MailInbox } from '../../embedded/mail-inbox';
import { startMailInbox } from '../../embedded/mail-inbox';
import type { Mail, Mailer } from '../../email/mailer';
import { createMailer } from '../../email/mailer';

const MAIL: Mail = {
  to: 'jo@example.com',
  subject: '[Lazaret] 1 file quarantined in ticket 7',
  text: 'Plain\n.\nafter a dot',
  html: '<p>Häubchen</p>',
  messageId: '<abc@lazaret.example>',
};

let inbox: MailInbox;
let mailer: Mailer;
beforeEach(async () => {
  inbox = await startMailInbox({ smtpPort: 0, httpPort: 0 });
  mailer = createMailer({ url: inbox.smtpUrl, from: 'Lazaret <lazaret@lazaret.example>' });
});
afterEach(async () => {
  await mailer.close();
  await inbox.stop();
});

async function provoke(switches: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${inbox.url}/switches`, { method: 'POST', headers, body: JSON.stringify(switches) });
  expect(response.status).toBe(200);
}

describe('sending', () => {
  test('delivers text and HTML with the given Message-ID, marked as written by a machine', async () => {
    await mailer.verify();
    await mailer.send({ ...MAIL, headers: { 'X-Lazaret-Batch': 'b1' } });
    const [mail] = await inbox.messages();
    expect(mail).toMatchObject({
      to: ['jo@example.com'],
      subject: MAIL.subject,
      messageId: '<abc@lazaret.example>',
      from: '"Lazaret" <lazaret@lazaret.example>',
      html: '<p>Häubchen</p>',
    });
    expect(mail?.text.trim()).toBe('Plain\n.\nafter a dot');
    const raw = await (await fetch(`${inbox.url}/messages/${mail?.id}/raw`)).text();
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r?$/mu);
    expect(raw).toMatch(/^X-Lazaret-Batch: b1\r?$/mu);
  });

  test('delivers twenty mails given at once, in order, over one connection', async () => {
    const subjects = Array.from({ length: 20 }, (_, at) => `Mail ${at}`);
    await Promise.all(subjects.map((subject) => mailer.send({ ...MAIL, subject })));
    expect((await inbox.messages()).map((mail) => mail.subject)).toEqual(subjects);
  });
});

describe('failures', () => {
  test('a bad recipient is refused, and the next mail goes through', async () => {
    await provoke({ refuse: '550' });
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ name: 'MailError', kind: 'refused', responseCode: 550 });
    await provoke({ refuse: null });
    await mailer.send(MAIL);
    expect(await inbox.messages()).toHaveLength(1);
  });

  test.each(['421', '450'])('a %s before the message is "unavailable"', async (refuse) => {
    await provoke({ refuse });
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ kind: 'unavailable', responseCode: Number(refuse) });
    expect(await inbox.messages()).toHaveLength(0);
  });

  test('a cut after the message is "unknown", is not repeated by itself, and the repetition has the same Message-ID', async () => {
    await provoke({ cutAfterData: 1 });
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ kind: 'unknown' });
    expect(await inbox.messages()).toHaveLength(1);
    await mailer.send(MAIL);
    expect((await inbox.messages()).map((mail) => mail.messageId)).toEqual([MAIL.messageId, MAIL.messageId]);
  });

  test('silence after the message is "unknown"', async () => {
    await provoke({ hold: true });
    const impatient = createMailer({ url: inbox.smtpUrl, from: 'a@b.example', timeouts: { answerMs: 300 } });
    await expect(impatient.send(MAIL)).rejects.toMatchObject({ kind: 'unknown' });
    await impatient.close();
    await provoke({ hold: false });
  });

  test('a server that is down is "unavailable", and no message tells an address', async () => {
    const { smtpUrl } = inbox;
    await inbox.stop();
    const alone = createMailer({ url: smtpUrl, from: 'lazaret@lazaret.example' });
    const failure: unknown = await alone.send(MAIL).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'unavailable' });
    expect(String(failure)).not.toMatch(/jo@|example|127\.0/u);
    await expect(alone.verify()).rejects.toMatchObject({ kind: 'unavailable' });
    await alone.close();
    inbox = await startMailInbox({ smtpPort: 0, httpPort: 0 });
  });

  test('a server that hangs up before the message is "unavailable"', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write('220 hello\r\n');
      socket.on('data', (data) => {
        if (/^EHLO/u.test(data.toString())) socket.write('250 hello\r\n');
        else socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = (server.address() as AddressInfo).port;
    const other = createMailer({ url: `smtp://127.0.0.1:${port}`, from: 'a@b.example' });
    await expect(other.send(MAIL)).rejects.toMatchObject({ kind: 'unavailable' });
    await other.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test('a kept connection that the server closed meanwhile is replaced without a word', async () => {
    await mailer.send(MAIL);
    const port = Number(new URL(inbox.smtpUrl).port);
    await inbox.stop();
    inbox = await startMailInbox({ smtpPort: port, httpPort: 0 });
    await mailer.send(MAIL);
    expect(await inbox.messages()).toHaveLength(1);
  });

  test.each([
    ['two recipients', { to: 'a@b.de, c@d.de' }],
    ['a recipient with a line break', { to: 'a@b.de\r\nBcc: c@d.de' }],
    ['a subject with a line break', { subject: 'x\r\nBcc: c@d.de' }],
    ['a malformed Message-ID', { messageId: 'x\r\ny' }],
  ])('%s is refused before anything is sent', async (_name, change) => {
    await expect(mailer.send({ ...MAIL, ...change })).rejects.toMatchObject({ kind: 'refused' });
    expect(await inbox.messages()).toHaveLength(0);
  });

  test.each(['http://x', 'mail.example.com', ''])('the server address %j is refused at start', (url) => {
    expect(() => createMailer({ url, from: 'a@b.example' })).toThrow('smtp://host:port');
  });

  test('nothing is sent after close', async () => {
    await mailer.close();
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
