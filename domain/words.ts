/** The words of the product, each spelled once: table, API, log and page use exactly these strings. */

/** What an inspection says of an item. `pending` until the first complete answer. */
export const VERDICTS = ['pending', 'clean', 'suspicious', 'malicious', 'unscannable'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What an analyst may decide. */
export const DECIDED_VERDICTS = ['clean', 'suspicious', 'malicious'] as const;
export type DecidedVerdict = (typeof DECIDED_VERDICTS)[number];

/** Why an item could not be looked into. A closed list; unknown is never clean. */
export const UNSCANNABLE_REASONS = [
  'too_large',
  'encrypted',
  'timeout',
  'engine_unavailable',
  'engine_crashed',
  'limit_reached',
  'truncated',
  'gone',
  'malformed',
  'too_many_links',
] as const;
export type UnscannableReason = (typeof UNSCANNABLE_REASONS)[number];

/**
 * Where an item is in its life. `held` is a contained item that waits for a decision; `contained` one about which
 * an analyst has decided or whose hold has ended.
 */
export const ITEM_STATES = [
  'pending',
  'scanning',
  'waiting',
  'clean',
  'noted',
  'held',
  'contained',
  'blocked_at_source',
  'refused',
  'braked',
  'releasing',
  'released',
  'release_refused',
  'gone',
] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** States in which Lazaret still has work to do by itself; every other state is final until somebody decides anew. */
export const OPEN_STATES = [
  'pending',
  'scanning',
  'waiting',
  'braked',
  'releasing',
] as const satisfies readonly ItemState[];

/** Why an item waits, why containment was refused, why a release was refused: closed lists, shown as `state(reason)`. */
export const STATE_REASONS = [
  'containing',
  // An engine that answers later was asked.
  'scanner',
  'zendesk_budget',
  'zendesk_unavailable',
  'reconnect_needed',
  'redaction_forbidden',
  'redaction_unavailable',
  'redacted_url_live',
  'seal_unverified',
  'listing_mismatch',
  'ticket_closed',
  'ticket_gone',
  'uploads_restricted',
  'comment_limit',
  'sealed_copy_missing',
  'not_active',
  // An admin asked for a follow-up of the closed ticket; the file goes back there.
  'follow_up',
  'note_forbidden',
  'note_rejected',
  'release_unproven',
] as const;
export type StateReason = (typeof STATE_REASONS)[number];

/** Help desks that a bundle may list and a connection may belong to. */
export const CHANNELS = ['zendesk'] as const;
export type ChannelName = (typeof CHANNELS)[number];

export const ITEM_KINDS = ['attachment', 'url'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

export const ROLES = ['viewer', 'admin', 'support', 'analyst'] as const;
export type Role = (typeof ROLES)[number];

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Life of a connection. `live` ones exclude a second connection to the same Zendesk account. */
export const CONNECTION_STATES = [
  'authorising',
  'confirming',
  'activating',
  'connected',
  'reconnect_needed',
  'failed',
  'deactivated',
] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** What a policy may order for a verdict or an `unscannable` reason. */
export const POLICY_ACTIONS = ['monitor', 'note', 'contain'] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** What a policy has a line for: each verdict above clean, and each reason why something could not be scanned. */
export const POLICY_SUBJECTS = ['malicious', 'suspicious', ...UNSCANNABLE_REASONS] as const;
export type PolicySubject = (typeof POLICY_SUBJECTS)[number];

/** Lanes of Zendesk's budget, most urgent first. */
export const LANES = ['redact', 'note', 'release', 'scan', 'reconcile', 'backfill'] as const;
export type Lane = (typeof LANES)[number];

/** Why a stretch of time was not covered at once: no event told of its comments, or the walk over the export stood still. */
export const GAP_CAUSES = ['not_announced', 'walk_paused'] as const;
export type GapCause = (typeof GAP_CAUSES)[number];
