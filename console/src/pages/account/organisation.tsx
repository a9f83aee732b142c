import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { meQuery } from '../../api/session';
import { Empty } from '../../parts/page';
import { t } from '../../texts';

/** The organisation whose account is shown: the reader's own, or the one that an operator chose at the top. */
export function useOrganisation(): string | undefined {
  const { data: me } = useQuery(meQuery);
  const { organisation } = useSearch({ from: '/inside' });
  return me?.organisation?.id ?? organisation;
}

/** What belongs to one organisation, or the request to choose one. */
export function OfOrganisation({ children }: { children: (id: string) => ReactNode }) {
  const id = useOrganisation();
  if (id === undefined) return <Empty>{t.account.choose}</Empty>;
  // Another organisation is another page: nothing that was typed for one goes to the other.
  return <div key={id}>{children(id)}</div>;
}
