import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { Alert, Title } from '@zendeskgarden/react-notifications';
import { useState } from 'react';
import { api, bodyOf } from '../../api/client';
import type { DecisionEffects } from '../../api/client';
import { ProseField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { effectsQuery } from './desk';
import { EffectText } from './effect-text';

type Undo = NonNullable<DecisionEffects['undo']>;

/** Says what was decided last, and lets it be taken back. */
export function UndoNotice({ scanId }: { scanId: string }) {
  const { data: effects } = useQuery(effectsQuery(scanId));
  const { data: decisions } = useQuery({
    queryKey: ['decisions', scanId],
    queryFn: () => bodyOf(api.GET('/api/v1/scans/{id}/decisions', { params: { path: { id: scanId } } })),
  });
  const [isOpen, setIsOpen] = useState(false);
  const [isDone, setIsDone] = useState(false);
  const undo = effects?.undo;
  const decided = decisions?.decisions.find(({ id }) => id === undo?.decisionId);
  if (isDone) {
    return (
      <div role="status" style={{ marginBottom: 16 }}>
        <Alert type="success">{t.analysts.undo.done}</Alert>
      </div>
    );
  }
  if (!undo || !decided) return null;
  return (
    <div role="status" style={{ marginBottom: 16 }}>
      <Alert type="info">
        <Title>{t.analysts.undo.title(t.words.verdict[decided.verdict])}</Title>
        <Button size="small" onClick={() => setIsOpen(true)}>
          {t.analysts.undo.button}
        </Button>
      </Alert>
      {isOpen && (
        <UndoDialog
          scanId={scanId}
          undo={undo}
          onClose={() => setIsOpen(false)}
          onDone={() => {
            setIsOpen(false);
            setIsDone(true);
          }}
        />
      )}
    </div>
  );
}

interface DialogProps {
  scanId: string;
  undo: Undo;
  onClose: () => void;
  onDone: () => void;
}

/** Says what taking the decision back does, before it does it. */
export function UndoDialog({ scanId, undo, onClose, onDone }: DialogProps) {
  const [reason, setReason] = useState<string>(t.analysts.undo.usual);
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/decisions/{id}/undo', {
          params: { path: { id: undo.decisionId } },
          body: { reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      announce(t.analysts.undo.done);
      onDone();
      for (const queryKey of [['investigations'], ['investigation'], ['effects', scanId], ['scan', scanId]]) {
        await queries.invalidateQueries({ queryKey });
      }
    },
  });
  const isEmpty = reason.trim() === '';
  return (
    <FormDialog
      title={t.analysts.undo.dialog}
      send={t.analysts.undo.send}
      isDanger
      isSending={send.isPending}
      onClose={onClose}
      onSend={() => !isEmpty && send.mutate()}
    >
      {send.isError && <ProblemNotice error={send.error} />}
      <p>{t.analysts.undo.restores(t.words.verdict[undo.restores])}</p>
      <EffectText effect={undo.effect} />
      <ProseField
        label={t.analysts.undo.reason}
        hint={t.analysts.undo.reasonHint}
        problem={isEmpty ? t.analysts.undo.reasonNeeded : undefined}
        value={reason}
        maxLength={2000}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  );
}
