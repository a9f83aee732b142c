import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Tag } from '@zendeskgarden/react-tags';
import { api, bodyOf } from '../../api/client';
import type { Connection } from '../../api/client';
import { Card, Facts, Line, Loading, Page, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { ConnectionActs } from './connection-acts';
import { useOrganisation } from './organisation';

const texts = t.account.connection;
const EVERY_MS = 3000;

/** Verify: every part of a connection with its proof and the place where it is at Zendesk. */
export function ConnectionPage() {
  const { organisation } = useSearch({ from: '/inside/account/channels/zendesk' });
  const id = useOrganisation(organisation);
  const connection = useQuery({
    queryKey: ['connection', id],
    enabled: id !== undefined,
    queryFn: () =>
      bodyOf(api.GET('/api/v1/organisations/{id}/channels/zendesk/connection', { params: { path: { id: id ?? '' } } })),
    refetchInterval: EVERY_MS,
  });
  if (id === undefined) return <p>{t.account.choose}</p>;
  if (connection.isPending) return <Loading />;
  if (!connection.data) return <ProblemNotice title={texts.loadFailed} error={connection.error} />;
  const title = texts.title(connection.data.subdomain);
  return (
    <Page title={title} name={title}>
      <Standing connection={connection.data} />
      <ConnectionActs organisation={id} connection={connection.data} />
      <Parts parts={connection.data.parts} />
      <Steps steps={connection.data.steps} />
      <Sources connection={connection.data} />
    </Page>
  );
}

function Standing({ connection }: { connection: Connection }) {
  const { lastEventAt, verifiedAt, signIn } = connection;
  return (
    <Card aria-labelledby="state">
      <h2 id="state">{texts.state}</h2>
      <Facts>
        <dt>{texts.state}</dt>
        <dd>
          {t.words.connection[connection.state]}
          {connection.deactivationAskedAt !== null && connection.deactivatedAt === null && ` · ${texts.deactivating}`}
        </dd>
        <dt>{texts.intake}</dt>
        <dd>{connection.intake}</dd>
        <dt>{texts.account}</dt>
        <dd>{connection.accountId ?? '–'}</dd>
        <dt>{t.account.lastEvent}</dt>
        <dd>{lastEventAt === null ? t.account.noEvent : <When at={lastEventAt} />}</dd>
        <dt>{texts.token}</dt>
        <dd>
          {signIn.refreshExpiresAt === null ? '–' : `${texts.tokenUntil} `}
          {signIn.refreshExpiresAt !== null && <When at={signIn.refreshExpiresAt} full />}
        </dd>
        <dt>{texts.hosts}</dt>
        <dd>{connection.ownHosts.join(', ')}</dd>
        <dt>{texts.holds}</dt>
        <dd>{connection.openHolds.toLocaleString()}</dd>
        <dt>{texts.verified}</dt>
        <dd>{verifiedAt === null ? texts.notVerified : <When at={verifiedAt} full />}</dd>
      </Facts>
    </Card>
  );
}

function Parts({ parts }: Pick<Connection, 'parts'>) {
  return (
    <Card aria-labelledby="parts">
      <h2 id="parts">{texts.parts}</h2>
      <Stack>
        {parts.map((part) => (
          <Stack key={part.name} $gap={2}>
            <Line>
              <strong>{texts.part[part.name]}</strong>
              <code>{part.id}</code>
              <Tag hue={part.present && part.asMade ? 'green' : 'red'}>
                <span>{!part.present ? texts.missing : part.asMade ? texts.present : texts.changed}</span>
              </Tag>
            </Line>
            <span>
              {texts.where}: {part.adminCenter}
            </span>
            <Subtle>
              {part.checkedAt !== undefined && (
                <>
                  {texts.checked} <When at={part.checkedAt} />
                </>
              )}
              {part.lastWorkedAt !== undefined && (
                <>
                  {' · '}
                  {texts.worked} <When at={part.lastWorkedAt} />
                </>
              )}
            </Subtle>
          </Stack>
        ))}
      </Stack>
    </Card>
  );
}

function Steps({ steps }: Pick<Connection, 'steps'>) {
  if (steps.length === 0) return null;
  return (
    <Card aria-labelledby="steps">
      <h2 id="steps">{texts.steps}</h2>
      <ol aria-live="polite">
        {steps.map((step) => (
          <li key={step.step}>
            {texts.step[step.step]}
            {step.state === 'ok' && ` · ${Math.round(step.ms ?? 0).toLocaleString()} ms`}
            {step.state === 'failed' && (
              <div>
                <Untrusted text={`${step.problem ?? ''} ${step.remedy ?? ''}`} max={600} />
              </div>
            )}
          </li>
        ))}
      </ol>
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
