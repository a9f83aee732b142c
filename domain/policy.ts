import { z } from 'zod';
import { POLICY_ACTIONS, POLICY_SUBJECTS, UNSCANNABLE_REASONS } from './words';
import type { PolicyAction, PolicySubject, UnscannableReason, Verdict } from './words';

const action = z.enum(POLICY_ACTIONS);
const address = z.email().max(254);
const template = z.string().max(4000).nullable();
const engineName = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/u);

/** What an organisation wants done. Support sets it, and admins where it lets them; every field has a default that makes no noise. */
export const policySchema = z
  .strictObject({
    monitorOnly: z
      .boolean()
      .describe('Only record: take nothing out of tickets and write nothing into them.')
      .default(false),
    malicious: action.default('contain'),
    suspicious: action.default('monitor'),
    unscannable: z.partialRecord(z.enum(UNSCANNABLE_REASONS), action).default({}),
    blockedAtSource: z.enum(['monitor', 'note']).describe('A file that Zendesk itself blocks.').default('note'),
    notificationAddresses: z.array(address).max(50).default([]),
    mailTo: z
      .partialRecord(z.enum(POLICY_SUBJECTS), z.array(address).max(50))
      .describe('Which of the notification addresses are mailed about what; a subject that is left out: all of them.')
      .default({}),
    noteTemplate: template
      .describe(
        'Liquid around the text of internal notes, with {{ details }} in a paragraph of its own; null: the text alone.',
      )
      .default(null),
    mailTemplate: template.describe('As noteTemplate, for e-mails. Subjects are never changed.').default(null),
    retentionDays: z.int().min(1).max(3650).describe('Days that a sealed copy is kept.').default(365),
    keepCleanDays: z.int().min(0).max(30).default(0),
    requiredEngines: z
      .array(engineName)
      .min(1)
      .max(20)
      .nullable()
      .describe("Engines that must answer before anything is called clean; null: the installation's own choice.")
      .default(null),
    uploadEngines: z
      .array(engineName)
      .max(20)
      .describe(
        'Engines that answer later (HTTP scanners, virustotal) and may have the bytes of files. Others of that kind are asked by hash, or not at all.',
      )
      .default([]),
    rescanDays: z
      .int()
      .min(0)
      .max(30)
      .describe('Files younger than this are scanned again when engines or rules change; 0: never.')
      .default(7),
    maliciousLink: z
      .enum(['monitor', 'note', 'redact'])
      .describe(
        'A malicious link in a comment: only recorded, told in a note once per ticket, or taken out of the text.',
      )
      .default('note'),
    followRedirects: z
      .boolean()
      .describe(
        'Follow the redirects of links in comments to where they lead, where the installation allows it (LAZARET_FOLLOW_REDIRECTS). Links that look single-use are never opened.',
      )
      .default(false),
    investigationHours: z
      .number()
      .min(0.25)
      .max(720)
      .describe('Hours within which analysts should answer an investigation that is asked for from now on.')
      .default(4),
    adminsMayConfigure: z
      .boolean()
      .describe('Admins of the organisation may change this configuration, except this field, which is set by support.')
      .default(false),
    liftZendeskBlock: z.boolean().describe('Lift the block of Zendesk on a file that Lazaret released.').default(false),
  })
  .describe('Quarantine configuration of one organisation.');

/** A change of the policy: what it leaves out stays as it is. */
export const policyChangeSchema = z.strictObject(
  Object.fromEntries(Object.entries(policySchema.shape).map(([field, schema]) => [field, schema.unwrap().optional()])),
);

export type Policy = z.infer<typeof policySchema>;

export const DEFAULT_POLICY: Policy = policySchema.parse({});

/**
 * What to do with an item of this effective verdict.
 * @param reason needed for `unscannable`; a reason that the policy does not name is monitored
 */
export function actionFor(policy: Policy, verdict: Verdict, reason?: UnscannableReason): PolicyAction {
  if (policy.monitorOnly) return 'monitor';
  switch (verdict) {
    case 'malicious':
      return policy.malicious;
    case 'suspicious':
      return policy.suspicious;
    case 'unscannable':
      return (reason && policy.unscannable[reason]) ?? 'monitor';
    case 'clean':
    case 'pending':
      return 'monitor';
    default:
      return verdict satisfies never;
  }
}

/** The subject under which an item stands in the configuration; undefined for what nothing is ever done about. */
export function subjectOf(verdict: Verdict, reason?: UnscannableReason): PolicySubject | undefined {
  if (verdict === 'malicious' || verdict === 'suspicious') return verdict;
  return verdict === 'unscannable' ? reason : undefined;
}

/** Who of the notification addresses is mailed about a subject; each mailbox once, however it is spelled. */
export function mailedAbout(policy: Policy, subject: PolicySubject | undefined): string[] {
  const chosen = subject === undefined ? undefined : policy.mailTo[subject];
  const wanted = chosen && new Set(chosen.map(mailbox));
  const mailboxes = new Map(policy.notificationAddresses.map((one) => [mailbox(one), one]));
  return [...mailboxes].flatMap(([key, one]) => (wanted === undefined || wanted.has(key) ? [one] : []));
}

/**
 * The policy without choices of addresses that are mailed nothing any more. A subject that loses the last of its addresses
 * is mailed to all of them again: who replaces a mailbox does not silence it.
 */
export function withoutForeignMail(policy: Policy): Policy {
  const known = new Set(policy.notificationAddresses.map(mailbox));
  const kept = Object.entries(policy.mailTo).map(
    ([subject, chosen]) => [subject, chosen.filter((one) => known.has(mailbox(one))), chosen.length] as const,
  );
  const mailTo = Object.fromEntries(kept.filter(([, left, before]) => left.length > 0 || before === 0));
  return { ...policy, mailTo };
}

function mailbox(spelled: string): string {
  return spelled.toLowerCase();
}
