import { Anchor } from '@zendeskgarden/react-buttons';
import { Tag } from '@zendeskgarden/react-tags';
import type { ReactNode } from 'react';
import type { Connection } from '../../api/client';
import { CopyButton } from '../../parts/copy-button';
import { Card, Line, Stack, Subtle } from '../../parts/page';
import { When } from '../../parts/when';
import { t } from '../../texts';

const texts = t.account.connection;

/** Everything that has to be in place, each with its proof, its id and the place where Zendesk shows it. */
export function ConnectionProofs({ connection }: { connection: Connection }) {
  return (
    <Card aria-labelledby="parts">
      <h2 id="parts">{texts.parts}</h2>
      <Stack>
        {connection.parts.map((part) => (
          <PartProof key={part.name} part={part} />
        ))}
        <SignInProof connection={connection} />
        <EventProof at={connection.lastEventAt ?? connection.lastTriggerAt} />
        <RoundTrip steps={connection.steps} />
      </Stack>
    </Card>
  );
}

function Proof(props: { name: string; isFine: boolean; word?: string; beside?: ReactNode; children: ReactNode }) {
  const { name, isFine, word, beside, children } = props;
  return (
    <Stack $gap={2}>
      <Line>
        <strong>{name}</strong>
        <Tag hue={isFine ? 'green' : 'red'}>
          <span>{word ?? (isFine ? texts.fine : texts.look)}</span>
        </Tag>
        {beside}
      </Line>
      <Subtle>{children}</Subtle>
    </Stack>
  );
}

function PartProof({ part }: { part: Connection['parts'][number] }) {
  const isFine = part.present && part.asMade;
  const name = texts.part[part.name];
  return (
    <Proof
      name={name}
      isFine={isFine}
      word={!part.present ? texts.missing : part.asMade ? texts.present : texts.changed}
      beside={
        <>
          <code>{part.id}</code>
          <CopyButton value={part.id} name={name} />
        </>
      }
    >
      {part.differs !== undefined && part.differs.length > 0 && <>{texts.differs(part.differs.join(', '))} · </>}
      {texts.checked} <When at={part.checkedAt} />
      {part.lastWorkedAt !== undefined && (
        <>
          {' · '}
          {texts.worked} <When at={part.lastWorkedAt} />
        </>
      )}
      {' · '}
      <Anchor href={part.adminCenterUrl} isExternal externalIconLabel={part.adminCenter} title={part.adminCenter}>
        {texts.openThere}
      </Anchor>
    </Proof>
  );
}

function SignInProof({ connection }: { connection: Connection }) {
  const { signIn, state, account } = connection;
  const isFine = state === 'connected';
  return (
    <Proof name={texts.signIn} isFine={isFine} word={isFine ? texts.signInWorks : texts.signInLost}>
      {account && account.userName !== '' && `${account.userName}, ${account.role} · `}
      {signIn.refreshExpiresAt !== null && (
        <>
          {texts.tokenUntil} <When at={signIn.refreshExpiresAt} full />
        </>
      )}
    </Proof>
  );
}

function EventProof({ at }: { at: string | null }) {
  return (
    <Proof name={texts.lastEvent} isFine={at !== null}>
      {at === null ? texts.noEventYet : `${texts.arrived} `}
      {at !== null && <When at={at} />}
    </Proof>
  );
}

function RoundTrip({ steps }: Pick<Connection, 'steps'>) {
  const proof = steps.find((step) => step.step === 'proveIntake' && step.state === 'ok');
  return (
    <Proof name={texts.roundTrip} isFine={proof !== undefined}>
      {proof === undefined ? texts.roundTripNot : `${texts.roundTripDone(Math.round(proof.ms ?? 0))} · `}
      {proof !== undefined && <When at={proof.at} />}
    </Proof>
  );
}
