import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Checkbox, Field } from '@zendeskgarden/react-forms';
import { useState } from 'react';
import { api, ApiProblem } from '../../api/client';
import type { Person } from '../../api/client';
import { Choices } from '../../parts/choices';
import { TextField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { GIVEN_ROLES } from './invite-dialog';

const texts = t.people;

interface Wanted {
  name: string;
  role: (typeof GIVEN_ROLES)[number];
  maySignIn: boolean;
  forget: boolean;
}

/** Only what differs is sent: a change that somebody else made meanwhile stays. */
function changesOf(person: Person, wanted: Wanted) {
  const disabled = !wanted.maySignIn;
  return {
    ...(wanted.name.trim() !== person.name && { name: wanted.name.trim() }),
    ...(wanted.role !== person.role && { role: wanted.role }),
    ...(disabled !== (person.disabledAt !== null) && { disabled }),
    ...(wanted.forget && { secondFactor: false as const }),
  };
}

/** Changes a user: name, role, whether he may sign in, a lost phone. */
export function PersonDialog(props: { person: Person; organisation: string; onClose: () => void }) {
  const { person, organisation, onClose } = props;
  const [wanted, setWanted] = useState<Wanted>({
    name: person.name,
    role: person.role === 'admin' ? 'admin' : 'viewer',
    maySignIn: person.disabledAt === null,
    forget: false,
  });
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (body: ReturnType<typeof changesOf>) =>
      api.PATCH('/api/v1/people/{id}', { params: { path: { id: person.id } }, body }),
    onSuccess: async () => {
      announce(texts.changed);
      await queries.invalidateQueries({ queryKey: ['people', organisation] });
      onClose();
    },
  });
  const send = (): void => {
    const body = changesOf(person, wanted);
    if (Object.keys(body).length === 0) onClose();
    else change.mutate(body);
  };
  const refusal = change.error instanceof ApiProblem ? change.error.fieldProblem('name') : undefined;
  return (
    <FormDialog
      title={texts.changeOf(person.name)}
      send={texts.save}
      isSending={change.isPending}
      onClose={onClose}
      onSend={send}
    >
      {change.isError && refusal === undefined && <ProblemNotice error={change.error} />}
      {person.external && <Subtle>{texts.providerHint}</Subtle>}
      <TextField
        label={texts.name}
        value={wanted.name}
        problem={refusal}
        onChange={(event) => setWanted({ ...wanted, name: event.target.value })}
      />
      <Choices
        legend={texts.role}
        words={GIVEN_ROLES}
        texts={t.words.role}
        hints={texts.roleHint}
        chosen={wanted.role}
        onChange={(role) => setWanted({ ...wanted, role })}
      />
      <Field>
        <Checkbox checked={wanted.maySignIn} onChange={() => setWanted({ ...wanted, maySignIn: !wanted.maySignIn })}>
          <Field.Label>{texts.maySignIn}</Field.Label>
          <Field.Hint>{texts.maySignInHint}</Field.Hint>
        </Checkbox>
      </Field>
      {person.secondFactor && (
        <Field>
          <Checkbox checked={wanted.forget} onChange={() => setWanted({ ...wanted, forget: !wanted.forget })}>
            <Field.Label>{texts.resetFactor}</Field.Label>
            <Field.Hint>{texts.resetFactorHint}</Field.Hint>
          </Checkbox>
        </Field>
      )}
    </FormDialog>
  );
}
