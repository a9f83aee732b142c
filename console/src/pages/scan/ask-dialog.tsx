import { useState } from 'react';
import { api } from '../../api/client';
import type { Investigation, Scan } from '../../api/client';
import { Choices } from '../../parts/choices';
import { ProseField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { Subtle } from '../../parts/page';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { RefusedList, useEach } from './each';

const OPINIONS = ['clean', 'malicious', 'not_sure'] as const satisfies readonly Investigation['opinion'][];

/** Asks the analysts to look again at one scan or several, in either direction. */
export function AskDialog({ scans, onClose }: { scans: readonly Scan[]; onClose: () => void }) {
  const clean = scans.every((scan) => scan.verdict === 'clean');
  const [opinion, setOpinion] = useState<Investigation['opinion']>(clean ? 'malicious' : 'clean');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const ask = (scan: Scan) =>
    api.POST('/api/v1/scans/{id}/investigations', {
      params: { path: { id: scan.id } },
      body: { opinion, reason: reason.trim() },
    });
  const work = useEach(scans, ask, (count) => {
    announce(t.scans.bulk.asked(count));
    onClose();
  });
  const missing = tried && reason.trim() === '' ? t.scans.ask.whyNeeded : undefined;
  return (
    <FormDialog
      title={scans.length === 1 ? t.scans.ask.title : t.scans.ask.titleMany(scans.length)}
      send={t.scans.ask.send}
      isSending={work.isSending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (reason.trim() !== '') work.send();
      }}
    >
      <RefusedList refused={work.refused} />
      <Choices
        legend={t.scans.ask.what}
        words={OPINIONS}
        texts={t.words.opinion}
        chosen={opinion}
        onChange={setOpinion}
      />
      <ProseField
        label={t.scans.ask.why}
        hint={t.scans.ask.whyHint}
        problem={missing}
        value={reason}
        maxLength={2000}
        onChange={(event) => setReason(event.target.value)}
      />
      <Subtle>{t.scans.ask.whoIsTold}</Subtle>
    </FormDialog>
  );
}
