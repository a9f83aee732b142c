import type { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { judgeFailure, MailError } from './mail-error';
import { canParseUrl } from '../domain/urls';

export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte. */
  secure: boolean;
  requireTls: boolean;
  auth: { user: string; pass: string } | undefined;
}

/** Milliseconds. */
export interface SmtpTimeouts {
  /** To connect, and again until the greeting. */
  connectMs: number;
  /** Longest silence inside a conversation. */
  answerMs: number;
  /** How long an unused connection is kept. */
  idleMs: number;
}

/** One signed-in SMTP connection. */
export interface SmtpSession {
  /** Rejects with nodemailer's error; one message at a time. */
  send(envelope: { from: string; to: string }, message: Readable): Promise<void>;
  alive(): boolean;
  close(): void;
}

/** Reads `smtp://` and `smtps://` addresses. @throws MailError `unavailable` that does not repeat the address */
export function readSmtpUrl(url: string): SmtpServer {
  const parsed = canParseUrl(url) ? new URL(url) : undefined;
  const secure = parsed?.protocol === 'smtps:';
  if (!parsed || (!secure && parsed.protocol !== 'smtp:') || parsed.hostname === '') {
    throw new MailError('unavailable', 'The mail server is given as smtp://host:port or smtps://host:port.');
  }
  const auth = parsed.username
    ? { user: decodeURIComponent(parsed.username), pass: decodeURIComponent(parsed.password) }
    : undefined;
  return {
    host: parsed.hostname.replace(/^\[|\]$/gu, ''),
    port: parsed.port === '' ? (secure ? 465 : 587) : Number(parsed.port),
    secure,
    requireTls: parsed.searchParams.get('requireTLS') === 'true',
    auth,
  };
}

/** Connects and signs in. @throws MailError `unavailable` */
export async function openSession(server: SmtpServer, timeouts: SmtpTimeouts): Promise<SmtpSession> {
  const connection = new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTls,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    socketTimeout: timeouts.answerMs,
  });
  let alive = true;
  let idle: NodeJS.Timeout | undefined;
  const close = (): void => {
    alive = false;
    clearTimeout(idle);
    connection.close();
  };
  const rest = (): void => {
    clearTimeout(idle);
    idle = setTimeout(close, timeouts.idleMs);
    idle.unref();
  };
  connection.once('end', () => (alive = false));
  try {
    await connect(connection, server);
  } catch (error) {
    close();
    throw judgeFailure(error, false);
  }
  rest();
  return {
    alive: () => alive,
    close,
    async send(envelope, message) {
      clearTimeout(idle);
      await sendOn(connection, envelope, message);
      rest();
    },
  };
}

function connect(connection: SMTPConnection, server: SmtpServer): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on('error', reject);
    connection.once('end', () => reject(new MailError('unavailable', 'The mail server closed the connection.')));
    connection.connect((error) => {
      if (error) reject(error);
      else if (!server.auth) resolve();
      else connection.login({ credentials: server.auth }, (refused) => (refused ? reject(refused) : resolve()));
    });
  });
}

function sendOn(connection: SMTPConnection, envelope: { from: string; to: string }, message: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    // nodemailer reports why by itself, a moment later; this only guards against a callback that never comes.
    const gone = (): void => void setImmediate(() => reject(new Error('The connection ended.')));
    connection.once('end', gone);
    connection.send({ from: envelope.from, to: [envelope.to] }, message, (error) => {
      connection.removeListener('end', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}
