/**
 * What is known of a mail that failed. `refused`: the server will never take it as it is. `unavailable`: certainly not
 * sent, later may work. `unknown`: cut after the message had begun to travel; it may have been delivered.
 */
export const MAIL_ERROR_KINDS = ['refused', 'unavailable', 'unknown'] as const;
export type MailErrorKind = (typeof MAIL_ERROR_KINDS)[number];

/** The only error of the transport. Its message holds no address, name or text of a mail. */
export class MailError extends Error {
  readonly kind: MailErrorKind;
  /** Three digits of the server's answer, where there was one. */
  readonly responseCode: number | undefined;

  constructor(kind: MailErrorKind, message: string, responseCode?: number) {
    super(message);
    this.name = 'MailError';
    this.kind = kind;
    this.responseCode = responseCode;
  }
}

/** Facts that decide the kind; as nodemailer reports them (its errors carry `code`, `command`, `responseCode`). */
interface TransportFailure {
  code?: unknown;
  command?: unknown;
  responseCode?: unknown;
}

/**
 * Judges a failure of nodemailer's connection.
 * @param dataAccepted whether the server had answered DATA with "go on": from then on silence means nothing is known
 */
export function judgeFailure(error: unknown, dataAccepted: boolean): MailError {
  if (error instanceof MailError) return error;
  const failure: TransportFailure = typeof error === 'object' && error !== null ? error : {};
  const code = typeof failure.code === 'string' ? failure.code : 'unknown';
  const command = typeof failure.command === 'string' ? failure.command : 'CONN';
  const responseCode = typeof failure.responseCode === 'number' ? failure.responseCode : undefined;
  const aboutMessage = command === 'MAIL FROM' || command === 'RCPT TO' || command === 'DATA';
  if (aboutMessage && responseCode !== undefined && responseCode >= 500) {
    return new MailError(
      'refused',
      `The mail server refused the message (${responseCode} to ${command}).`,
      responseCode,
    );
  }
  if (aboutMessage && responseCode !== undefined) {
    return new MailError('unavailable', `The mail server asks to try later (${responseCode}).`, responseCode);
  }
  if (dataAccepted) {
    return new MailError('unknown', `The connection ended before the mail server confirmed the message (${code}).`);
  }
  if (code === 'EENVELOPE' || code === 'EMESSAGE') {
    return new MailError('refused', `The message cannot be handed to this mail server (${code}).`);
  }
  const detail = responseCode === undefined ? code : `${code}, ${responseCode}`;
  return new MailError('unavailable', `The mail server cannot be used at the moment (${detail}).`, responseCode);
}
