import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Button } from '@zendeskgarden/react-buttons';
import { Checkbox, Field } from '@zendeskgarden/react-forms';
import { useState } from 'react';
import { api, ApiProblem, bodyOf } from '../../api/client';
import { meQuery } from '../../api/session';
import { MediaField, TextField } from '../../parts/field';
import { Card, Page, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { t } from '../../texts';

const texts = t.account.activation;

/** Asks for the sub-domain and leads to Zendesk's sign-in, from where the activation's own pages go on. */
export function ActivatePage() {
  const search = useSearch({ from: '/inside/account/channels/zendesk/activate' });
  const [subdomain, setSubdomain] = useState(search.subdomain ?? '');
  const [own, setOwn] = useState(false);
  const [client, setClient] = useState({ id: '', secret: '' });
  const [tried, setTried] = useState(false);
  const { data: me } = useQuery(meQuery);
  const begin = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/organisations/{id}/channels/zendesk/activation', {
          params: { path: { id: me?.organisation?.id ?? '' } },
          body: { subdomain: subdomain.trim(), ...(own && { client }) },
        }),
      ),
    onSuccess: ({ startUrl }) => location.assign(startUrl),
  });
  const refusal = begin.error instanceof ApiProblem ? begin.error : undefined;
  const empty = tried && subdomain.trim() === '' ? texts.needed : undefined;
  return (
    <Page title={texts.title} name={texts.title}>
      <form
        noValidate
        style={{ maxWidth: 640 }}
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (subdomain.trim() !== '') begin.mutate();
        }}
      >
        <Stack>
          {refusal && refusal.fieldProblem('subdomain') === undefined && <ProblemNotice error={refusal} />}
          <MediaField
            label={texts.subdomain}
            hint={texts.hint}
            problem={empty ?? refusal?.fieldProblem('subdomain')}
            start={<Subtle>https://</Subtle>}
            end={<Subtle>.zendesk.com</Subtle>}
            value={subdomain}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setSubdomain(event.target.value)}
          />
          <Field>
            <Checkbox checked={own} onChange={() => setOwn(!own)}>
              <Field.Label>{texts.own}</Field.Label>
            </Checkbox>
          </Field>
          {own && (
            <>
              <TextField
                label={texts.clientId}
                problem={refusal?.fieldProblem('client.id')}
                value={client.id}
                onChange={(event) => setClient({ ...client, id: event.target.value })}
              />
              <TextField
                label={texts.clientSecret}
                type="password"
                autoComplete="off"
                problem={refusal?.fieldProblem('client.secret')}
                value={client.secret}
                onChange={(event) => setClient({ ...client, secret: event.target.value })}
              />
            </>
          )}
          <Card aria-labelledby="allowed">
            <h2 id="allowed">{texts.allowTitle}</h2>
            <ul>
              {texts.allows.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <p>{texts.next}</p>
          </Card>
          <div>
            <Button isPrimary type="submit" disabled={begin.isPending}>
              {texts.continue}
            </Button>
          </div>
        </Stack>
      </form>
    </Page>
  );
}
