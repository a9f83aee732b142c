import { provenGone } from '../../activities/proof';
import type { ActivityDeps } from '../../activities/deps';
import { WAITS } from '../../activities/deps';
import type { ItemRow } from '../../db/items';
import type { Channel, FetchOutcome } from '../../domain/channel';

type Refusal = Extract<FetchOutcome, { outcome: 'refused' }>['reason'];

/** Looks once at a redacted file whose address is answered with this refusal. */
function prove(reason: Refusal, detectedType = 'application/pdf'): Promise<boolean> {
  const channel: Pick<Channel, 'fetchBytes'> = {
    fetchBytes: () => Promise.resolve({ outcome: 'refused', reason, detail: 'said so' }),
  };
  const settings = { publicUrl: '', mailDomain: '', maxFileBytes: 1000, waits: { ...WAITS, proof: [0] } };
  const item = { source_id: '5', content_url: 'https://acme.zendesk.com/x', length: 10, detected_type: detectedType };
  return provenGone({ settings } as unknown as ActivityDeps, channel as Channel, item as ItemRow, undefined);
}

test('takes a page in place of the file for its removal', async () => {
  expect(await prove('page')).toBe(true);
});

test.each<Refusal>(['malformed', 'unknown_host', 'truncated', 'too_large'])(
  'proves nothing by an answer that is refused as %s',
  async (reason) => {
    await expect(prove(reason)).rejects.toMatchObject({ name: 'RetryLater', type: 'NotProvenYet' });
  },
);

test('proves nothing by a page where the file was one', async () => {
  await expect(prove('page', 'text/html')).rejects.toMatchObject({ type: 'NotProvenYet' });
});
