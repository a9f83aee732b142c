import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api, ApiProblem, bodyOf } from '../../api/client';
import type { Connection } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { Card, Empty, Loading, Page, Stack } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { ActivationSteps } from './activation-steps';
import { OfOrganisation } from './organisation';

const texts = t.account.progress;
const WHILE_ACTIVATING_MS = 700;
const AFTERWARDS_MS = 10_000;

/** Where Zendesk's sign-in leads back to: the steps as they tick, then what to do next. */
export function ActivationPage() {
  return <OfOrganisation>{(id) => <Progress organisation={id} />}</OfOrganisation>;
}

function Progress({ organisation }: { organisation: string }) {
  const connection = useQuery({
    queryKey: ['connection', organisation],
    queryFn: () =>
      bodyOf(
        api.GET('/api/v1/organisations/{id}/channels/zendesk/connection', { params: { path: { id: organisation } } }),
      ),
    refetchInterval: ({ state }) => (state.data?.state === 'activating' ? WHILE_ACTIVATING_MS : AFTERWARDS_MS),
  });
  if (connection.isPending) return <Loading />;
  if (connection.error instanceof ApiProblem && connection.error.status === 404) {
    return (
      <Page title={texts.none} name={texts.none}>
        <TryAgain subdomain={undefined} />
      </Page>
    );
  }
  if (!connection.data) {
    return <ProblemNotice error={connection.error} retry={() => void connection.refetch()} />;
  }
  return <Standing connection={connection.data} />;
}

type Outcome = 'title' | 'done' | 'failed' | 'unfinished' | 'none';

/** How far it has come. A failed repair leaves the connection as it was, so the steps tell before the state does. */
function outcomeOf({ state, steps }: Connection): Outcome {
  if (state === 'activating') return 'title';
  if (steps.some((step) => step.state === 'failed')) return 'failed';
  if (state === 'connected' || state === 'reconnect_needed') return 'done';
  return state === 'deactivated' ? 'none' : 'unfinished';
}

function Standing({ connection }: { connection: Connection }) {
  const outcome = outcomeOf(connection);
  const { subdomain, state, steps } = connection;
  useEffect(() => announce(texts[outcome]), [outcome]);
  const goesOn = outcome === 'failed' && (state === 'connected' || state === 'reconnect_needed');
  return (
    <Page title={texts[outcome]} name={texts[outcome]}>
      <p>{t.account.connection.title(subdomain)}</p>
      {outcome === 'unfinished' ? (
        <Empty>{texts.unfinishedWhat}</Empty>
      ) : (
        <Card aria-labelledby="steps">
          <h2 id="steps">{t.account.connection.steps}</h2>
          <ActivationSteps steps={steps} />
        </Card>
      )}
      {outcome === 'failed' && (
        <p>
          {texts.undone} {goesOn && texts.still(subdomain)}
        </p>
      )}
      {outcome === 'done' && <Next />}
      {(outcome === 'failed' || outcome === 'unfinished' || outcome === 'none') && <TryAgain subdomain={subdomain} />}
    </Page>
  );
}

function TryAgain({ subdomain }: { subdomain: string | undefined }) {
  return (
    <Link to="/account/channels/zendesk/activate" search={subdomain === undefined ? {} : { subdomain }}>
      {texts.tryAgain}
    </Link>
  );
}

function Next() {
  const { data: me } = useQuery(meQuery);
  return (
    <Card aria-labelledby="next">
      <h2 id="next">{texts.next}</h2>
      <Stack $gap={8}>
        <Link to="/scans">{texts.toScans}</Link>
        <Link to="/account/channels/zendesk">{texts.toVerify}</Link>
        {may(me, 'people.manage') && <Link to="/account/users">{texts.toInvite}</Link>}
      </Stack>
    </Card>
  );
}
