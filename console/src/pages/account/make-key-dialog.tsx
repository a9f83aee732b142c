import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ApiProblem, bodyOf } from '../../api/client';
import { Choices } from '../../parts/choices';
import { CopyButton } from '../../parts/copy-button';
import { TextField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { Line } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';
import { GIVEN_ROLES } from './invite-dialog';
import type { GivenRole } from './invite-dialog';

const texts = t.people.keys;

/** Name and role of a new key; then the key itself, this once. */
export function MakeKeyDialog({ organisation, onClose }: { organisation: string; onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<GivenRole>('viewer');
  const [tried, setTried] = useState(false);
  const queries = useQueryClient();
  const make = useMutation({
    // Never kept: a key is not to stay in the memory of the page once the dialog is closed.
    gcTime: 0,
    mutationFn: () =>
      bodyOf(api.POST('/api/v1/api-keys', { body: { name: name.trim(), role, organisationId: organisation } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['api-keys', organisation] }),
  });
  if (make.data) return <Once value={make.data.key} onClose={onClose} />;
  const refusal = make.error instanceof ApiProblem ? make.error.fieldProblem('name') : undefined;
  return (
    <FormDialog
      title={texts.make}
      send={texts.makeSend}
      isSending={make.isPending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (name.trim() !== '') make.mutate();
      }}
    >
      {make.isError && refusal === undefined && <ProblemNotice error={make.error} />}
      <TextField
        label={texts.name}
        hint={texts.nameHint}
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        problem={tried && name.trim() === '' ? texts.nameNeeded : refusal}
      />
      <Choices
        legend={texts.role}
        words={GIVEN_ROLES}
        texts={t.words.role}
        hints={t.people.roleHint}
        chosen={role}
        onChange={setRole}
      />
    </FormDialog>
  );
}

function Once({ value, onClose }: { value: string; onClose: () => void }) {
  return (
    <FormDialog title={texts.once} send={texts.kept} isSending={false} onClose={onClose} onSend={onClose}>
      <p>{texts.onceWhat}</p>
      <Line>
        <code data-testid="api-key">{value}</code>
        <CopyButton value={value} name={texts.key} />
      </Line>
    </FormDialog>
  );
}
