import chevron from '@zendeskgarden/svg-icons/src/16/chevron-down-stroke.svg?raw';
import trash from '@zendeskgarden/svg-icons/src/16/trash-stroke.svg?raw';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, IconButton } from '@zendeskgarden/react-buttons';
import { Item, ItemGroup, Menu, Separator } from '@zendeskgarden/react-dropdowns';
import { Checkbox, Field } from '@zendeskgarden/react-forms';
import { useState } from 'react';
import { api, ApiProblem, bodyOf } from '../../api/client';
import { TextField } from '../../parts/field';
import { FormDialog } from '../../parts/form-dialog';
import { Icon } from '../../parts/icon';
import { Line, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { readScanSearch } from './scan-search';
import type { ScanSearch } from './scan-search';

const viewsQuery = queryOptions({
  queryKey: ['scan-views'],
  queryFn: async () => (await bodyOf(api.GET('/api/v1/scan-views'))).views,
  staleTime: 60_000,
});

/** Views that everybody has. */
const PRESETS: Record<keyof typeof t.scans.views.presets, ScanSearch> = {
  quarantine: { state: 'held,contained' },
  bad: { verdict: 'malicious,suspicious', since: '7d' },
  unread: { verdict: 'unscannable', since: '7d' },
  stuck: { state: 'refused,release_refused,braked' },
};

interface Props {
  search: ScanSearch;
  onChange: (search: ScanSearch) => void;
}

/** Filters under a name: those that everybody has, one's own, and those that others share. */
export function SavedViews({ search, onChange }: Props) {
  const { data: views = [] } = useQuery(viewsQuery);
  const [saving, setSaving] = useState(false);
  const choose = (value: string): void => {
    if (value === 'save') return setSaving(true);
    const [kind, name = ''] = value.split(':');
    if (kind === 'preset' && name in PRESETS) return onChange(PRESETS[name as keyof typeof PRESETS]);
    const view = views.find((one) => one.id === name);
    if (view) onChange(readScanSearch(view.filters));
  };
  return (
    <>
      <Menu
        button={(props) => (
          <Button {...props} size="small">
            {t.scans.views.title}
            <Button.EndIcon>
              <Icon svg={chevron} />
            </Button.EndIcon>
          </Button>
        )}
        maxHeight="420px"
        onChange={({ value }) => value !== undefined && choose(value)}
      >
        <ItemGroup legend={t.scans.views.usual}>
          {Object.entries(t.scans.views.presets).map(([name, text]) => (
            <Item key={name} value={`preset:${name}`} label={text}>
              {text}
            </Item>
          ))}
        </ItemGroup>
        {views.length > 0 && (
          <ItemGroup legend={t.scans.views.saved}>
            {views.map((view) => (
              <Item key={view.id} value={`view:${view.id}`} label={view.name}>
                {view.name}
                {!view.own && <Item.Meta>{t.scans.views.byOthers}</Item.Meta>}
              </Item>
            ))}
          </ItemGroup>
        )}
        <Separator />
        <Item value="save" label={t.scans.views.save}>
          {t.scans.views.save}
        </Item>
      </Menu>
      {saving && <SaveDialog search={search} onClose={() => setSaving(false)} />}
    </>
  );
}

/** Saves the filters of the list under a name; lists one's own views, to be removed. */
function SaveDialog({ search, onClose }: { search: ScanSearch; onClose: () => void }) {
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const [tried, setTried] = useState(false);
  const { data: views = [] } = useQuery(viewsQuery);
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: viewsQuery.queryKey });
  const save = useMutation({
    mutationFn: () => api.POST('/api/v1/scan-views', { body: { name: name.trim(), filters: search, shared } }),
    onSuccess: async () => {
      await refresh();
      announce(t.scans.views.done);
      onClose();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/scan-views/{id}', { params: { path: { id } } }),
    onSettled: refresh,
  });
  const refused = save.error instanceof ApiProblem ? save.error.fieldProblem('name') : undefined;
  const missing = tried && name.trim() === '' ? t.scans.views.nameNeeded : refused;
  const error = refused === undefined ? (save.error ?? remove.error) : remove.error;
  return (
    <FormDialog
      title={t.scans.views.save}
      send={t.scans.views.saveDo}
      isSending={save.isPending}
      onClose={onClose}
      onSend={() => {
        setTried(true);
        if (name.trim() !== '') save.mutate();
      }}
    >
      {error && <ProblemNotice error={error} />}
      <TextField
        label={t.scans.views.name}
        hint={Object.keys(search).length === 0 ? t.scans.views.noFilters : undefined}
        problem={missing}
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.target.value)}
      />
      <Field>
        <Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)}>
          <Field.Label>{t.scans.views.share}</Field.Label>
        </Checkbox>
      </Field>
      {views.some((view) => view.own) && (
        <Stack $gap={4}>
          <Subtle>{t.scans.views.own}</Subtle>
          {views
            .filter((view) => view.own)
            .map((view) => (
              <Line key={view.id}>
                <span>{view.name}</span>
                {view.shared && <Subtle>{t.scans.views.shared}</Subtle>}
                <IconButton
                  size="small"
                  aria-label={t.scans.views.remove(view.name)}
                  title={t.scans.views.remove(view.name)}
                  onClick={() => remove.mutate(view.id)}
                >
                  <Icon svg={trash} />
                </IconButton>
              </Line>
            ))}
        </Stack>
      )}
    </FormDialog>
  );
}
