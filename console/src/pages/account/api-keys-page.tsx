import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from '@zendeskgarden/react-buttons';
import { Table } from '@zendeskgarden/react-tables';
import { useState } from 'react';
import { api, bodyOf } from '../../api/client';
import type { ApiKey } from '../../api/client';
import { FormDialog } from '../../parts/form-dialog';
import { Empty, Loading, Page } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { announce } from '../../shell/announce';
import { t } from '../../texts';
import { MakeKeyDialog } from './make-key-dialog';
import { OfOrganisation } from './organisation';

const texts = t.people.keys;

/** API keys of an organisation: made, named, shown once, revoked. */
export function ApiKeysPage() {
  const [making, setMaking] = useState(false);
  return (
    <Page
      title={texts.title}
      name={texts.title}
      beside={
        <Button isPrimary onClick={() => setMaking(true)}>
          {texts.make}
        </Button>
      }
    >
      <OfOrganisation>
        {(id) => (
          <>
            <p>{texts.what}</p>
            <Keys organisation={id} />
            {making && <MakeKeyDialog organisation={id} onClose={() => setMaking(false)} />}
          </>
        )}
      </OfOrganisation>
    </Page>
  );
}

function Keys({ organisation }: { organisation: string }) {
  const [revoking, setRevoking] = useState<ApiKey>();
  const list = useQuery({
    queryKey: ['api-keys', organisation],
    queryFn: () => bodyOf(api.GET('/api/v1/api-keys', { params: { query: { organisation } } })),
  });
  if (list.isError) {
    return <ProblemNotice title={texts.loadFailed} error={list.error} retry={() => void list.refetch()} />;
  }
  if (list.isPending) return <Loading />;
  if (list.data.apiKeys.length === 0) {
    return (
      <Empty>
        <strong>{texts.empty}</strong>
        <p>{texts.emptyWhat}</p>
      </Empty>
    );
  }
  return (
    <div style={{ overflowX: 'auto' }}>
      <Table aria-label={texts.title} style={{ minWidth: 640 }}>
        <Table.Head>
          <Table.HeaderRow>
            <Table.HeaderCell width="36%">{texts.name}</Table.HeaderCell>
            <Table.HeaderCell width="12%">{texts.role}</Table.HeaderCell>
            <Table.HeaderCell width="16%">{texts.made}</Table.HeaderCell>
            <Table.HeaderCell width="14%">{texts.lastUsed}</Table.HeaderCell>
            <Table.HeaderCell width="10%">{texts.state}</Table.HeaderCell>
            <Table.HeaderCell width="12%" hidden>
              {texts.revoke}
            </Table.HeaderCell>
          </Table.HeaderRow>
        </Table.Head>
        <Table.Body>
          {list.data.apiKeys.map((one) => (
            <KeyRow key={one.id} apiKey={one} onRevoke={() => setRevoking(one)} />
          ))}
        </Table.Body>
      </Table>
      {revoking && (
        <RevokeDialog apiKey={revoking} organisation={organisation} onClose={() => setRevoking(undefined)} />
      )}
    </div>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  return (
    <Table.Row>
      <Table.Cell>
        <Untrusted text={apiKey.name} />
      </Table.Cell>
      <Table.Cell>{t.words.role[apiKey.role]}</Table.Cell>
      <Table.Cell>
        <When at={apiKey.createdAt} />
      </Table.Cell>
      <Table.Cell>{apiKey.lastUsedAt === null ? texts.notUsed : <When at={apiKey.lastUsedAt} />}</Table.Cell>
      <Table.Cell>{apiKey.revokedAt === null ? texts.inUse : texts.revoked}</Table.Cell>
      <Table.Cell>
        {apiKey.revokedAt === null && (
          <Button size="small" aria-label={texts.revokeOf(apiKey.name)} onClick={onRevoke}>
            {texts.revoke}
          </Button>
        )}
      </Table.Cell>
    </Table.Row>
  );
}

function RevokeDialog(props: { apiKey: ApiKey; organisation: string; onClose: () => void }) {
  const { apiKey, organisation, onClose } = props;
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id: apiKey.id } } }),
    onSuccess: async () => {
      announce(texts.revoked);
      await queries.invalidateQueries({ queryKey: ['api-keys', organisation] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={texts.revokeTitle}
      send={texts.revoke}
      isDanger
      isSending={revoke.isPending}
      onClose={onClose}
      onSend={() => revoke.mutate()}
    >
      {revoke.isError && <ProblemNotice error={revoke.error} />}
      <p>{texts.revokeWhat(apiKey.name)}</p>
    </FormDialog>
  );
}
