/** Types of failures as Temporal shows them; the same string stands in code, docs, logs and history. */
export const FAILURE_TYPES = [
  'ZendeskBudget',
  'ZendeskUnavailable',
  'ReconnectNeeded',
  'ConnectionNotActive',
  'OutcomeUnknown',
  'OwnNoteInFlight',
  'TextChanged',
  'EngineBusy',
  'SealUnverified',
  'MailUnavailable',
  'MailOutcomeUnknown',
  'NotProvenYet',
  'HostUnknown',
  'ItemMissing',
  'Unexpected',
  'ActivationRefused',
] as const;
export type FailureType = (typeof FAILURE_TYPES)[number];
