import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { api } from '../../api/client';
import { TextField } from '../../parts/field';
import { Stack } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';
import { SignInBox } from './sign-in-box';

/** Asks for a link to choose a new password. The answer is the same whether or not somebody has the address. */
export function ForgottenPage() {
  const [email, setEmail] = useState('');
  const [tried, setTried] = useState(false);
  const send = useMutation({
    mutationFn: () => api.POST('/api/v1/password-resets', { body: { email: email.trim() } }),
  });
  return (
    <SignInBox title={t.signIn.forgotTitle}>
      {send.isSuccess ? (
        <p role="status">{t.signIn.forgotWhat}</p>
      ) : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (email.trim() !== '') send.mutate();
          }}
        >
          <Stack>
            {send.isError && <ProblemNotice error={send.error} />}
            <TextField
              label={t.signIn.email}
              type="email"
              autoComplete="username"
              autoFocus
              value={email}
              onChange={(event) => setEmail(event.target.value)}
              problem={tried && email.trim() === '' ? t.signIn.emailNeeded : undefined}
            />
            <Button isPrimary isStretched type="submit" disabled={send.isPending}>
              {t.signIn.forgotSubmit}
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
