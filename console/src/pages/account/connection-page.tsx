import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ApiProblem, api, bodyOf } from '../../api/client';
import type { Connection } from '../../api/client';
import { Card, Facts, Loading, Page } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { ActivationSteps } from './activation-steps';
import { ConnectionActs } from './connection-acts';
import { ConnectionProofs } from './connection-proofs';
import { OfOrganisation } from './organisation';
import { ZendeskAppCard } from './zendesk-app-card';

const texts = t.account.connection;
const EVERY_MS = 3000;

/** Verify: every part of a connection with its proof and the place where it is at Zendesk. */
export function ConnectionPage() {
  return <OfOrganisation>{(id) => <OneConnection organisation={id} />}</OfOrganisation>;
}

function OneConnection({ organisation }: { organisation: string }) {
  const connection = useQuery({
    queryKey: ['connection', organisation],
    queryFn: () =>
      bodyOf(
        api.GET('/api/v1/organisations/{id}/channels/zendesk/connection', { params: { path: { id: organisation } } }),
      ),
    refetchInterval: EVERY_MS,
  });
  if (connection.isPending) return <Loading />;
  if (connection.error instanceof ApiProblem && connection.error.status === 404) return <NotActivated />;
  if (!connection.data) return <ProblemNotice title={texts.loadFailed} error={connection.error} />;
  const title = texts.title(connection.data.subdomain);
  return (
    <Page title={title} name={title}>
      <Standing connection={connection.data} />
      <ConnectionActs organisation={organisation} connection={connection.data} />
      <ConnectionProofs connection={connection.data} />
      {connection.data.steps.length > 0 && (
        <Card aria-labelledby="steps">
          <h2 id="steps">{texts.steps}</h2>
          <ActivationSteps steps={connection.data.steps} />
        </Card>
      )}
      <Sources connection={connection.data} />
      <ZendeskAppCard organisation={organisation} connection={connection.data} />
    </Page>
  );
}

function NotActivated() {
  return (
    <Page title={t.words.channel.zendesk} name={t.words.channel.zendesk}>
      <p>{t.words.connection.not_activated}</p>
      <Link to="/account/channels">{t.account.title}</Link>
    </Page>
  );
}

function Standing({ connection }: { connection: Connection }) {
  const { verifiedAt, account } = connection;
  return (
    <Card aria-labelledby="state">
      <h2 id="state">{texts.state}</h2>
      <Facts>
        <dt>{texts.state}</dt>
        <dd>
          {t.words.connection[connection.state]}
          {connection.deactivationAskedAt !== null && connection.deactivatedAt === null && ` · ${texts.deactivating}`}
        </dd>
        <dt>{texts.verified}</dt>
        <dd>{verifiedAt === null ? texts.notVerified : <When at={verifiedAt} full />}</dd>
        <dt>{texts.intake}</dt>
        <dd>{connection.intake}</dd>
        <dt>{texts.account}</dt>
        <dd>{connection.accountId ?? '–'}</dd>
        <dt>{texts.user}</dt>
        <dd>{account && account.userName !== '' ? <Untrusted text={account.userName} /> : '–'}</dd>
        <dt>{texts.hosts}</dt>
        <dd>{connection.ownHosts.join(', ')}</dd>
        <dt>{texts.holds}</dt>
        <dd>{connection.openHolds.toLocaleString()}</dd>
      </Facts>
      {account && account.warnings.length > 0 && (
        <>
          <h3>{texts.warnings}</h3>
          <ul>
            {account.warnings.map((line) => (
              <li key={line}>
                <Untrusted text={line} max={600} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function Sources({ connection }: { connection: Connection }) {
  return (
    <Card aria-labelledby="sources">
      <h2 id="sources">{texts.covered}</h2>
      <ul>
        {connection.covered.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <h2>{texts.notCovered}</h2>
      <ul>
        {connection.notCovered.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Card>
  );
}
