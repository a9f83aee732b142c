import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { z } from 'zod';
import { inboxPage, mailPage } from './mail-inbox-pages';

export interface MailInboxOptions {
  /** 0: a free one. */
  smtpPort: number;
  httpPort: number;
  /** Where mails are kept; without it they live as long as the inbox. */
  dataDir?: string;
}

/** A mail as it was received. */
export interface InboxMessage {
  id: string;
  receivedAt: string;
  messageId: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
}

export interface MailInbox {
  smtpUrl: string;
  /** Origin of page and JSON. */
  url: string;
  /** Oldest first. */
  messages(): Promise<InboxMessage[]>;
  stop(): Promise<void>;
}

/** Failures to provoke; set by `POST /switches`. */
const switchesSchema = z.strictObject({
  /** Answer to every RCPT TO. */
  refuse: z.enum(['421', '450', '550']).nullable().default(null),
  /** Only this recipient is refused; without it everybody. */
  refuseOnly: z.string().nullable().default(null),
  /** So many messages are stored, and then the connection is cut instead of answered. */
  cutAfterData: z.int().min(0).max(1000).default(0),
  /** Messages are stored, but not answered until `hold` is off again. */
  hold: z.boolean().default(false),
});
type Switches = z.infer<typeof switchesSchema>;

interface Store {
  keep(raw: Buffer): string;
  ids(): string[];
  raw(id: string): Buffer | undefined;
  clear(): void;
}

/** A mail server with a small page, on 127.0.0.1 only: it accepts everything and sends nothing on. */
export async function startMailInbox(options: MailInboxOptions): Promise<MailInbox> {
  const temporary = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'lazaret-mail-')) : undefined;
  const store = createStore(options.dataDir ?? temporary ?? tmpdir());
  const state = { switches: switchesSchema.parse({}), held: [] as (() => void)[] };
  const smtp = createSmtp(store, state);
  await listen(smtp, options.smtpPort);
  const web = createWeb(store, state);
  const http = await new Promise<Server>((resolve, reject) => {
    const server = web.listen(options.httpPort, '127.0.0.1', (error?: Error) =>
      error ? reject(error) : resolve(server),
    );
  });
  return {
    smtpUrl: `smtp://127.0.0.1:${portOf(smtp.server.address())}`,
    url: `http://127.0.0.1:${portOf(http.address())}`,
    messages: () => readAll(store),
    stop: async () => {
      release(state);
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      for (const connection of smtp.connections) connection.close();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

interface State {
  switches: Switches;
  held: (() => void)[];
}

function release(state: State): void {
  for (const answer of state.held.splice(0)) answer();
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function listen(smtp: SMTPServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    smtp.once('error', reject);
    smtp.listen(port, '127.0.0.1', () => {
      smtp.removeListener('error', reject);
      // A client that cuts its connection must not end the process that hosts this inbox.
      smtp.on('error', () => undefined);
      resolve();
    });
  });
}

function createSmtp(store: Store, state: State): SMTPServer {
  const server: SMTPServer = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: 25 * 1024 * 1024,
    onRcptTo(recipient, _session, done) {
      const { refuse, refuseOnly } = state.switches;
      if (refuse === null || (refuseOnly !== null && refuseOnly !== recipient.address)) return done();
      return done(Object.assign(new Error('Refused by a switch'), { responseCode: Number(refuse) }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('error', done);
      stream.once('end', () => {
        store.keep(Buffer.concat(chunks));
        if (state.switches.cutAfterData > 0) {
          state.switches.cutAfterData -= 1;
          cut(server, session.id);
        } else if (state.switches.hold) state.held.push(() => done());
        else done();
      });
    },
  });
  return server;
}

function cut(server: SMTPServer, sessionId: string): void {
  for (const connection of server.connections) {
    if (connection.id === sessionId) connection._socket.destroy();
  }
}

function createStore(directory: string): Store {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ids = (): string[] =>
    readdirSync(directory)
      .filter((name) => /^\d{15}-[0-9a-f-]{36}\.eml$/u.test(name))
      .map((name) => name.slice(0, -4))
      .sort();
  let last = Number(ids().at(-1)?.slice(0, 15) ?? 0);
  return {
    keep(raw) {
      // Strictly growing, so that names sort in the order of arrival even within a millisecond.
      last = Math.max(Date.now(), last + 1);
      const id = `${String(last).padStart(15, '0')}-${randomUUID()}`;
      writeFileSync(join(directory, `${id}.part`), raw, { mode: 0o600 });
      renameSync(join(directory, `${id}.part`), join(directory, `${id}.eml`));
      return id;
    },
    ids,
    raw: (id) => (ids().includes(id) ? readFileSync(join(directory, `${id}.eml`)) : undefined),
    clear: () => ids().forEach((id) => rmSync(join(directory, `${id}.eml`), { force: true })),
  };
}

async function readAll(store: Store): Promise<InboxMessage[]> {
  const messages = [];
  for (const id of store.ids()) {
    const raw = store.raw(id);
    if (raw) messages.push(await parse(id, raw));
  }
  return messages;
}

async function parse(id: string, raw: Buffer): Promise<InboxMessage> {
  const mail = await simpleParser(raw, { skipImageLinks: true, skipTextToHtml: true });
  const to = Array.isArray(mail.to) ? mail.to : mail.to ? [mail.to] : [];
  return {
    id,
    receivedAt: new Date(Number(id.slice(0, 15))).toISOString(),
    messageId: mail.messageId ?? '',
    from: mail.from?.text ?? '',
    to: to.flatMap((list) => list.value.map((entry) => entry.address ?? '')),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: typeof mail.html === 'string' ? mail.html : '',
  };
}

const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

function createWeb(store: Store, state: State): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({
      'Content-Security-Policy': PAGE_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    });
    next();
  });
  const one = async (id: string): Promise<InboxMessage | undefined> => {
    const raw = store.raw(id);
    return raw && (await parse(id, raw));
  };
  app.get('/', async (_request, response) => void response.type('html').send(inboxPage(await readAll(store))));
  app.get('/mail/:id', async (request, response) => {
    const mail = await one(request.params.id);
    if (mail) response.type('html').send(mailPage(mail));
    else response.status(404).type('text').send('There is no such mail.');
  });
  app.get('/messages', async (request, response) => {
    const { to, subject } = request.query;
    const messages = (await readAll(store)).filter(
      (mail) =>
        (typeof to !== 'string' ||
          to === '' ||
          mail.to.some((address) => address.toLowerCase() === to.toLowerCase())) &&
        (typeof subject !== 'string' || mail.subject.toLowerCase().includes(subject.toLowerCase())),
    );
    response.json({ messages });
  });
  app.delete('/messages', (_request, response) => {
    store.clear();
    response.status(204).end();
  });
  app.get('/messages/:id', async (request, response) => {
    const mail = await one(request.params.id);
    if (mail) response.json(mail);
    else response.status(404).json({ error: 'There is no such mail.' });
  });
  app.get('/messages/:id/raw', (request, response) => {
    const raw = store.raw(request.params.id);
    if (raw) response.type('text/plain').send(raw);
    else response.status(404).json({ error: 'There is no such mail.' });
  });
  app.get('/switches', (_request, response) => void response.json(state.switches));
  app.post('/switches', express.json(), (request, response) => {
    const parsed = switchesSchema.safeParse(request.body);
    if (!parsed.success) {
      response.status(400).json({ error: 'Send {"refuse":"421"|"450"|"550"|null,"cutAfterData":0,"hold":false}.' });
      return;
    }
    state.switches = parsed.data;
    if (!state.switches.hold) release(state);
    response.json(state.switches);
  });
  return app;
}
