import { createSenders } from '../../activities/senders';
import type { ChannelAccess } from '../../activities/deps';
import { putListEntries } from '../../db/lists';
import type { ListEntry } from '../../domain/lists';
import { openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';

let tenants: Tenants;
beforeAll(async () => void (tenants = await openTenants(2)));
afterAll(() => tenants.close());

const ADDRESSES: Record<string, string | undefined> = {
  '1': 'Eve@Mail.Bad.Example',
  '2': 'bob@bad.example',
  '3': undefined,
};

async function listed(...entries: Pick<ListEntry, 'effect' | 'value'>[]) {
  const tenant: Tenant = await tenants.tenant();
  const { organisationId, connectionId } = tenant;
  const full = entries.map((one) => ({ kind: 'sender' as const, owner: 'IT', reason: 'r', ...one }));
  if (full.length > 0)
    await tenants.database.withOrganisation(organisationId, (db) =>
      putListEntries(db, organisationId, full, { kind: 'person', id: 'k' }),
    );
  const asked: string[] = [];
  const readAddress = (id: string) => {
    asked.push(id);
    return Promise.resolve(ADDRESSES[id]);
  };
  const access = { open: () => Promise.resolve({ channel: { readAddress } }) } as unknown as ChannelAccess;
  let time = Date.now();
  const senders = createSenders({ database: tenants.database, access }, () => time);
  const match = async (author: string | null) =>
    (await senders.match({ organisationId, connectionId }, author))?.effect;
  return { match, asked, later: (ms: number) => void (time += ms) };
}

it('asks for nobody where no list names senders', async () => {
  const { match, asked } = await listed();
  expect(await match('1')).toBeUndefined();
  expect(asked).toEqual([]);
});

it('finds people by address and by domain, and asks for each once an hour', async () => {
  const { match, asked, later } = await listed({ effect: 'block', value: '@bad.example' });
  expect([await match('1'), await match('2'), await match('1')]).toEqual(['block', 'block', 'block']);
  expect(asked).toEqual(['1', '2']);
  later(3_600_001);
  await match('1');
  expect(asked).toEqual(['1', '2', '1']);
});

it('takes a whole address before its domain', async () => {
  const { match } = await listed(
    { effect: 'block', value: '@bad.example' },
    { effect: 'allow', value: 'bob@bad.example' },
  );
  expect([await match('1'), await match('2')]).toEqual(['block', 'allow']);
});

it('says nothing of people without address, and of comments without author', async () => {
  const { match } = await listed({ effect: 'block', value: '@bad.example' });
  expect([await match('3'), await match(null)]).toEqual([undefined, undefined]);
});
