import type { ReactNode } from 'react';
import type { ScanStory } from '../../api/client';
import { CopyButton } from '../../parts/copy-button';
import { bytesText, secondsBetween } from '../../parts/figures';
import { Card, Facts, Line } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { t } from '../../texts';

/** The plain facts of a scan. */
export function FactsCard({ story }: { story: ScanStory }) {
  const { scan, sealedCopy } = story;
  const texts = t.scans.detail;
  return (
    <Card aria-labelledby="facts">
      <h2 id="facts">{texts.facts}</h2>
      <Facts>
        <Fact name={t.scans.ticket}>#{scan.ticketId}</Fact>
        <Fact name={texts.comment}>{scan.commentId}</Fact>
        {scan.size !== null && <Fact name={texts.size}>{bytesText(scan.size)}</Fact>}
        {scan.declaredType !== null && (
          <Fact name={texts.declared}>
            <Untrusted text={scan.declaredType} />
          </Fact>
        )}
        {scan.detectedType !== null && <Fact name={texts.detected}>{scan.detectedType}</Fact>}
        {scan.sha256 !== null && (
          <Fact name={t.scans.sha256}>
            <Line>
              <code>{`${scan.sha256.slice(0, 8)}…${scan.sha256.slice(-8)}`}</code>
              <CopyButton value={scan.sha256} name={t.scans.sha256} />
            </Line>
          </Fact>
        )}
        {scan.authorId !== null && <Fact name={t.scans.author}>{scan.authorId}</Fact>}
        <Fact name={t.scans.organisationName}>{scan.organisationName}</Fact>
        <Moment name={texts.arrived} at={scan.createdAt} />
        {scan.containedAt !== null && (
          <Fact name={t.scans.contained}>{t.scans.took(secondsBetween(scan.createdAt, scan.containedAt))}</Fact>
        )}
        <Fact name={texts.sealed}>{sealedCopy?.sealed ? texts.sealedYes : texts.sealedNo}</Fact>
        <Moment name={texts.sealedAt} at={sealedCopy?.sealedAt ?? null} />
        <Moment name={texts.keptUntil} at={sealedCopy?.keptUntil ?? null} />
        {story.notes.map((note) => (
          <Fact key={`${note.kind} ${note.createdAt}`} name={texts.note}>
            {texts.noteState[note.state]}
            {note.refusal !== null && ` (${note.refusal})`}
          </Fact>
        ))}
        {story.mails.map((mail) => (
          <Fact key={`${mail.createdAt} ${mail.address ?? ''}`} name={texts.mail}>
            {texts.mailState[mail.state]}
            {mail.address !== null && (
              <>
                {': '}
                <Untrusted text={mail.address} />
              </>
            )}
            {mail.ambiguous && ` (${texts.mailTwice})`}
          </Fact>
        ))}
      </Facts>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Moment({ name, at }: { name: string; at: string | null }) {
  if (at === null) return null;
  return (
    <Fact name={name}>
      <When at={at} full />
    </Fact>
  );
}
