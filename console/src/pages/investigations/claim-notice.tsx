import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { Alert, Title } from '@zendeskgarden/react-notifications';
import { useEffect, useRef } from 'react';
import { api, ApiProblem, bodyOf } from '../../api/client';
import type { QueuedInvestigation } from '../../api/client';
import { Line } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';
import { investigationQuery } from './desk';

interface Props {
  row: QueuedInvestigation;
  /** Leaves for the next one, or for the queue. */
  onNext: () => void;
}

/** Opening an investigation takes it in hand; who has it already, or has answered it, is said, and taking over is a click. */
export function ClaimNotice({ row, onNext }: Props) {
  const queries = useQueryClient();
  const { queryKey } = investigationQuery(row.id);
  const path = { id: row.id };
  const claim = useMutation({
    mutationFn: (takeOverFrom: string | undefined) =>
      bodyOf(
        api.POST('/api/v1/investigations/{id}/claim', {
          params: { path },
          body: takeOverFrom === undefined ? {} : { takeOverFrom },
        }),
      ),
    onSuccess: (claimed) => queries.setQueryData(queryKey, claimed),
    onError: () => void queries.invalidateQueries({ queryKey }),
  });
  const giveBack = useMutation({
    mutationFn: () => bodyOf(api.DELETE('/api/v1/investigations/{id}/claim', { params: { path } })),
    onSuccess: onNext,
  });
  useClaimOnce(row, () => claim.mutate(undefined));
  if (row.answer) return <Answered row={row} onNext={onNext} />;
  // Somebody was faster: the reading that follows says who.
  const isShown = claim.isError && !(claim.error instanceof ApiProblem && claim.error.status === 409);
  return (
    <div role="status" style={{ marginBottom: 16 }}>
      {isShown && <ProblemNotice error={claim.error} />}
      {row.claim?.mine === true && (
        <Line>
          <span>{t.analysts.desk.yours}</span>
          <Button size="small" onClick={() => giveBack.mutate()}>
            {t.analysts.desk.giveBack}
          </Button>
        </Line>
      )}
      {row.claim?.mine === false && (
        <Alert type="warning">
          <Title>{t.analysts.desk.takenTitle(row.claim.name ?? t.analysts.someone)}</Title>
          <div>{t.analysts.desk.takenWhat}</div>
          <Button size="small" onClick={() => claim.mutate(row.claim?.by)}>
            {t.analysts.desk.takeOver}
          </Button>
        </Alert>
      )}
    </div>
  );
}

/** Once for each investigation that is opened: what is given back afterwards stays so. */
function useClaimOnce(row: QueuedInvestigation, claim: () => void): void {
  const done = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (done.current === row.id) return;
    done.current = row.id;
    if (row.state === 'open' && row.claim === null) claim();
  }, [row.id, row.state, row.claim, claim]);
}

function Answered({ row, onNext }: Props) {
  const { answer } = row;
  if (!answer) return null;
  return (
    <div role="status" style={{ marginBottom: 16 }}>
      <Alert type="warning">
        <Title>
          {t.analysts.desk.answeredTitle(answer.name ?? t.analysts.someone, t.words.verdict[answer.verdict])}
        </Title>
        <div>
          <Untrusted text={answer.reason} max={500} />
        </div>
        <div>{t.analysts.desk.answeredWhat}</div>
        <Button size="small" onClick={onNext}>
          {t.analysts.desk.next}
        </Button>
      </Alert>
    </div>
  );
}
