import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { api, ApiProblem } from '../../api/client';
import { meQuery } from '../../api/session';
import { TextField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { Card, Line } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { AuthenticatorSetup } from './authenticator-setup';

const texts = t.me;

/** The reader's own second factor: set up with a phone, switched off with the password. */
export function FactorCard({ isOn }: { isOn: boolean }) {
  const [open, setOpen] = useState<'set-up' | 'switch-off'>();
  const queries = useQueryClient();
  const close = (): void => setOpen(undefined);
  const done = async (): Promise<void> => {
    close();
    await queries.invalidateQueries({ queryKey: meQuery.queryKey });
  };
  return (
    <Card aria-labelledby="factor">
      <h2 id="factor">{texts.factor}</h2>
      {open === 'set-up' ? (
        <AuthenticatorSetup onDone={() => void done()} />
      ) : (
        <Line>
          <span style={{ flex: 1, minWidth: 200 }}>{isOn ? texts.factorOn : texts.factorOff}</span>
          <Button onClick={() => setOpen(isOn ? 'switch-off' : 'set-up')}>
            {isOn ? texts.switchOff : texts.setUp}
          </Button>
        </Line>
      )}
      {open === 'switch-off' && <SwitchOffDialog onClose={close} onDone={() => void done()} />}
    </Card>
  );
}

function SwitchOffDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/session/authenticator', { body: { password } }),
    onSuccess: () => {
      announce(texts.switchedOff);
      onDone();
    },
  });
  const refusal = remove.error instanceof ApiProblem ? remove.error.fieldProblem('password') : undefined;
  return (
    <FormDialog
      title={texts.switchOffTitle}
      send={texts.switchOff}
      isDanger
      isSending={remove.isPending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (password !== '') remove.mutate();
      }}
    >
      {remove.isError && refusal === undefined && <ProblemNotice error={remove.error} />}
      <p>{texts.switchOffWhat}</p>
      <TextField
        label={texts.oldPassword}
        type="password"
        autoComplete="current-password"
        value={password}
        problem={tried && password === '' ? texts.passwordNeeded : refusal}
        onChange={(event) => setPassword(event.target.value)}
      />
    </FormDialog>
  );
}
