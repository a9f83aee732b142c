import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import styled from 'styled-components';
import { api, bodyOf } from '../../api/client';
import type { ScanStory } from '../../api/client';
import { Line, Loading, Page, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { ScanState, ScanVerdict } from '../../parts/verdict';
import { t } from '../../texts';
import { ActCard } from './act-card';
import { AskDialog } from './ask-dialog';
import { CopiesCard } from './copies-card';
import { DecideDialog } from './decide-dialog';
import { FactsCard } from './facts-card';
import { FindingsCard } from './findings-card';
import { HistoryCard } from './history-card';
import { ReturnCard } from './return-card';
import { StepsCard } from './steps-card';
import { WhyCard } from './why-card';

const OPEN_EVERY_MS = 3000;
const Columns = styled.div`
  display: grid;
  grid-template-columns: minmax(0, 2fr) minmax(260px, 1fr);
  gap: 20px;
  margin-top: 20px;
  @media (max-width: 900px), print {
    grid-template-columns: minmax(0, 1fr);
  }
`;

/** Which dialog is open on a scan. */
export type ScanDialog = 'ask' | 'decide' | undefined;

/** One scan: what it is, why, what happened, what can be done. */
export function ScanPage() {
  const { id } = useParams({ from: '/inside/scans/$id' });
  return <ScanView id={id} />;
}

/** The same with the request for an investigation open: where the links of notes and mails lead. */
export function InvestigatePage() {
  const { id } = useParams({ from: '/inside/scans/$id/investigate' });
  return <ScanView id={id} first="ask" />;
}

function ScanView({ id, first }: { id: string; first?: ScanDialog }) {
  const [dialog, setDialog] = useState<ScanDialog>(first);
  const navigate = useNavigate();
  const story = useQuery({
    queryKey: ['scan', id],
    queryFn: () => bodyOf(api.GET('/api/v1/scans/{id}', { params: { path: { id } } })),
    refetchInterval: OPEN_EVERY_MS,
  });
  if (story.isPending) return <Loading />;
  if (!story.data) {
    return <ProblemNotice title={t.scans.detail.loadFailed} error={story.error} retry={() => void story.refetch()} />;
  }
  const close = (): void => {
    setDialog(undefined);
    if (first) void navigate({ to: '/scans/$id', params: { id }, replace: true });
  };
  return (
    <>
      <ScanContent story={story.data} open={setDialog} />
      {dialog === 'ask' && <AskDialog scans={[story.data.scan]} onClose={close} />}
      {dialog === 'decide' && <DecideDialog story={story.data} onClose={close} />}
    </>
  );
}

function ScanContent({ story, open }: { story: ScanStory; open: (dialog: ScanDialog) => void }) {
  const { scan } = story;
  return (
    <Page title={<Untrusted text={scan.displayName} />} name={scan.displayName}>
      <Line>
        <ScanVerdict scan={scan} large />
        <Subtle>
          <ScanState scan={scan} />
        </Subtle>
      </Line>
      <Columns>
        <div>
          <WhyCard story={story} />
          <FindingsCard story={story} />
          <StepsCard story={story} />
          <CopiesCard story={story} />
          <HistoryCard story={story} />
        </div>
        <Stack $gap={0}>
          <ReturnCard scan={scan} />
          <ActCard story={story} open={open} />
          <FactsCard story={story} />
        </Stack>
      </Columns>
    </Page>
  );
}
