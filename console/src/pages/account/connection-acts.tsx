import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import { api } from '../../api/client';
import type { Connection } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { FormDialog } from '../../parts/form-dialog';
import { Line } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';

const texts = t.account.connection;
const PATHS = {
  verify: '/api/v1/organisations/{id}/channels/zendesk/connection/verify',
  check: '/api/v1/organisations/{id}/channels/zendesk/connection/check',
  deactivate: '/api/v1/organisations/{id}/channels/zendesk/connection/deactivate',
} as const;
type Act = keyof typeof PATHS;

/** What may be done with a connection: look again, mark as verified, take down. */
export function ConnectionActs({ organisation, connection }: { organisation: string; connection: Connection }) {
  const { data: me } = useQuery(meQuery);
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (name: Act) => api.POST(PATHS[name], { params: { path: { id: organisation } } }),
    onSuccess: async (_answer, name) => {
      if (name === 'check') announce(texts.checking);
      setAsking(false);
      await queries.invalidateQueries({ queryKey: ['connection', organisation] });
    },
  });
  const connected = connection.state === 'connected';
  const mayEnd = may(me, 'connections.deactivate') && (connected || connection.state === 'reconnect_needed');
  return (
    <>
      {act.isError && !asking && <ProblemNotice error={act.error} />}
      <Line style={{ marginBottom: 20 }}>
        {connected && connection.verifiedAt === null && may(me, 'connections.verify') && (
          <Button isPrimary onClick={() => act.mutate('verify')}>
            {texts.markVerified}
          </Button>
        )}
        {connected && may(me, 'connections.deactivate') && (
          <Button onClick={() => act.mutate('check')}>{texts.check}</Button>
        )}
        {mayEnd && (
          <Button isDanger onClick={() => setAsking(true)}>
            {texts.deactivate}
          </Button>
        )}
      </Line>
      {asking && (
        <FormDialog
          title={texts.deactivate}
          send={texts.deactivate}
          isDanger
          isSending={act.isPending}
          onClose={() => setAsking(false)}
          onSend={() => act.mutate('deactivate')}
        >
          {act.isError && <ProblemNotice error={act.error} />}
          <Listed title={texts.removes} lines={texts.removed} />
          <Listed title={texts.keeps} lines={texts.kept(connection.openHolds)} />
        </FormDialog>
      )}
    </>
  );
}

function Listed({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div>
      <strong>{title}</strong>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
