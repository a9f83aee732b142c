import { getColor } from '@zendeskgarden/react-theming';
import styled from 'styled-components';
import type { ScanStory } from '../../api/client';
import { Card, Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { t } from '../../texts';
import { eventText } from '../../texts/events';

const List = styled.ol`
  list-style: none;
  margin: 0;
  padding: 0 0 0 16px;
  border-left: 2px solid ${({ theme }) => getColor({ theme, variable: 'border.default' })};
  li {
    position: relative;
    padding-bottom: 12px;
  }
  li::before {
    content: '';
    position: absolute;
    left: -21px;
    top: 6px;
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: ${({ theme }) => getColor({ theme, variable: 'border.emphasis' })};
  }
`;

/** Every event of the scan in order: what, who, when, and what was known. */
export function HistoryCard({ story }: { story: ScanStory }) {
  return (
    <Card aria-labelledby="history">
      <h2 id="history">{t.scans.detail.history}</h2>
      <List>
        {story.auditEvents.map((event) => (
          <li key={event.id}>
            <strong>{eventText(event.kind)}</strong> <When at={event.at} full />
            <div>
              <Subtle>
                {whoOf(story, event)}
                <Detail detail={event.detail} />
              </Subtle>
            </div>
          </li>
        ))}
      </List>
    </Card>
  );
}

/** People of the organisation by name; the operator's by their role. */
function whoOf({ people }: ScanStory, { actorKind, actor, detail }: ScanStory['auditEvents'][number]): string {
  if (actorKind !== 'person') return t.scans.detail.actor[actorKind];
  const role = Object.entries(t.words.role).find(([word]) => word === detail['role'])?.[1];
  return people[actor] ?? role ?? actor;
}

function Detail({ detail }: { detail: Record<string, unknown> }) {
  const facts = Object.entries(detail).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  if (facts.length === 0) return null;
  return (
    <>
      {facts.map(([name, value]) => (
        <span key={name}>
          {' · '}
          {name} <Untrusted text={String(value)} />
        </span>
      ))}
    </>
  );
}
