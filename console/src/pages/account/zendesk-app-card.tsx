import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { api, ApiProblem, bodyOf } from '../../api/client';
import type { Connection } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { ProseField, TextField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { Card, Facts, Line } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { When } from '../../parts/when';
import { announce } from '../../shell/announce';
import { t } from '../../texts';

const texts = t.account.zendeskApp;
const PATH = '/api/v1/organisations/{id}/channels/zendesk/app';

/** The app in the sidebar of the account's tickets: what to do at Zendesk, and the key with which its tokens are signed. */
export function ZendeskAppCard({ organisation, connection }: { organisation: string; connection: Connection }) {
  const { data: me } = useQuery(meQuery);
  const [open, setOpen] = useState<'enter' | 'remove'>();
  const isMine = may(me, 'connections.app');
  const params = { path: { id: organisation } };
  const app = useQuery({
    queryKey: ['zendesk-app', organisation],
    enabled: isMine,
    queryFn: async () => (await bodyOf(api.GET(PATH, { params }))).app,
  });
  if (!isMine || app.isPending) return null;
  const entered = app.data;
  const origin = `https://${connection.subdomain}.zendesk.com`;
  return (
    <Card aria-labelledby="zendesk-app">
      <h2 id="zendesk-app">{texts.title}</h2>
      {app.isError && <ProblemNotice error={app.error} />}
      <p>{texts.what}</p>
      {!entered && <Steps origin={origin} />}
      {entered && (
        <Facts>
          <dt>{texts.installation}</dt>
          <dd>{entered.installationId}</dd>
          <dt>{texts.fingerprint}</dt>
          <dd style={{ overflowWrap: 'anywhere' }}>{entered.fingerprint}</dd>
          <dt>{texts.audience}</dt>
          <dd style={{ overflowWrap: 'anywhere' }}>{entered.audience}</dd>
          <dt>{texts.setAt}</dt>
          <dd>
            <When at={entered.setAt} full />
          </dd>
        </Facts>
      )}
      <Line style={{ marginTop: 12 }}>
        <Button onClick={() => setOpen('enter')}>{entered ? texts.replace : texts.enter}</Button>
        {entered && (
          <Button isDanger onClick={() => setOpen('remove')}>
            {texts.remove}
          </Button>
        )}
      </Line>
      {open === 'enter' && (
        <EnterDialog organisation={organisation} replaces={Boolean(entered)} onClose={() => setOpen(undefined)} />
      )}
      {open === 'remove' && <RemoveDialog organisation={organisation} onClose={() => setOpen(undefined)} />}
    </Card>
  );
}

function Steps({ origin }: { origin: string }) {
  return (
    <>
      <p>{texts.none}</p>
      <ol>
        {texts.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p style={{ overflowWrap: 'anywhere' }}>
        <code>{origin}/api/v2/apps/installations.json</code>
        <br />
        <code>{origin}/api/v2/apps/APP_ID/public_key</code>
      </p>
    </>
  );
}

interface DialogProps {
  organisation: string;
  onClose: () => void;
}

function EnterDialog({ organisation, replaces, onClose }: DialogProps & { replaces: boolean }) {
  const [installationId, setInstallationId] = useState('');
  const [publicKey, setPublicKey] = useState('');
  const [tried, setTried] = useState(false);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      bodyOf(
        api.PUT(PATH, {
          params: { path: { id: organisation } },
          body: { installationId: installationId.trim(), publicKey },
        }),
      ),
    onSuccess: async () => {
      announce(texts.saved);
      await queries.invalidateQueries({ queryKey: ['zendesk-app', organisation] });
      onClose();
    },
  });
  const refusal = save.error instanceof ApiProblem ? save.error : undefined;
  const wrongNumber = !/^\d{1,20}$/u.test(installationId.trim());
  const noKey = publicKey.trim() === '';
  return (
    <FormDialog
      title={replaces ? texts.replace : texts.enter}
      send={texts.save}
      isSending={save.isPending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (!wrongNumber && !noKey) save.mutate();
      }}
    >
      {save.isError && refusal?.fieldProblem('publicKey') === undefined && <ProblemNotice error={save.error} />}
      {replaces && <p>{texts.replaceWhat}</p>}
      <TextField
        label={texts.installation}
        inputMode="numeric"
        autoComplete="off"
        value={installationId}
        problem={tried && wrongNumber ? texts.needed : refusal?.fieldProblem('installationId')}
        onChange={(event) => setInstallationId(event.target.value)}
      />
      <ProseField
        label={texts.key}
        hint={texts.keyHint}
        rows={6}
        spellCheck={false}
        value={publicKey}
        problem={tried && noKey ? texts.keyNeeded : refusal?.fieldProblem('publicKey')}
        onChange={(event) => setPublicKey(event.target.value)}
      />
    </FormDialog>
  );
}

function RemoveDialog({ organisation, onClose }: DialogProps) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.DELETE(PATH, { params: { path: { id: organisation } } }),
    onSuccess: async () => {
      announce(texts.removed);
      await queries.invalidateQueries({ queryKey: ['zendesk-app', organisation] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={texts.remove}
      send={texts.remove}
      isDanger
      isSending={remove.isPending}
      onClose={onClose}
      onSend={() => remove.mutate()}
    >
      {remove.isError && <ProblemNotice error={remove.error} />}
      <p>{texts.removeWhat}</p>
    </FormDialog>
  );
}
