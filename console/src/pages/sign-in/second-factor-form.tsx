import { useMutation } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { sendSecondFactor } from '../../api/session';
import type { SignInStage } from '../../api/session';
import { TextField } from '../../parts/field';
import { Stack } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';

/** The code of an authenticator, or a recovery code. */
export function SecondFactorForm({ onStage }: { onStage: (stage: SignInStage) => Promise<void> }) {
  const [tried, setTried] = useState(false);
  const [code, setCode] = useState('');
  const send = useMutation({ mutationFn: () => sendSecondFactor(code.trim()), onSuccess: onStage });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (code.trim() !== '') send.mutate();
      }}
    >
      <Stack>
        {send.isError && <ProblemNotice error={send.error} />}
        <TextField
          label={t.signIn.code}
          hint={t.signIn.secondWhat}
          autoComplete="one-time-code"
          autoFocus
          value={code}
          onChange={(event) => setCode(event.target.value)}
          problem={tried && code.trim() === '' ? t.signIn.codeNeeded : undefined}
        />
        <Button isPrimary isStretched type="submit" disabled={send.isPending}>
          {t.signIn.confirm}
        </Button>
      </Stack>
    </form>
  );
}
