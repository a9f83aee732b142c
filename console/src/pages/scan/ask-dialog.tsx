import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import type { Investigation, Scan } from '../../api/client';
import { Choices } from '../../parts/choices';
import { ProseField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';

const OPINIONS = ['clean', 'malicious', 'not_sure'] as const satisfies readonly Investigation['opinion'][];

/** Asks the analysts to look again, in either direction. */
export function AskDialog({ scan, onClose }: { scan: Scan; onClose: () => void }) {
  const [opinion, setOpinion] = useState<Investigation['opinion']>(scan.verdict === 'clean' ? 'malicious' : 'clean');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () =>
      api.POST('/api/v1/scans/{id}/investigations', {
        params: { path: { id: scan.id } },
        body: { opinion, reason: reason.trim() },
      }),
    onSuccess: async ({ response }) => {
      announce(response.status === 201 ? t.scans.detail.requested : t.scans.detail.joined);
      await queries.invalidateQueries({ queryKey: ['scan', scan.id] });
      onClose();
    },
  });
  const missing = tried && reason.trim() === '' ? t.scans.ask.whyNeeded : undefined;
  return (
    <FormDialog
      title={t.scans.ask.title}
      send={t.scans.ask.send}
      isSending={send.isPending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (reason.trim() !== '') send.mutate();
      }}
    >
      {send.isError && <ProblemNotice error={send.error} />}
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
    </FormDialog>
  );
}
