import { Link } from '@tanstack/react-router';
import styled from 'styled-components';
import type { ScanStory } from '../../api/client';
import { Card, Line } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { ScanVerdict, ScanState } from '../../parts/verdict';
import { When } from '../../parts/when';
import { t } from '../../texts';

const List = styled.ul`
  margin: 0;
  padding: 0;
  list-style: none;
  li {
    padding: 6px 0;
  }
`;

/** Other items with the same bytes. */
export function CopiesCard({ story }: { story: ScanStory }) {
  if (story.scan.sha256 === null) return null;
  return (
    <Card aria-labelledby="copies">
      <h2 id="copies">{t.scans.detail.copies(story.copiesTotal)}</h2>
      {story.copies.length === 0 && <p>{t.scans.detail.noCopies}</p>}
      <List>
        {story.copies.map((copy) => (
          <li key={copy.id}>
            <Line>
              <ScanVerdict scan={copy} />
              <Link to="/scans/$id" params={{ id: copy.id }}>
                <Untrusted text={copy.displayName} />
              </Link>
              <span>#{copy.ticketId}</span>
              <ScanState scan={copy} />
              <When at={copy.createdAt} />
            </Line>
          </li>
        ))}
      </List>
    </Card>
  );
}
