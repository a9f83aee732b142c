import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import { parseAddress } from './address';
import { judgeFailure, MailError } from './mail-error';
import { openSession, readSmtpUrl } from './smtp-session';
import type { SmtpSession, SmtpTimeouts } from './smtp-session';

/** One mail to one address. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** With angle brackets; see `messageIdFor`. The same one on every try. */
  messageId: string;
  headers?: Readonly<Record<string, string>>;
}

export interface Mailer {
  /** Resolves when the server has taken the mail. @throws MailError */
  send(mail: Mail): Promise<void>;
  /** Connects and signs in. @throws MailError `unavailable` */
  verify(): Promise<void>;
  /** Ends the connection after the mails under way. */
  close(): Promise<void>;
}

export interface MailerOptions {
  /** `smtp://user:password@host:port` (STARTTLS where offered, `?requireTLS=true` to insist) or `smtps://…`. */
  url: string;
  /** `Lazaret <lazaret@example.com>` or a plain address. */
  from: string;
  timeouts?: Partial<SmtpTimeouts>;
}

const TIMEOUTS: SmtpTimeouts = { connectMs: 10_000, answerMs: 30_000, idleMs: 20_000 };

/** No mail program may answer our mails: an answer could become a ticket, and that a mail. RFC 3834. */
const HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

/**
 * A mailer over one kept connection; mails go one after the other. nodemailer's own pool is not used: it repeats a mail
 * by itself after a cut, and hides whether the server had the message by then.
 * @throws MailError `unavailable` when the address of the server cannot be read
 */
export function createMailer(options: MailerOptions): Mailer {
  const server = readSmtpUrl(options.url);
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  let kept: SmtpSession | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  const session = async (): Promise<{ session: SmtpSession; reused: boolean }> => {
    if (kept?.alive()) return { session: kept, reused: true };
    kept = await openSession(server, timeouts);
    return { session: kept, reused: false };
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(() => {
      if (closed) throw new MailError('unavailable', 'The mailer is closed.');
      return work();
    });
    queue = turn.catch(() => undefined);
    return turn;
  };
  const deliver = async (from: string, to: string, message: Buffer): Promise<void> => {
    const { session: current, reused } = await session();
    let dataAccepted = false;
    try {
      // The stream is first read when the server has answered DATA: that is the border between "not sent" and "unknown".
      const body = new Readable({
        read() {
          dataAccepted = true;
          this.push(message);
          this.push(null);
        },
      });
      await current.send({ from, to }, body);
    } catch (error) {
      const failure = judgeFailure(error, dataAccepted);
      // A kept connection may have been closed by the server meanwhile: nothing was sent, a fresh one decides.
      if (reused && failure.kind === 'unavailable' && failure.responseCode === undefined) {
        current.close();
        return await deliver(from, to, message);
      }
      // A refused mail leaves its envelope half open on the connection; the next one would be refused for it.
      current.close();
      throw failure;
    }
  };
  return {
    send: async (mail) => {
      const { message, from, to } = await compose(options.from, mail);
      return inTurn(() => deliver(from, to, message));
    },
    verify: () =>
      inTurn(async () => {
        await session();
      }),
    close: async () => {
      const last = queue;
      queue = last.then(() => undefined);
      await last;
      closed = true;
      kept?.close();
    },
  };
}

/** The raw message and its envelope. @throws MailError `refused` for what no server could take */
async function compose(from: string, mail: Mail): Promise<{ message: Buffer; from: string; to: string }> {
  const to = parseAddress(mail.to);
  if (!to.ok) throw new MailError('refused', to.refusal);
  if (!/^<[^<>@\s]+@[^<>@\s]+>$/u.test(mail.messageId)) throw new MailError('refused', 'The Message-ID is malformed.');
  if (/[\r\n]/u.test(mail.subject)) throw new MailError('refused', 'A subject is one line.');
  const node = new MailComposer({
    from,
    to: to.address,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: mail.messageId,
    headers: { ...HEADERS, ...mail.headers },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const envelope = node.getEnvelope();
  if (!envelope.from) throw new MailError('refused', 'The configured sender is no address.');
  return { message: await node.build(), from: envelope.from, to: to.address };
}
