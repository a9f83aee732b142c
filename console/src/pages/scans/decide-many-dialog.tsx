import { useState } from 'react';
import { DECIDED_VERDICTS } from '../../../../domain/words';
import type { DecidedVerdict } from '../../../../domain/words';
import { api } from '../../api/client';
import type { Scan } from '../../api/client';
import { Choices } from '../../parts/choices';
import { ProseField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { RefusedList, useEach } from '../scan/each';

/**
 * An analyst decides about several scans alike. The decision that the list showed goes along with each, so that what
 * somebody else decided meanwhile is told and not overwritten.
 */
export function DecideManyDialog({ scans, onClose }: { scans: readonly Scan[]; onClose: () => void }) {
  const [verdict, setVerdict] = useState<DecidedVerdict>('malicious');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const decide = (scan: Scan) =>
    api.POST('/api/v1/scans/{id}/verdict', {
      params: { path: { id: scan.id } },
      body: { verdict, reason: reason.trim(), expectedDecisionId: scan.decisionId },
    });
  // Of several items with the same bytes one is enough: the decision holds for all of them.
  const each = [...new Map(scans.map((scan) => [scan.sha256 ?? scan.id, scan])).values()];
  const work = useEach(each, decide, () => {
    announce(t.scans.bulk.decided(scans.length));
    onClose();
  });
  return (
    <FormDialog
      title={t.scans.decide.titleMany(scans.length)}
      send={t.scans.decide.send}
      isDanger={verdict === 'malicious'}
      isSending={work.isSending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (reason.trim() !== '') work.send();
      }}
    >
      <RefusedList refused={work.refused} />
      <Choices
        legend={t.scans.decide.what}
        words={DECIDED_VERDICTS}
        texts={t.words.verdict}
        hints={t.scans.decide.effectMany}
        chosen={verdict}
        onChange={setVerdict}
      />
      <ProseField
        label={t.scans.decide.why}
        hint={t.scans.decide.whyHint}
        problem={tried && reason.trim() === '' ? t.scans.decide.whyNeeded : undefined}
        value={reason}
        maxLength={2000}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  );
}
