import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from '@zendeskgarden/react-buttons';
import type { ScanStory } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { Card, Stack } from '../../parts/page';
import { t } from '../../texts';
import { FullLink } from './full-link';
import type { ScanDialog } from './scan-page';

/** What this reader may do about this scan now. */
export function ActCard({ story, open }: { story: ScanStory; open: (dialog: ScanDialog) => void }) {
  const { data: me } = useQuery(meQuery);
  const { scan, links } = story;
  const asked = story.investigations.some((one) => one.state === 'open');
  const canAsk = may(me, 'investigations.request') && scan.kind === 'attachment';
  const canDecide = may(me, 'scans.decide') && scan.sha256 !== null;
  return (
    <Card aria-labelledby="act" className="not-printed">
      <h2 id="act">{t.scans.detail.act}</h2>
      <Stack $gap={10}>
        {asked && <p>{t.scans.detail.investigationOpen}</p>}
        {canDecide && (
          <Button isPrimary isStretched onClick={() => open('decide')}>
            {t.scans.detail.decide}
          </Button>
        )}
        {canAsk && (
          <Button isStretched onClick={() => open('ask')}>
            {t.scans.detail.ask}
          </Button>
        )}
        <FullLink scan={scan} />
        {may(me, 'sealed_copy.look') && story.sealedCopy?.sealed && (
          <Link to="/scans/$id/structure" params={{ id: scan.id }}>
            {t.scans.detail.lookInside}
          </Link>
        )}
        {!canAsk && !canDecide && <span>{t.scans.detail.nothing}</span>}
        {links.ticket !== null && (
          <a href={links.ticket} target="_blank" rel="noreferrer noopener">
            {t.scans.detail.openTicket}
          </a>
        )}
        {links.comment !== null && (
          <a href={links.comment} target="_blank" rel="noreferrer noopener">
            {t.scans.detail.openComment}
          </a>
        )}
        {links.workflow !== null && (
          <a href={links.workflow} target="_blank" rel="noreferrer noopener">
            {t.scans.detail.openWorkflow}
          </a>
        )}
      </Stack>
    </Card>
  );
}
