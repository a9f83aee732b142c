import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** What a token of Zendesk says before anybody has checked it. */
export interface NamedInstallation {
  subdomain: string;
  installationId: string;
}

/** What a checked token proves. */
export interface AppToken {
  /** The agent, by Zendesk's number. */
  userId: string;
  expiresAt: Date;
}

/** Why a token does not count; each has a sentence for the person who sees the app. */
export const APP_TOKEN_REFUSALS = ['unreadable', 'wrong_key', 'wrong_audience', 'expired', 'no_user'] as const;
export type AppTokenRefusal = (typeof APP_TOKEN_REFUSALS)[number];

/** Thrown for every token that does not count. */
export class AppTokenError extends Error {
  override readonly name = 'AppTokenError';
  readonly refusal: AppTokenRefusal;
  constructor(refusal: AppTokenRefusal) {
    super(`the app's token does not count: ${refusal}`);
    this.refusal = refusal;
  }
}

/** Zendesk's clock and ours may differ by so much. */
const CLOCK_SECONDS = 30;
/** A token lives minutes; one that wants more is none of Zendesk's. */
const LONGEST_SECONDS = 3_600;
const LEAST_BITS = 2_048;

// Published as an ES module only.
const library = () => import('jose');

const issuerOf = ({ subdomain }: NamedInstallation): string => `${subdomain}.zendesk.com`;
const audienceOf = (named: NamedInstallation): string =>
  `https://${issuerOf(named)}/api/v2/apps/installations/${named.installationId}.json`;

/**
 * Reads which installation a token claims to be for, so that its key can be found. Nothing is proven by it.
 * @throws AppTokenError
 */
export async function readInstallation(token: string): Promise<NamedInstallation> {
  const { decodeJwt } = await library();
  const claims = await Promise.resolve()
    .then(() => decodeJwt(token))
    .catch(() => {
      throw new AppTokenError('unreadable');
    });
  const audience = typeof claims.aud === 'string' ? claims.aud : '';
  const [, subdomain, installationId] =
    /^https:\/\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.zendesk\.com\/api\/v2\/apps\/installations\/(\d{1,20})\.json$/u.exec(
      audience,
    ) ?? [];
  if (subdomain === undefined || installationId === undefined) throw new AppTokenError('wrong_audience');
  return { subdomain, installationId };
}

/**
 * Checks a token with the app's public key: RS256 and nothing else, this installation, this account, still valid.
 * @throws AppTokenError
 */
export async function checkAppToken(
  token: string,
  named: NamedInstallation,
  publicKey: string,
  now: Date,
): Promise<AppToken> {
  const { jwtVerify, errors } = await library();
  const verified = await jwtVerify(token, createPublicKey(publicKey), {
    algorithms: ['RS256'],
    issuer: issuerOf(named),
    audience: audienceOf(named),
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_SECONDS,
    currentDate: now,
  }).catch((error: unknown) => {
    if (error instanceof errors.JWTExpired) throw new AppTokenError('expired');
    if (!(error instanceof errors.JWTClaimValidationFailed)) throw new AppTokenError('wrong_key');
    if (error.claim === 'nbf' || error.claim === 'iat' || error.claim === 'exp') throw new AppTokenError('expired');
    throw new AppTokenError(error.claim === 'sub' ? 'no_user' : 'wrong_audience');
  });
  const { exp = 0, sub = '', aud } = verified.payload;
  // A list of audiences would let one token count for several installations.
  if (typeof aud !== 'string') throw new AppTokenError('wrong_audience');
  if (exp > now.getTime() / 1_000 + LONGEST_SECONDS) throw new AppTokenError('expired');
  const userId = /^(?:https:\/\/[a-z0-9.-]+\/api\/v2\/users\/)?(\d{1,20})(?:\.json)?$/u.exec(sub)?.[1];
  if (userId === undefined) throw new AppTokenError('no_user');
  return { userId, expiresAt: new Date((exp + CLOCK_SECONDS) * 1_000) };
}

/** The app's public key in its usual form, or one sentence for whoever entered it; the text is never repeated. */
export function readAppKey(text: string): { publicKey: string; fingerprint: string } | { refusal: string } {
  const pem = text.trim();
  if (/PRIVATE KEY/u.test(pem)) {
    return { refusal: 'This is a private key, which nobody but Zendesk should have: paste the public one.' };
  }
  if (!/^-----BEGIN (?:RSA )?PUBLIC KEY-----[\sA-Za-z0-9+/=]+-----END (?:RSA )?PUBLIC KEY-----$/u.test(pem)) {
    return {
      refusal: 'The key must be the whole PEM text, from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----.',
    };
  }
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return { refusal: 'The PEM text holds no key that can be read: copy it again, with every line.' };
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < LEAST_BITS) {
    return { refusal: `Zendesk signs with RSA keys of at least ${LEAST_BITS} bits; this is another kind of key.` };
  }
  const publicKey = key.export({ type: 'spki', format: 'pem' }).toString();
  const der = key.export({ type: 'spki', format: 'der' });
  return { publicKey, fingerprint: createHash('sha256').update(der).digest('hex') };
}
