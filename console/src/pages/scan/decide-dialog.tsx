import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { DECIDED_VERDICTS } from '../../../../domain/words';
import type { DecidedVerdict } from '../../../../domain/words';
import { api, ApiProblem, bodyOf } from '../../api/client';
import type { ScanStory } from '../../api/client';
import { Choices } from '../../parts/choices';
import { ProseField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';

/** An analyst decides. The decision that was seen goes along, so that two at once are told of each other. */
export function DecideDialog({ story, onClose }: { story: ScanStory; onClose: () => void }) {
  const { scan } = story;
  // As it was when the dialog was opened: the page behind goes on reading.
  const [seen, setSeen] = useState(story.decisions[0]?.id ?? null);
  const [verdict, setVerdict] = useState<DecidedVerdict>(scan.verdict === 'malicious' ? 'clean' : 'malicious');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['scan', scan.id] });
  const send = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/scans/{id}/verdict', {
          params: { path: { id: scan.id } },
          body: { verdict, reason: reason.trim(), expectedDecisionId: seen },
        }),
      ),
    onSuccess: async ({ affects }) => {
      announce(t.scans.detail.decided(affects));
      await refresh();
      onClose();
    },
    onError: async (error) => {
      if (!(error instanceof ApiProblem) || error.kind !== 'decided_first') return;
      setSeen(currentOf(error));
      await refresh();
    },
  });
  const count = story.copiesTotal + 1;
  const { effect } = t.scans.decide;
  const hints = {
    clean: effect.clean(count),
    suspicious: effect.suspicious(count),
    malicious: effect.malicious(count),
  };
  return (
    <FormDialog
      title={t.scans.decide.title}
      send={t.scans.decide.send}
      isDanger={verdict === 'malicious'}
      isSending={send.isPending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (reason.trim() !== '') send.mutate();
      }}
    >
      {send.isError && <ProblemNotice error={send.error} />}
      <Choices
        legend={t.scans.decide.what}
        words={DECIDED_VERDICTS}
        texts={t.words.verdict}
        hints={hints}
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

/** Id of the decision that came first, as the refusal tells it. */
function currentOf(problem: ApiProblem): string | null {
  const current: unknown = problem.document['current'];
  return typeof current === 'object' && current !== null && 'id' in current ? String(current.id) : null;
}
