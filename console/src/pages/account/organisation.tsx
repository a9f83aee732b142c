import { useQuery } from '@tanstack/react-query';
import { Field, Select } from '@zendeskgarden/react-forms';
import { api, bodyOf } from '../../api/client';
import { may, meQuery } from '../../api/session';
import { t } from '../../texts';

/** The organisation whose account is shown: the reader's own, or the one that an operator chose. */
export function useOrganisation(chosen: string | undefined): string | undefined {
  const { data: me } = useQuery(meQuery);
  return me?.organisation?.id ?? chosen;
}

/** For the operator's people: which organisation to look at. Others see their own only, and no choice. */
export function OrganisationChoice(props: { chosen: string | undefined; onChoose: (id: string) => void }) {
  const { data: me } = useQuery(meQuery);
  const mayChoose = may(me, 'organisations.list');
  const { data } = useQuery({
    queryKey: ['organisations'],
    enabled: mayChoose,
    queryFn: () => bodyOf(api.GET('/api/v1/organisations', { params: { query: { limit: 200 } } })),
  });
  if (!mayChoose) return null;
  return (
    <Field>
      <Field.Label>{t.account.organisation}</Field.Label>
      <Select value={props.chosen ?? ''} onChange={(event) => props.onChoose(event.target.value)}>
        <option value="" disabled>
          {t.account.choose}
        </option>
        {data?.organisations.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
