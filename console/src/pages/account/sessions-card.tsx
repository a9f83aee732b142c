import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { Tag } from '@zendeskgarden/react-tags';
import { api, bodyOf } from '../../api/client';
import type { OwnSession } from '../../api/client';
import { Card, Line, Loading, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { When } from '../../parts/when';
import { announce } from '../../shell/announce';
import { t } from '../../texts';

const texts = t.me;
/** Words that browsers put into their names, the more special one first. */
const BROWSERS = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' } as const;
const SYSTEMS = {
  Android: 'Android',
  iPhone: 'iPhone',
  iPad: 'iPad',
  Windows: 'Windows',
  Macintosh: 'macOS',
  Linux: 'Linux',
};

/** What a browser calls itself, in short. Anybody may write anything there, so only known words are shown. */
export function clientName(client: string): string {
  const known = (names: Record<string, string>): string | undefined =>
    Object.entries(names).find(([word]) => client.includes(word))?.[1];
  const [browser, system] = [known(BROWSERS), known(SYSTEMS)];
  if (browser === undefined) return texts.unknownClient;
  return system === undefined ? browser : texts.onSystem(browser, system);
}

/** Where the reader is signed in, and how to end it. */
export function SessionsCard() {
  const list = useQuery({ queryKey: ['own-sessions'], queryFn: () => bodyOf(api.GET('/api/v1/sessions')) });
  return (
    <Card aria-labelledby="sessions">
      <h2 id="sessions">{texts.sessions}</h2>
      {list.isError && (
        <ProblemNotice title={texts.sessionsFailed} error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && <Loading lines={2} />}
      <Stack>
        {list.data?.sessions.map((session) => (
          <LiveSession key={session.id} session={session} />
        ))}
      </Stack>
    </Card>
  );
}

function LiveSession({ session }: { session: OwnSession }) {
  const name = clientName(session.client);
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => api.DELETE('/api/v1/sessions/{id}', { params: { path: { id: session.id } } }),
    onSuccess: async () => {
      announce(texts.ended);
      await queries.invalidateQueries({ queryKey: ['own-sessions'] });
    },
  });
  return (
    <div>
      {end.isError && <ProblemNotice error={end.error} />}
      <Line>
        <Stack $gap={2} style={{ flex: 1, minWidth: 200 }}>
          <Line>
            <span>{name}</span>
            {session.current && (
              <Tag hue="green">
                <span>{texts.thisOne}</span>
              </Tag>
            )}
          </Line>
          <Subtle>
            {texts.since} <When at={session.createdAt} /> · {texts.seen} <When at={session.lastSeenAt} />
          </Subtle>
        </Stack>
        {!session.current && (
          <Button size="small" aria-label={texts.endOf(name)} onClick={() => end.mutate()}>
            {texts.end}
          </Button>
        )}
      </Line>
    </div>
  );
}
