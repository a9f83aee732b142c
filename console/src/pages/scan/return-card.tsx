import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Anchor, Button } from '@zendeskgarden/react-buttons';
import { api, bodyOf } from '../../api/client';
import type { Scan } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { Card, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { When } from '../../parts/when';
import { announce } from '../../shell/announce';
import { t } from '../../texts';

/** A clean file that could not go back into its ticket: an admin takes it, has it sent in a follow-up, or declines it. */
export function ReturnCard({ scan }: { scan: Scan }) {
  const { data: me } = useQuery(meQuery);
  if (scan.state !== 'release_refused' || scan.verdict !== 'clean') return null;
  const why = scan.stateReason === null ? '' : t.words.stateReason[scan.stateReason];
  return (
    <Card aria-labelledby="return">
      <h2 id="return">{t.scans.give.title}</h2>
      <Stack $gap={10}>
        <span>{t.scans.give.why(why)}</span>
        {scan.returnSettledAt !== null && (
          <Subtle>
            {t.scans.give.settled} <When at={scan.returnSettledAt} full />
          </Subtle>
        )}
        {may(me, 'return.settle') ? <Ways scan={scan} /> : <Subtle>{t.scans.give.admins}</Subtle>}
      </Stack>
    </Card>
  );
}

function Ways({ scan }: { scan: Scan }) {
  const queries = useQueryClient();
  const params = { path: { id: scan.id } };
  const onSuccess = async (): Promise<void> => {
    announce(t.scans.give.done);
    await queries.invalidateQueries({ queryKey: ['scan', scan.id] });
  };
  const followUp = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/scans/{id}/follow-up', { params })),
    onSuccess,
  });
  const decline = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/scans/{id}/decline', { params })),
    onSuccess,
  });
  const problem = followUp.error ?? decline.error;
  return (
    <Stack $gap={10} className="not-printed">
      {problem && <ProblemNotice error={problem} />}
      <Anchor href={`/api/v1/scans/${scan.id}/file`} download>
        {t.scans.give.download}
      </Anchor>
      {scan.stateReason === 'ticket_closed' && (
        <Button isStretched disabled={followUp.isPending} onClick={() => followUp.mutate()}>
          {t.scans.give.followUp}
        </Button>
      )}
      {scan.returnSettledAt === null && (
        <Button isStretched disabled={decline.isPending} onClick={() => decline.mutate()}>
          {t.scans.give.decline}
        </Button>
      )}
    </Stack>
  );
}
