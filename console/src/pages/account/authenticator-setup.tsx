import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { api, ApiProblem, bodyOf } from '../../api/client';
import { confirmAuthenticator } from '../../api/session';
import { CopyButton } from '../../parts/copy-button';
import { TextField } from '../../parts/field';
import { Line, Loading, Stack } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';
import { QrCode } from './qr-code';

const texts = t.me;

/** Sets an authenticator up: the code for the phone, the first digits back, the recovery codes once. */
export function AuthenticatorSetup({ onDone }: { onDone: () => void }) {
  const [codes, setCodes] = useState<readonly string[]>();
  const begun = useQuery({
    queryKey: ['authenticator'],
    // Each question makes a new secret: asked once, and not kept when this is closed.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: () => bodyOf(api.POST('/api/v1/session/authenticator')),
  });
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  if (begun.isError) return <ProblemNotice error={begun.error} retry={() => void begun.refetch()} />;
  if (begun.isPending) return <Loading lines={4} />;
  return (
    <Stack>
      <span>{texts.scan}</span>
      <QrCode text={begun.data.uri} name={texts.qr} />
      <div>
        {texts.secret}
        <Line>
          <code data-testid="secret">{begun.data.secret}</code>
          <CopyButton value={begun.data.secret} name={texts.secret} />
        </Line>
      </div>
      <FirstCode onCodes={setCodes} />
    </Stack>
  );
}

function FirstCode({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const [code, setCode] = useState('');
  const [tried, setTried] = useState(false);
  const confirm = useMutation({ mutationFn: () => confirmAuthenticator(code.trim()), onSuccess: onCodes, gcTime: 0 });
  const refusal = confirm.error instanceof ApiProblem ? confirm.error.fieldProblem('code') : undefined;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (code.trim() !== '') confirm.mutate();
      }}
    >
      <Stack>
        {confirm.isError && refusal === undefined && <ProblemNotice error={confirm.error} />}
        <TextField
          label={texts.code}
          hint={texts.codeHint}
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          onChange={(event) => setCode(event.target.value)}
          problem={tried && code.trim() === '' ? texts.codeNeeded : refusal}
        />
        <div>
          <Button isPrimary type="submit" disabled={confirm.isPending}>
            {texts.confirm}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <Stack>
      <strong>{texts.codes}</strong>
      <span>{texts.codesWhat}</span>
      <ol aria-label={texts.codes} style={{ columns: 2, margin: 0 }}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <Line>
        <CopyButton value={codes.join('\n')} name={texts.codesCopy} />
        <Button isPrimary onClick={onDone}>
          {texts.codesKept}
        </Button>
      </Line>
    </Stack>
  );
}
