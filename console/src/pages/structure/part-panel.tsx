import { Button } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import type { StructureNode } from '../../api/client';
import { Line, Stack } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';
import { PartBytes } from './part-bytes';
import { PartFacts } from './part-facts';
import { PartStrings } from './part-strings';

const TABS = ['facts', 'strings', 'bytes', 'picture'] as const;
type Tab = (typeof TABS)[number];

/** One part, looked at in the way that is chosen. Nothing is read before it is asked for: each look is written down. */
export function PartPanel({ scanId, node }: { scanId: string; node: StructureNode }) {
  const [tab, setTab] = useState<Tab>('facts');
  const tabs = TABS.filter((one) => one !== 'picture' || node.type.startsWith('image/'));
  const shown = tabs.includes(tab) ? tab : 'facts';
  return (
    <Stack $gap={12}>
      <h3 style={{ margin: 0 }}>
        <Untrusted text={node.displayName} />
      </h3>
      <Line role="group" aria-label={node.displayName}>
        {tabs.map((one) => (
          <Button
            key={one}
            size="small"
            isPrimary={one === shown}
            aria-pressed={one === shown}
            onClick={() => setTab(one)}
          >
            {t.analysts.structure.tabs[one]}
          </Button>
        ))}
      </Line>
      {shown === 'facts' && <PartFacts key={node.id} scanId={scanId} node={node} />}
      {shown === 'strings' && <PartStrings key={node.id} scanId={scanId} sha256={node.sha256} />}
      {shown === 'bytes' && <PartBytes key={node.id} scanId={scanId} sha256={node.sha256} />}
      {shown === 'picture' && <PartPicture key={node.id} scanId={scanId} node={node} />}
    </Stack>
  );
}

/** Drawn anew by Lazaret: never the bytes of the file. */
function PartPicture({ scanId, node }: { scanId: string; node: StructureNode }) {
  const [isMissing, setIsMissing] = useState(false);
  if (isMissing) return <p>{t.analysts.structure.noPicture}</p>;
  return (
    <img
      src={`/api/v1/scans/${scanId}/parts/${node.sha256}/picture`}
      alt={t.analysts.structure.picture(node.displayName)}
      style={{ maxWidth: '100%' }}
      onError={() => setIsMissing(true)}
    />
  );
}
