import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ApiProblem } from '../../api/client';
import { Choices } from '../../parts/choices';
import { TextField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';

const texts = t.people;
/** Roles that are given over the network. */
export const GIVEN_ROLES = ['viewer', 'admin'] as const;
export type GivenRole = (typeof GIVEN_ROLES)[number];

/** Invites somebody by mail; sending it again makes the link of the earlier mail useless. */
export function useInvite(organisation: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ email, role }: { email: string; role: GivenRole }) =>
      api.POST('/api/v1/invitations', { body: { email, role, organisationId: organisation } }),
    onSuccess: async () => {
      announce(texts.invited);
      await queries.invalidateQueries({ queryKey: ['invitations', organisation] });
    },
  });
}

/** Address and role of somebody who is to get an account. */
export function InviteDialog({ organisation, onClose }: { organisation: string; onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<GivenRole>('viewer');
  const [tried, setTried] = useState(false);
  const invite = useInvite(organisation);
  const refusal = invite.error instanceof ApiProblem ? invite.error.fieldProblem('email') : undefined;
  return (
    <FormDialog
      title={texts.inviteTitle}
      send={texts.inviteSend}
      isSending={invite.isPending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (email.trim() !== '') invite.mutate({ email: email.trim(), role }, { onSuccess: onClose });
      }}
    >
      {invite.isError && refusal === undefined && <ProblemNotice error={invite.error} />}
      <TextField
        label={texts.email}
        type="email"
        autoComplete="off"
        autoFocus
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        problem={tried && email.trim() === '' ? texts.emailNeeded : refusal}
      />
      <Choices
        legend={texts.role}
        words={GIVEN_ROLES}
        texts={t.words.role}
        hints={texts.roleHint}
        chosen={role}
        onChange={setRole}
      />
    </FormDialog>
  );
}
