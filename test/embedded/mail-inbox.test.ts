import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMailer } from '../../email/mailer';
import type { MailInbox } from '../../embedded/mail-inbox';
import { startMailInbox } from '../../embedded/mail-inbox';

let dataDir: string;
let inbox: MailInbox;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'lazaret-inbox-'));
  inbox = await startMailInbox({ smtpPort: 0, httpPort: 0, dataDir });
});
afterEach(async () => {
  await inbox.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function deliver(to: string, subject: string, text = 'text'): Promise<void> {
  const mailer = createMailer({ url: inbox.smtpUrl, from: 'lazaret@lazaret.example' });
  await mailer.send({
    to,
    subject,
    text,
    html: '<script>alert(1)</script>',
    messageId: `<${subject.length}@x.example>`,
  });
  await mailer.close();
}

async function list(query = ''): Promise<string[]> {
  const body = (await (await fetch(`${inbox.url}/messages${query}`)).json()) as { messages: { subject: string }[] };
  return body.messages.map((mail) => mail.subject);
}

test('lists mails as JSON, filtered by recipient and subject', async () => {
  await deliver('a@b.example', 'First');
  await deliver('c@d.example', 'Second one');
  expect(await list()).toEqual(['First', 'Second one']);
  expect(await list('?to=C%40d.example')).toEqual(['Second one']);
  expect(await list('?subject=first')).toEqual(['First']);
  expect(await list('?to=a%40b.example&subject=second')).toEqual([]);
});

test('keeps mails over a restart and forgets them on DELETE', async () => {
  await deliver('a@b.example', 'Kept');
  await inbox.stop();
  inbox = await startMailInbox({ smtpPort: 0, httpPort: 0, dataDir });
  expect(await list()).toEqual(['Kept']);
  expect((await fetch(`${inbox.url}/messages`, { method: 'DELETE' })).status).toBe(204);
  expect(await list()).toEqual([]);
});

test('shows one mail, raw and parsed, and 404 for any other name', async () => {
  await deliver('a@b.example', 'One');
  const [mail] = await inbox.messages();
  const one = (await (await fetch(`${inbox.url}/messages/${mail?.id}`)).json()) as { html: string };
  expect(one.html).toBe('<script>alert(1)</script>');
  const raw = await fetch(`${inbox.url}/messages/${mail?.id}/raw`);
  expect(raw.headers.get('content-type')).toContain('text/plain');
  expect(await raw.text()).toContain('Subject: One');
  for (const path of ['nothing', '..%2f..%2fetc%2fpasswd', `${mail?.id}.eml`]) {
    expect((await fetch(`${inbox.url}/messages/${path}`)).status).toBe(404);
  }
});

test('its pages escape everything and allow no script', async () => {
  await deliver('a@b.example', '<img src=x onerror=alert(1)>', '</pre><script>alert(2)</script>');
  const [mail] = await inbox.messages();
  for (const path of ['/', `/mail/${mail?.id}`]) {
    const response = await fetch(`${inbox.url}${path}`);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toContain('&lt;img src=x');
    expect(page).not.toMatch(/<script|<img/u);
  }
});

test('listens on loopback only and refuses switches that it does not know', async () => {
  expect(inbox.smtpUrl).toMatch(/^smtp:\/\/127\.0\.0\.1:\d+$/u);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${inbox.url}/switches`, { method: 'POST', headers, body: '{"explode":true}' });
  expect(response.status).toBe(400);
});
