import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { Alert, Title } from '@zendeskgarden/react-notifications';
import { useCallback, useEffect, useRef, useState } from 'react';
import { DECIDED_VERDICTS } from '../../../../domain/words';
import type { DecidedVerdict } from '../../../../domain/words';
import { api, ApiProblem, bodyOf } from '../../api/client';
import type { DecisionEffects, QueuedInvestigation } from '../../api/client';
import { ProseField } from '../../parts/field';
import { Card, Line, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { effectsQuery } from './desk';
import { EffectText } from './effect-text';
import { useVerdictKeys } from './use-verdict-keys';

interface Props {
  row: QueuedInvestigation;
  onDecided: () => void;
}

/** Verdict, reason, Enter: for hands that stay on the keyboard. What it does is said before. */
export function DecidePanel({ row, onDecided }: Props) {
  const effects = useQuery(effectsQuery(row.scanId));
  if (effects.isPending) return null;
  return (
    <Card aria-labelledby="decide">
      <h2 id="decide">{t.analysts.decide.title}</h2>
      {effects.isError && <ProblemNotice error={effects.error} retry={() => void effects.refetch()} />}
      {effects.data === null && <p>{t.analysts.decide.noBytes}</p>}
      {effects.data && <DecideForm row={row} effects={effects.data} onDecided={onDecided} />}
    </Card>
  );
}

function DecideForm({ row, effects, onDecided }: Props & { effects: DecisionEffects }) {
  const [verdict, setVerdict] = useState<DecidedVerdict>();
  const [reason, setReason] = useState('');
  const [isTried, setIsTried] = useState(false);
  const reasonRef = useRef<HTMLTextAreaElement>(null);
  const decide = useDecision(row, effects, onDecided);
  useVerdictKeys(useCallback((chosen) => setVerdict(chosen), []));
  useEffect(() => reasonRef.current?.focus(), [verdict]);
  const isEmpty = reason.trim() === '';
  const send = (): void => {
    setIsTried(true);
    if (verdict !== undefined && !isEmpty && !decide.isPending) decide.mutate({ verdict, reason: reason.trim() });
  };
  return (
    <Stack $gap={12}>
      {decide.isError && <FirstOrProblem error={decide.error} />}
      <Subtle>{t.analysts.decide.keys}</Subtle>
      <Line role="group" aria-label={t.analysts.decide.title}>
        {DECIDED_VERDICTS.map((word) => (
          <Button
            key={word}
            size="small"
            aria-pressed={verdict === word}
            isPrimary={verdict === word}
            onClick={() => setVerdict(word)}
          >
            {t.analysts.decide.choose[word]}
          </Button>
        ))}
      </Line>
      {verdict !== undefined && (
        <>
          <section aria-label={t.analysts.decide.will}>
            <EffectText effect={effects.verdicts[verdict]} />
          </section>
          <ProseField
            ref={reasonRef}
            label={t.analysts.decide.reason}
            hint={t.analysts.decide.reasonHint}
            problem={isTried && isEmpty ? t.analysts.decide.reasonNeeded : undefined}
            value={reason}
            maxLength={2000}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              send();
            }}
          />
          <Stack $gap={4} role="group" aria-label={t.analysts.decide.template}>
            {t.analysts.decide.templates[verdict].map((text) => (
              <Button
                key={text}
                size="small"
                isLink
                onClick={() => {
                  setReason(text);
                  reasonRef.current?.focus();
                }}
              >
                {text}
              </Button>
            ))}
          </Stack>
          <div>
            <Button isPrimary isDanger={verdict === 'malicious'} disabled={decide.isPending} onClick={send}>
              {t.analysts.decide.send}
            </Button>
          </div>
        </>
      )}
    </Stack>
  );
}

function useDecision(row: QueuedInvestigation, effects: DecisionEffects, onDecided: () => void) {
  const queries = useQueryClient();
  // As it was when the page was opened: what is read again meanwhile must not hide that somebody was first.
  const [seen, setSeen] = useState(effects.currentDecisionId);
  return useMutation({
    mutationFn: (body: { verdict: DecidedVerdict; reason: string }) =>
      bodyOf(
        api.POST('/api/v1/scans/{id}/verdict', {
          params: { path: { id: row.scanId } },
          body: { ...body, expectedDecisionId: seen },
        }),
      ),
    onSuccess: async ({ decision, answered }) => {
      const said = t.analysts.decide.done(t.words.verdict[decision.verdict]);
      announce(answered.length === 0 && row.state === 'open' ? t.analysts.decide.sameAlready : said);
      await queries.invalidateQueries({ queryKey: ['effects', row.scanId] });
      await queries.invalidateQueries({ queryKey: ['decisions', row.scanId] });
      onDecided();
    },
    onError: (error) => {
      const first = firstOf(error);
      if (!first) return;
      setSeen(first.id);
      void queries.invalidateQueries({ queryKey: ['effects', row.scanId] });
      void queries.invalidateQueries({ queryKey: ['investigation', row.id] });
    },
  });
}

/** Somebody decided in between: what they did and why. Everything else is a problem like others. */
function FirstOrProblem({ error }: { error: unknown }) {
  const first = firstOf(error);
  if (!first) return <ProblemNotice error={error} />;
  return (
    <div role="alert">
      <Alert type="warning">
        <Title>{t.analysts.decide.firstTitle(first.verdict)}</Title>
        <div>
          <Untrusted text={first.reason} max={500} />
        </div>
        <div>{t.analysts.decide.firstWhat}</div>
      </Alert>
    </div>
  );
}

function firstOf(error: unknown): { id: string; verdict: string; reason: string } | undefined {
  if (!(error instanceof ApiProblem) || error.kind !== 'decided_first') return undefined;
  const { current } = error.document as { current?: unknown };
  if (typeof current !== 'object' || current === null) return undefined;
  const { id, verdict, reason } = current as Record<string, unknown>;
  const word = DECIDED_VERDICTS.find((one) => one === verdict);
  return word && { id: String(id), verdict: t.words.verdict[word], reason: String(reason) };
}
