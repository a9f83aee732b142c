import { z } from 'zod';

/** What a connection knows about its account and about what was made there. Kept as JSON on the connection's row. */

/** Things that an activation makes at the help desk. */
export const PARTS = ['eventWebhook', 'triggerWebhook', 'trigger'] as const;
export type PartName = (typeof PARTS)[number];

/** One thing at the help desk. Times are ISO 8601 in UTC. */
export const partSchema = z.object({
  id: z.string(),
  /** As it was asked for; compared with what is found when it is checked. */
  madeAs: z.record(z.string(), z.unknown()),
  madeAt: z.string(),
  /** True once an activation with it has succeeded: a later, failing activation leaves it alone. */
  settled: z.boolean(),
  present: z.boolean(),
  /** As it was made, when last looked at; false names what differs in `differs`. */
  asMade: z.boolean(),
  differs: z.array(z.string()).default([]),
  checkedAt: z.string(),
  lastWorkedAt: z.string().optional(),
});
export type Part = z.output<typeof partSchema>;
export const partsSchema = z.partialRecord(z.enum(PARTS), partSchema);
export type Parts = z.output<typeof partsSchema>;

/** Who signed in and what the account is like, as read when the rights were checked. */
export const accountFactsSchema = z.object({
  userId: z.string().default(''),
  userName: z.string().default(''),
  role: z.string().default(''),
  scopes: z.array(z.string()).default([]),
  agentWorkspace: z.boolean().optional(),
  privateAttachments: z.boolean().optional(),
  attachmentSizeBytes: z.number().optional(),
  mayRedact: z.boolean().optional(),
  /** False when the signed-in user looks like a person who also works on tickets. */
  dedicated: z.boolean().optional(),
  warnings: z.array(z.string()).default([]),
  checkedAt: z.string().optional(),
  /** False where the test event was signed with Zendesk's public secret for tests only. */
  signatureProven: z.boolean().optional(),
  /** What could not be removed at the help desk, in sentences. */
  leftBehind: z.array(z.string()).default([]),
});
export type AccountFacts = z.output<typeof accountFactsSchema>;

export const ACTIVATION_STEPS = [
  'checkAccount',
  'makeWebhooks',
  'readSecrets',
  'makeTrigger',
  'proveIntake',
  'connect',
] as const;
export type ActivationStep = (typeof ACTIVATION_STEPS)[number];

/** One step as it ticks. `ms` milliseconds; `problem` and `remedy` are sentences for a person. */
export const stepRecordSchema = z.object({
  step: z.enum(ACTIVATION_STEPS),
  state: z.enum(['running', 'ok', 'failed']),
  at: z.string(),
  ms: z.number().optional(),
  problem: z.string().optional(),
  remedy: z.string().optional(),
  detail: z.string().optional(),
});
export type StepRecord = z.output<typeof stepRecordSchema>;

/** A test event under way. The nonce proves that what arrives is what we asked Zendesk to send. */
export const proofSchema = z.object({
  nonce: z.string(),
  issuedAt: z.string(),
  arrivedAt: z.string().optional(),
  /** `own`: signed with the webhook's own secret; `static`: with Zendesk's public secret for tests. */
  signature: z.enum(['own', 'static']).optional(),
  accountId: z.string().optional(),
});
export type Proof = z.output<typeof proofSchema>;
export const proofsSchema = z.record(z.string(), proofSchema);
export type Proofs = z.output<typeof proofsSchema>;

/** Signing secrets by webhook id. The previous one counts for a day after `rotatedAt`. */
export const signingSecretsSchema = z.record(
  z.string(),
  z.object({ current: z.string(), previous: z.string().optional(), rotatedAt: z.string().optional() }),
);
export type SigningSecrets = z.output<typeof signingSecretsSchema>;

/** How long a secret that was rotated away still counts, in milliseconds. */
export const PREVIOUS_SECRET_MS = 24 * 60 * 60 * 1000;

/**
 * The secrets that count now, newest first.
 * @param now milliseconds since 1970
 */
export function validSecrets(secrets: SigningSecrets, webhookId: string, now: number): string[] {
  const own = Object.hasOwn(secrets, webhookId) ? secrets[webhookId] : undefined;
  if (!own) return [];
  const fresh = own.rotatedAt !== undefined && now - Date.parse(own.rotatedAt) < PREVIOUS_SECRET_MS;
  return own.previous !== undefined && fresh ? [own.current, own.previous] : [own.current];
}

/** First eight characters of a connection's id: what tells our webhooks at the help desk apart. */
export function shortConnectionId(connectionId: string): string {
  return connectionId.slice(0, 8);
}

/** Sources of attachments, and whether Lazaret looks at them. Shown on every connection. */
export const COVERED_SOURCES = ['ticket comments from e-mail', 'web form', 'API', 'web widget'] as const;
export const NOT_COVERED_SOURCES = [
  'messaging conversation logs',
  'chat history',
  'side conversations',
  'voice',
] as const;

/** OAuth scopes that a connection asks for: everything it does needs one of them. */
export const ZENDESK_SCOPES = ['read', 'write'] as const;

export function channelDeactivationId(connectionId: string): string {
  return `deactivation:${connectionId}`;
}

export function connectionCheckId(connectionId: string): string {
  return `check:${connectionId}`;
}

export function ticketSightId(connectionId: string, ticketId: string, userId: string): string {
  return `sight:${connectionId}:${ticketId}:${userId}`;
}

export function secretRotationId(connectionId: string): string {
  return `rotation:${connectionId}`;
}
