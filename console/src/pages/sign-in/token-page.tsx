import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { api, ApiProblem } from '../../api/client';
import { TextField } from '../../parts/field';
import { Stack } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';
import { SignInBox } from './sign-in-box';

/** Where an invitation leads: a name and a password. */
export function InvitationPage() {
  return <TokenForm title={t.signIn.invitationTitle} withName />;
}

/** Where the link for a new password leads. */
export function NewPasswordPage() {
  return <TokenForm title={t.signIn.newPasswordTitle} />;
}

/** The token stands behind the #, so that it reaches no server's log. */
function TokenForm({ title, withName = false }: { title: string; withName?: boolean }) {
  const [token] = useState(() => location.hash.slice(1));
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const send = useMutation({
    mutationFn: async () => {
      if (withName) await api.POST('/api/v1/invitation-acceptances', { body: { token, name, password } });
      else await api.POST('/api/v1/password-resets/completion', { body: { token, password } });
    },
  });
  const refusal = send.error instanceof ApiProblem ? send.error : undefined;
  const ofField = refusal?.fieldProblem('name') ?? refusal?.fieldProblem('password');
  return (
    <SignInBox title={title}>
      {send.isSuccess ? (
        <p role="status">{t.signIn.passwordSet}</p>
      ) : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            send.mutate();
          }}
        >
          <Stack>
            {send.isError && ofField === undefined && <ProblemNotice error={send.error} />}
            {withName && (
              <TextField
                label={t.signIn.name}
                autoComplete="name"
                value={name}
                problem={refusal?.fieldProblem('name')}
                onChange={(event) => setName(event.target.value)}
              />
            )}
            <TextField
              label={t.signIn.newPassword}
              hint={t.signIn.newPasswordHint}
              type="password"
              autoComplete="new-password"
              value={password}
              problem={refusal?.fieldProblem('password')}
              onChange={(event) => setPassword(event.target.value)}
            />
            <Button isPrimary isStretched type="submit" disabled={send.isPending}>
              {t.signIn.setPassword}
            </Button>
          </Stack>
        </form>
      )}
      <p>
        <Link to="/sign-in">{t.signIn.toSignIn}</Link>
      </p>
    </SignInBox>
  );
}
