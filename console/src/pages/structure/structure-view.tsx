import { useQuery } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import type { Structure } from '../../api/client';
import { Card, Line, Loading, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';
import { DownloadDialog } from './download-dialog';
import { PartPanel } from './part-panel';
import { PartTree } from './part-tree';
import { structureQuery } from './queries';

/** What a sealed file is made of. It is read by an isolated process of Lazaret; the browser gets words, digits and redrawn pictures. */
export function StructureView({ scanId }: { scanId: string }) {
  const structure = useQuery(structureQuery(scanId));
  return (
    <Card aria-labelledby="structure">
      <h2 id="structure">{t.analysts.structure.title}</h2>
      {structure.isPending && <Loading />}
      {structure.isError && (
        <ProblemNotice
          title={t.analysts.structure.loadFailed}
          error={structure.error}
          retry={() => void structure.refetch()}
        />
      )}
      {structure.isSuccess && <Parts scanId={scanId} structure={structure.data} />}
    </Card>
  );
}

function Parts({ scanId, structure }: { scanId: string; structure: Structure }) {
  const { nodes, more, reason } = structure;
  // Where something was found is what the analyst wants to see.
  const [chosen, setChosen] = useState(() => nodes.find(({ findings }) => findings.length > 0)?.id ?? 0);
  const [isDownloading, setIsDownloading] = useState(false);
  const node = nodes.find(({ id }) => id === chosen);
  const file = nodes[0];
  return (
    <Stack>
      <Line>
        <Subtle>{t.analysts.structure.audited}</Subtle>
        <Button size="small" onClick={() => setIsDownloading(true)}>
          {t.analysts.structure.download}
        </Button>
      </Line>
      {reason !== null && <p>{t.analysts.structure.incomplete(t.words.unscannable[reason])}</p>}
      <PartTree nodes={nodes} chosen={chosen} onChoose={setChosen} />
      {more && <Subtle>{t.analysts.structure.more}</Subtle>}
      {node && <PartPanel scanId={scanId} node={node} />}
      {isDownloading && file && (
        <DownloadDialog scanId={scanId} sha256={file.sha256} onClose={() => setIsDownloading(false)} />
      )}
    </Stack>
  );
}
