import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { ApiProblem } from '../../api/client';
import { changePassword } from '../../api/session';
import { TextField } from '../../parts/field';
import { Card, Stack } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';

const texts = t.me;
const EMPTY = { password: '', newPassword: '' };

/** Changes the reader's own password; every other session ends. */
export function PasswordCard() {
  const [given, setGiven] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => changePassword(given.password, given.newPassword),
    onSuccess: async () => {
      setGiven(EMPTY);
      setTried(false);
      await queries.invalidateQueries({ queryKey: ['own-sessions'] });
    },
  });
  const refusal = change.error instanceof ApiProblem ? change.error : undefined;
  const problemOf = (field: keyof typeof EMPTY): string | undefined =>
    tried && given[field] === '' ? texts.passwordNeeded : refusal?.fieldProblem(field);
  const isShown = refusal?.fieldProblem('password') ?? refusal?.fieldProblem('newPassword');
  return (
    <Card aria-labelledby="password">
      <h2 id="password">{texts.password}</h2>
      <form
        noValidate
        style={{ maxWidth: 400 }}
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (given.password !== '' && given.newPassword !== '') change.mutate();
        }}
      >
        <Stack>
          {change.isError && isShown === undefined && <ProblemNotice error={change.error} />}
          <TextField
            label={texts.oldPassword}
            type="password"
            autoComplete="current-password"
            value={given.password}
            problem={problemOf('password')}
            onChange={(event) => setGiven({ ...given, password: event.target.value })}
          />
          <TextField
            label={texts.newPassword}
            hint={texts.newPasswordHint}
            type="password"
            autoComplete="new-password"
            value={given.newPassword}
            problem={problemOf('newPassword')}
            onChange={(event) => setGiven({ ...given, newPassword: event.target.value })}
          />
          <div>
            <Button type="submit" disabled={change.isPending}>
              {texts.changePassword}
            </Button>
          </div>
          {change.isSuccess && given === EMPTY && <div role="status">{texts.passwordChanged}</div>}
        </Stack>
      </form>
    </Card>
  );
}
