import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import type { Scan, ScanStory } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { Card, Stack, Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { effectsQuery } from '../investigations/desk';
import { UndoDialog } from '../investigations/undo-notice';

type Decision = ScanStory['decisions'][number];

/** The effective verdict and why it is that, in words: a person's decision, what engines found, or what hindered them. */
export function WhyCard({ story }: { story: ScanStory }) {
  const { scan } = story;
  const decided = story.decisions.find((one) => one.id === scan.decisionId);
  return (
    <Card aria-labelledby="why">
      <h2 id="why">{t.scans.why.title}</h2>
      <Stack $gap={8}>
        <p style={{ margin: 0 }}>{decided ? <Decided story={story} decision={decided} /> : machineText(scan, story)}</p>
        {decided && <Subtle>{t.scans.why.before(machineText(scan, story))}</Subtle>}
        <Investigations story={story} />
        {decided && <Undo scan={scan} decision={decided} />}
      </Stack>
    </Card>
  );
}

/** What the engines alone said, in a sentence. */
function machineText({ machineVerdict, machineReason, state }: Scan, { findings }: ScanStory): string {
  if (state === 'blocked_at_source') return t.scans.why.blocked;
  if (machineReason !== null) return t.scans.why.unscannable(t.words.unscannable[machineReason]);
  if (machineVerdict === 'pending') return t.scans.why.pending;
  const engines = [...new Set(findings.map((finding) => finding.engine))];
  return engines.length === 0
    ? t.scans.why.nothingFound
    : t.scans.why.found(t.words.verdict[machineVerdict], findings.length, engines.join(', '));
}

function Decided({ story, decision }: { story: ScanStory; decision: Decision }) {
  return (
    <>
      {t.scans.why.decided(nameOf(story, decision.actor, decision.actorRole), t.words.verdict[decision.verdict])}{' '}
      <When at={decision.createdAt} />: <Untrusted text={decision.reason} max={2000} />
    </>
  );
}

/** Who asked for another look and why, and whether it is answered. */
function Investigations({ story }: { story: ScanStory }) {
  return (
    <>
      {story.investigations.map((one) => (
        <div key={one.id}>
          {one.state === 'open' ? t.scans.why.asking : t.scans.why.asked}{' '}
          {t.scans.why.askedBy(nameOf(story, one.requestedBy, one.requestedByRole), t.words.opinion[one.opinion])}{' '}
          <When at={one.createdAt} />: <Untrusted text={one.reason} max={2000} />
        </div>
      ))}
    </>
  );
}

function nameOf({ people }: ScanStory, id: string, role: string): string {
  const known = Object.entries(t.words.role).find(([word]) => word === role)?.[1] ?? role;
  return people[id] ?? known;
}

/** Taking the newest decision back, for analysts; what that restores is said first. */
function Undo({ scan, decision }: { scan: Scan; decision: Decision }) {
  const { data: me } = useQuery(meQuery);
  const isMine = may(me, 'scans.decide');
  const { data: effects } = useQuery({ ...effectsQuery(scan.id), enabled: isMine });
  const [isOpen, setIsOpen] = useState(false);
  const undo = effects?.undo;
  if (!isMine || !undo || undo.decisionId !== decision.id) return null;
  const close = (): void => setIsOpen(false);
  return (
    <div className="not-printed">
      <Button size="small" onClick={() => setIsOpen(true)}>
        {t.analysts.undo.button}
      </Button>
      {isOpen && <UndoDialog scanId={scan.id} undo={undo} onClose={close} onDone={close} />}
    </div>
  );
}
