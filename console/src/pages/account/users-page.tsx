import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { Checkbox, Field } from '@zendeskgarden/react-forms';
import { Table } from '@zendeskgarden/react-tables';
import { useState } from 'react';
import { api, bodyOf } from '../../api/client';
import type { Person } from '../../api/client';
import { meQuery } from '../../api/session';
import { Card, Empty, Loading, Page, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { InvitationsCard } from './invitations-card';
import { InviteDialog } from './invite-dialog';
import { OfOrganisation } from './organisation';
import { PersonDialog } from './person-dialog';

const texts = t.people;

/** The users of an organisation: who they are, how they sign in, whom to invite. */
export function UsersPage() {
  const [inviting, setInviting] = useState(false);
  return (
    <Page
      title={texts.title}
      name={texts.title}
      beside={
        <Button isPrimary onClick={() => setInviting(true)}>
          {texts.invite}
        </Button>
      }
    >
      <OfOrganisation>
        {(id) => (
          <>
            <Users organisation={id} />
            {inviting && <InviteDialog organisation={id} onClose={() => setInviting(false)} />}
          </>
        )}
      </OfOrganisation>
    </Page>
  );
}

function Users({ organisation }: { organisation: string }) {
  const list = useQuery({
    queryKey: ['people', organisation],
    queryFn: () => bodyOf(api.GET('/api/v1/people', { params: { query: { organisation } } })),
  });
  if (list.isError) {
    return <ProblemNotice title={texts.loadFailed} error={list.error} retry={() => void list.refetch()} />;
  }
  if (list.isPending) return <Loading />;
  const { people, secondFactorRequired } = list.data;
  return (
    <>
      {people.length === 0 ? (
        <Empty>
          <strong>{texts.nobody}</strong>
          <p>{texts.nobodyWhat}</p>
        </Empty>
      ) : (
        <PeopleTable people={people} organisation={organisation} />
      )}
      <InvitationsCard organisation={organisation} />
      <RuleCard organisation={organisation} required={secondFactorRequired} />
    </>
  );
}

function PeopleTable({ people, organisation }: { people: Person[]; organisation: string }) {
  const [changing, setChanging] = useState<Person>();
  return (
    <div style={{ overflowX: 'auto', marginBottom: 20 }}>
      <Table aria-label={texts.title} style={{ minWidth: 720 }}>
        <Table.Head>
          <Table.HeaderRow>
            <Table.HeaderCell width="32%">{texts.name}</Table.HeaderCell>
            <Table.HeaderCell width="12%">{texts.role}</Table.HeaderCell>
            <Table.HeaderCell width="18%">{texts.lastSignIn}</Table.HeaderCell>
            <Table.HeaderCell width="16%">{texts.secondFactor}</Table.HeaderCell>
            <Table.HeaderCell width="12%">{texts.state}</Table.HeaderCell>
            <Table.HeaderCell width="10%" hidden>
              {texts.change}
            </Table.HeaderCell>
          </Table.HeaderRow>
        </Table.Head>
        <Table.Body>
          {people.map((person) => (
            <PersonRow key={person.id} person={person} onChange={() => setChanging(person)} />
          ))}
        </Table.Body>
      </Table>
      {changing && (
        <PersonDialog person={changing} organisation={organisation} onClose={() => setChanging(undefined)} />
      )}
    </div>
  );
}

function PersonRow({ person, onChange }: { person: Person; onChange: () => void }) {
  const { data: me } = useQuery(meQuery);
  const factor = person.external ? texts.atProvider : person.secondFactor ? texts.on : texts.off;
  return (
    <Table.Row>
      <Table.Cell>
        <Stack $gap={2}>
          <span>
            <Untrusted text={person.name} />
            {me?.person.id === person.id && ` (${texts.you})`}
          </span>
          <Subtle>
            <Untrusted text={person.email} />
          </Subtle>
        </Stack>
      </Table.Cell>
      <Table.Cell>{t.words.role[person.role]}</Table.Cell>
      <Table.Cell>{person.lastSignInAt === null ? texts.never : <When at={person.lastSignInAt} />}</Table.Cell>
      <Table.Cell>{factor}</Table.Cell>
      <Table.Cell>{person.disabledAt === null ? texts.active : texts.disabled}</Table.Cell>
      <Table.Cell>
        <Button size="small" aria-label={texts.changeOf(person.name)} onClick={onChange}>
          {texts.change}
        </Button>
      </Table.Cell>
    </Table.Row>
  );
}

function RuleCard({ organisation, required }: { organisation: string; required: boolean }) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (secondFactorRequired: boolean) =>
      api.PUT('/api/v1/organisations/{id}/sign-in-rules', {
        params: { path: { id: organisation } },
        body: { secondFactorRequired },
      }),
    onSuccess: async () => {
      announce(texts.changed);
      await queries.invalidateQueries({ queryKey: ['people', organisation] });
    },
  });
  return (
    <Card aria-labelledby="sign-in-rule">
      <h2 id="sign-in-rule">{texts.rule}</h2>
      {save.isError && <ProblemNotice error={save.error} />}
      <Field>
        <Checkbox checked={required} disabled={save.isPending} onChange={() => save.mutate(!required)}>
          <Field.Label>{texts.ruleLabel}</Field.Label>
          <Field.Hint>{texts.ruleHint}</Field.Hint>
        </Checkbox>
      </Field>
    </Card>
  );
}
