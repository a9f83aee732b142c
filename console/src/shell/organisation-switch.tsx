import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Field, Select } from '@zendeskgarden/react-forms';
import { api, bodyOf } from '../api/client';
import { may, meQuery } from '../api/session';
import { t } from '../texts';

const PAGE = 200;
const MOST_PAGES = 25;

/** Every organisation; the operator's people have hundreds at most, so one list is enough. */
async function listAll(): Promise<{ id: string; name: string }[]> {
  const all: { id: string; name: string }[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await bodyOf(api.GET('/api/v1/organisations', { params: { query } }));
    all.push(...page.organisations);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  return all.sort((one, other) => one.name.localeCompare(other.name));
}

/**
 * For the operator's people: which organisation every page is about. The choice stands in the address and is kept from
 * page to page; each look into an organisation is written into that organisation's audit log.
 */
export function OrganisationSwitch() {
  const { data: me } = useQuery(meQuery);
  const mayChoose = may(me, 'organisations.list');
  const { organisation } = useSearch({ from: '/inside' });
  const navigate = useNavigate();
  const { data } = useQuery({ queryKey: ['organisations'], enabled: mayChoose, queryFn: listAll, staleTime: 60_000 });
  if (!mayChoose) return null;
  const choose = (id: string): void =>
    void navigate({ to: '.', search: (before) => ({ ...before, organisation: id === '' ? undefined : id }) });
  return (
    <Field>
      <Field.Label hidden>{t.frame.organisation}</Field.Label>
      <Select
        isCompact
        value={organisation ?? ''}
        title={t.frame.crossing}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">{t.frame.operator}</option>
        {(data ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
