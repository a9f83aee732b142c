import { useMutation } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { signIn } from '../../api/session';
import type { SignInStage } from '../../api/session';
import { TextField } from '../../parts/field';
import { Stack } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';

/** E-mail and password. */
export function PasswordForm({ onStage }: { onStage: (stage: SignInStage) => Promise<void> }) {
  const [tried, setTried] = useState(false);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const send = useMutation({ mutationFn: () => signIn(email.trim(), password), onSuccess: onStage });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (email.trim() !== '' && password !== '') send.mutate();
      }}
    >
      <Stack>
        {send.isError && <ProblemNotice error={send.error} />}
        <TextField
          label={t.signIn.email}
          name="email"
          type="email"
          autoComplete="username"
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          problem={tried && email.trim() === '' ? t.signIn.emailNeeded : undefined}
        />
        <TextField
          label={t.signIn.password}
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          problem={tried && password === '' ? t.signIn.passwordNeeded : undefined}
        />
        <Button isPrimary isStretched type="submit" disabled={send.isPending}>
          {t.signIn.submit}
        </Button>
      </Stack>
    </form>
  );
}
