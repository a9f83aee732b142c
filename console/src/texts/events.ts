/** Kinds of audit events in words; one that is missing here is shown by its word, so that no event is hidden. */
export const EVENTS: Readonly<Record<string, string>> = {
  'item.recorded': 'Arrived from Zendesk',
  'item.scanned': 'Scanned',
  'item.state': 'State changed',
  'item.sealed': 'Original sealed',
  'item.redacted': 'Taken out of the ticket',
  'item.contained': 'Taken out, and proven gone',
  'item.released': 'Given back',
  'verdict.decided': 'Analyst decided',
  'investigation.requested': 'Investigation requested',
  'investigation.joined': 'Investigation joined',
  'investigation.answered': 'Investigation answered',
  'investigation.claimed': 'An analyst took it in hand',
  'investigation.taken_over': 'Another analyst took it over',
  'investigation.given_back': 'Given back to the queue',
  'investigation.reopened': 'Investigation open again',
  'sealed_copy.structure_seen': 'An analyst looked at the parts of the sealed copy',
  'sealed_copy.bytes_seen': 'An analyst looked at bytes of the sealed copy',
  'sealed_copy.strings_seen': 'An analyst looked at text inside the sealed copy',
  'sealed_copy.facts_seen': 'An analyst looked at what the sealed copy says about itself',
  'sealed_copy.picture_seen': 'An analyst looked at a picture of the sealed copy',
  'sealed_copy.download_started': 'An analyst began to download the sealed copy, encrypted',
  'sealed_copy.downloaded': 'An analyst downloaded the sealed copy, encrypted',
  'decision.undone': 'A decision was taken back',
  'organisation.crossed': 'Looked at by the operator',
  'note.written': 'Internal note written',
  'mail.sent': 'E-mail sent',
};

/** What happened, in words. */
export function eventText(kind: string): string {
  return EVENTS[kind] ?? kind.replace(/[._]/gu, ' ').replace(/^./u, (first) => first.toUpperCase());
}
