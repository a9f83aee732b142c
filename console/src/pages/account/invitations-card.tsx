import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { api, bodyOf } from '../../api/client';
import type { Invitation } from '../../api/client';
import { Card, Line, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { GIVEN_ROLES, useInvite } from './invite-dialog';

const texts = t.people;

/** Invitations that nobody has accepted yet. */
export function InvitationsCard({ organisation }: { organisation: string }) {
  const list = useQuery({
    queryKey: ['invitations', organisation],
    queryFn: () => bodyOf(api.GET('/api/v1/invitations', { params: { query: { organisation } } })),
  });
  return (
    <Card aria-labelledby="invitations">
      <h2 id="invitations">{texts.invitations}</h2>
      {list.isError && <ProblemNotice error={list.error} retry={() => void list.refetch()} />}
      {list.data?.invitations.length === 0 && <Subtle>{texts.noInvitations}</Subtle>}
      <Stack>
        {list.data?.invitations.map((one) => (
          <OpenInvitation key={one.id} invitation={one} organisation={organisation} />
        ))}
      </Stack>
    </Card>
  );
}

function OpenInvitation({ invitation, organisation }: { invitation: Invitation; organisation: string }) {
  const { id, email, expiresAt } = invitation;
  const role = GIVEN_ROLES.find((one) => one === invitation.role);
  const queries = useQueryClient();
  const again = useInvite(organisation);
  const takeBack = useMutation({
    mutationFn: () => api.DELETE('/api/v1/invitations/{id}', { params: { path: { id } } }),
    onSuccess: async () => {
      announce(texts.takenBack);
      await queries.invalidateQueries({ queryKey: ['invitations', organisation] });
    },
  });
  const failed = again.error ?? takeBack.error;
  return (
    <div>
      {failed && <ProblemNotice error={failed} />}
      <Line>
        <Stack $gap={2} style={{ flex: 1, minWidth: 200 }}>
          <Untrusted text={email} />
          <Subtle>
            {t.words.role[invitation.role]} · {texts.expires} <When at={expiresAt} full />
          </Subtle>
        </Stack>
        {role && (
          <Button size="small" aria-label={texts.againOf(email)} onClick={() => again.mutate({ email, role })}>
            {texts.again}
          </Button>
        )}
        <Button size="small" aria-label={texts.takeBackOf(email)} onClick={() => takeBack.mutate()}>
          {texts.takeBack}
        </Button>
      </Line>
    </div>
  );
}
