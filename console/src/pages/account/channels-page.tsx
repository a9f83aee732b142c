import zendesk from '@zendeskgarden/svg-icons/src/16/zendesk-stroke.svg?raw';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tag } from '@zendeskgarden/react-tags';
import { api, bodyOf } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { Icon } from '../../parts/icon';
import { Card, Line, Loading, Page, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { OfOrganisation } from './organisation';

const EVERY_MS = 5000;

/** Account → Bundles and Channels: what the organisation has, and what of it is connected. */
export function ChannelsPage() {
  return (
    <Page title={t.account.title} name={t.account.title}>
      <OfOrganisation>{(id) => <Licensed id={id} />}</OfOrganisation>
    </Page>
  );
}

function Licensed({ id }: { id: string }) {
  const params = { path: { id } };
  const bundles = useQuery({
    queryKey: ['bundles', id],
    queryFn: () => bodyOf(api.GET('/api/v1/organisations/{id}/bundles', { params })),
  });
  const channels = useQuery({
    queryKey: ['channels', id],
    queryFn: () => bodyOf(api.GET('/api/v1/organisations/{id}/channels', { params })),
    refetchInterval: EVERY_MS,
  });
  const failed = bundles.error ?? channels.error;
  if (failed) return <ProblemNotice title={t.account.loadFailed} error={failed} />;
  if (!bundles.data || !channels.data) return <Loading />;
  return (
    <div>
      <Card aria-labelledby="bundles">
        <h2 id="bundles">{t.account.bundles}</h2>
        {bundles.data.bundles.length === 0 && <p>{t.account.noBundles}</p>}
        {bundles.data.bundles.map((bundle) => (
          <Bundle key={bundle.bundleId} bundle={bundle} />
        ))}
      </Card>
      <Card aria-labelledby="channels">
        <h2 id="channels">{t.account.channels}</h2>
        {channels.data.channels.map((channel) => (
          <Channel key={channel.channel} channel={channel} supportAddress={channels.data.supportAddress} />
        ))}
      </Card>
    </div>
  );
}

interface BundleProps {
  name: string;
  channels: readonly 'zendesk'[];
  startsAt: string;
  endsAt: string | null;
  active: boolean;
}

function Bundle({ bundle }: { bundle: BundleProps }) {
  const includes = bundle.channels.map((channel) => t.words.channel[channel]).join(', ');
  return (
    <Stack $gap={2}>
      <strong>{bundle.name}</strong>
      <span>{t.account.includes(includes)}</span>
      <Subtle>
        {bundle.active ? t.account.from : t.account.ended}{' '}
        <When at={bundle.active ? bundle.startsAt : (bundle.endsAt ?? bundle.startsAt)} full />
      </Subtle>
    </Stack>
  );
}

interface ChannelProps {
  channel: 'zendesk';
  inBundle: boolean;
  state: keyof typeof t.words.connection;
  subdomain: string | null;
  lastEventAt: string | null;
}

function Channel({ channel, supportAddress }: { channel: ChannelProps; supportAddress: string | null }) {
  const hue = channel.state === 'connected' ? 'green' : channel.state === 'reconnect_needed' ? 'red' : 'grey';
  return (
    <Line style={{ gap: 16 }}>
      <Icon svg={zendesk} />
      <Stack $gap={2} style={{ flex: 1, minWidth: 200 }}>
        <Line>
          <strong>{t.words.channel[channel.channel]}</strong>
          <Tag hue={hue}>
            <span>{t.words.connection[channel.state]}</span>
          </Tag>
        </Line>
        {channel.subdomain !== null && (
          <span>
            {channel.state === 'connected'
              ? t.account.connectedTo(channel.subdomain)
              : t.account.connection.title(channel.subdomain)}
          </span>
        )}
        <Subtle>
          {channel.lastEventAt === null ? t.account.noEvent : `${t.account.lastEvent} `}
          {channel.lastEventAt !== null && <When at={channel.lastEventAt} />}
        </Subtle>
      </Stack>
      {channel.inBundle ? <ChannelActs channel={channel} /> : <OutsideBundle supportAddress={supportAddress} />}
    </Line>
  );
}

function OutsideBundle({ supportAddress }: { supportAddress: string | null }) {
  return (
    <span>
      {t.account.outside}{' '}
      {supportAddress === null ? (
        t.account.outsideAsk
      ) : (
        <>
          {t.account.outsideAskAt} <a href={`mailto:${supportAddress}`}>{supportAddress}</a>
        </>
      )}
    </span>
  );
}

function ChannelActs({ channel }: { channel: ChannelProps }) {
  const { data: me } = useQuery(meQuery);
  const { state, subdomain } = channel;
  const live = state === 'connected' || state === 'activating';
  const mayActivate = may(me, 'connections.activate');
  return (
    <Line>
      {!live && mayActivate && (
        <Link to="/account/channels/zendesk/activate" search={subdomain === null ? {} : { subdomain }}>
          {state === 'reconnect_needed' ? t.account.repair : t.account.activate}
        </Link>
      )}
      {!live && !mayActivate && <span>{t.account.onlyAdmin}</span>}
      {state === 'activating' && <Link to="/account/channels/zendesk/activation">{t.account.progress.title}</Link>}
      {state !== 'not_activated' && <Link to="/account/channels/zendesk">{t.account.verify}</Link>}
    </Line>
  );
}
