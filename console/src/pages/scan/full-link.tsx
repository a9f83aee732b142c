import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { api, bodyOf } from '../../api/client';
import type { Scan } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { CopyButton } from '../../parts/copy-button';
import { Line, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';

/** The whole address behind a masked one, unclickable, for analysts; the look is in the audit log, so it never happens by itself. */
export function FullLink({ scan }: { scan: Scan }) {
  const { data: me } = useQuery(meQuery);
  const look = useMutation({
    mutationFn: () => bodyOf(api.GET('/api/v1/scans/{id}/link', { params: { path: { id: scan.id } } })),
  });
  if (scan.kind !== 'url' || !may(me, 'links.open')) return null;
  if (!look.data) {
    return (
      <Stack $gap={6} className="not-printed">
        <Button isStretched disabled={look.isPending} onClick={() => look.mutate()}>
          {t.scans.fullLink.show}
        </Button>
        <Subtle>{t.scans.fullLink.audited}</Subtle>
        {look.isError && <ProblemNotice error={look.error} />}
      </Stack>
    );
  }
  const { url, defanged, shown } = look.data;
  return (
    <Stack $gap={6}>
      <Line>
        <code data-testid="full-link">
          <Untrusted text={defanged} max={4000} />
        </code>
        <CopyButton value={url} name={t.scans.fullLink.name} />
      </Line>
      {shown !== null && (
        <Subtle>
          {t.scans.fullLink.reads} <Untrusted text={shown} max={500} />
        </Subtle>
      )}
    </Stack>
  );
}
