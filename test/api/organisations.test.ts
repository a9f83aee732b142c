import { auditOf, openStation } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation();
});
afterAll(() => station.close());

const RLO = '\u202e';

describe('organisations', () => {
  it('are made by support and walked page by page', async () => {
    const made: string[] = [];
    for (const name of ['Ümlaut & Söhne', 'x'.repeat(200), "Robert'); drop table organisations;--"]) {
      const { status, body } = await station.call('POST', '/api/v1/organisations', station.support, { name });
      expect(status).toBe(201);
      expect(body.name).toBe(name);
      made.push(body.id);
    }
    const first = (await station.call('GET', '/api/v1/organisations?limit=3', station.support)).body;
    const path = `/api/v1/organisations?limit=3&cursor=${first.nextCursor}`;
    const rest = (await station.call('GET', path, station.support)).body;
    const ids = [...first.organisations, ...rest.organisations].map((row: { id: string }) => row.id);
    expect(ids).toEqual([station.a.id, station.b.id, ...made]);
    expect(rest.nextCursor).toBeNull();
    expect((await auditOf(station.database, made[0] ?? ''))[0]?.kind).toBe('organisation.created');
  });

  it.each(['', '   ', 'x'.repeat(201), `a${RLO}b`, 'a\nb', 'a\0b'])('refuses the name %j', async (name) => {
    const { status, body } = await station.call('POST', '/api/v1/organisations', station.support, { name });
    expect(status).toBe(422);
    expect(body.errors[0].field).toBe('name');
  });

  it('says who calls', async () => {
    const admin = (await station.call('GET', '/api/v1/me', station.a.admin)).body;
    expect(admin).toMatchObject({ role: 'admin', organisation: { id: station.a.id, name: 'Acme' } });
    expect(admin.rights).toContain('connections.activate');
    const analyst = (await station.call('GET', '/api/v1/me', station.analyst)).body;
    expect(analyst).toMatchObject({ role: 'analyst', organisation: null });
    expect(analyst.rights).not.toContain('policy.write');
  });
});

describe('bundles', () => {
  it('are assigned, ended and assigned again, each with its event', async () => {
    const made = await station.call('POST', '/api/v1/bundles', station.support, {
      name: 'Basic',
      channels: ['zendesk'],
    });
    expect(made.status).toBe(201);
    const path = `/api/v1/organisations/${station.a.id}/bundles/${made.body.id}`;
    const assigned = await station.call('PUT', path, station.support, {});
    expect(assigned.body.bundles).toMatchObject([{ name: 'Basic', active: true, endsAt: null }]);
    const mine = await station.call('GET', `/api/v1/organisations/${station.a.id}/bundles`, station.a.viewer);
    expect(mine.body).toEqual(assigned.body);
    const ended = await station.call('DELETE', path, station.support);
    expect(ended.body.bundles).toMatchObject([{ active: false }]);
    expect((await station.call('DELETE', path, station.support)).status).toBe(404);
    const later = await station.call('PUT', path, station.support, { startsAt: '2099-01-01T00:00:00Z' });
    expect(later.body.bundles).toMatchObject([{ active: false, endsAt: null }]);
    const kinds = (await auditOf(station.database, station.a.id)).map((event) => event.kind);
    expect(kinds.filter((kind) => kind.startsWith('bundle.'))).toEqual([
      'bundle.assigned',
      'bundle.unassigned',
      'bundle.assigned',
    ]);
  });

  it('have unique names and known channels', async () => {
    const again = await station.call('POST', '/api/v1/bundles', station.support, {
      name: 'Basic',
      channels: ['zendesk'],
    });
    expect(again.status).toBe(409);
    expect(again.body.errors[0]).toMatchObject({ field: 'name', pointer: '/name' });
    for (const channels of [[], ['slack']]) {
      const answer = await station.call('POST', '/api/v1/bundles', station.support, { name: 'Other', channels });
      expect(answer.status).toBe(422);
      expect(answer.body.errors[0].field).toMatch(/^channels/u);
    }
  });

  it('refuse an end before the start, an unknown bundle and an unknown organisation', async () => {
    const id = station.a.id;
    const { bundles } = (await station.call('GET', '/api/v1/bundles', station.support)).body;
    const path = `/api/v1/organisations/${id}/bundles/${bundles[0].id}`;
    const backwards = await station.call('PUT', path, station.support, { endsAt: '2001-01-01T00:00:00Z' });
    expect(backwards.status).toBe(422);
    expect(backwards.body.errors[0].field).toBe('endsAt');
    const unknown = await station.call('PUT', `/api/v1/organisations/${id}/bundles/${id}`, station.support, {});
    expect(unknown.status).toBe(404);
    const nobody = bundles[0].id;
    const nowhere = await station.call('PUT', `/api/v1/organisations/${nobody}/bundles/${nobody}`, station.support, {});
    expect(nowhere.status).toBe(404);
  });
});

describe('policy', () => {
  const path = () => `/api/v1/organisations/${station.b.id}/policy`;

  it('starts with defaults, and a newer version refuses an older one', async () => {
    const before = (await station.call('GET', path(), station.b.admin)).body;
    expect(before).toMatchObject({
      version: 0,
      policy: { malicious: 'contain', suspicious: 'monitor', keepCleanDays: 0 },
    });
    const policy = { ...before.policy, suspicious: 'note', unscannable: { encrypted: 'contain' } };
    const saved = await station.call('PUT', path(), station.support, { version: 0, policy });
    expect(saved.body).toMatchObject({ version: 1, policy: { unscannable: { encrypted: 'contain' } } });
    for (const version of [0, 7]) {
      const late = await station.call('PUT', path(), station.support, { version, policy });
      expect(late.status).toBe(409);
      expect(late.body).toMatchObject({ type: 'urn:lazaret:problem:policy_changed', current: { version: 1 } });
    }
    const [event] = await auditOf(station.database, station.b.id, 'policy.changed');
    expect(event?.detail).toMatchObject({ version: 1, changes: { suspicious: { from: 'monitor', to: 'note' } } });
  });

  it('lets one of two savers win at the same moment', async () => {
    const { version, policy } = (await station.call('GET', path(), station.support)).body;
    const answers = await Promise.all(
      [10, 20].map((retentionDays) =>
        station.call('PUT', path(), station.support, { version, policy: { ...policy, retentionDays } }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
  });

  it('takes addresses from an admin, and keeps them out of the audit log', async () => {
    const body = { notificationAddresses: ['soc@borealis.example'] };
    const before = (await station.call('GET', path(), station.b.admin)).body;
    const saved = await station.call('PATCH', path(), station.b.admin, body);
    expect(saved.body.policy).toEqual({ ...before.policy, ...body });
    const events = await auditOf(station.database, station.b.id, 'policy.changed');
    expect(events.at(-1)?.detail['changes']).toEqual({ notificationAddresses: { from: 0, to: 1 } });
    expect(JSON.stringify(events)).not.toContain('soc@');
  });

  it.each([
    [{ version: 1, policy: { malicious: 'delete' } }, 'policy.malicious'],
    [{ version: 1, policy: { unscannable: { rainy: 'note' } } }, 'policy.unscannable'],
    [{ version: 1, policy: { retentionDays: 0 } }, 'policy.retentionDays'],
    [{ version: 1, policy: { notificationAddresses: ['a@b@c'] } }, 'policy.notificationAddresses.0'],
    [
      { version: 1, policy: { notificationAddresses: ['a@example.com\r\nBcc: x@y.z'] } },
      'policy.notificationAddresses.0',
    ],
    [{ version: -1, policy: {} }, 'version'],
    [{ policy: {} }, 'version'],
  ])('refuses %j and names the field', async (body, field) => {
    const answer = await station.call('PUT', path(), station.support, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].field).toContain(field);
  });

  it('refuses an admin who sends more than addresses', async () => {
    const body = { notificationAddresses: [], monitorOnly: true };
    const answer = await station.call('PATCH', path(), station.b.admin, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0]).toMatchObject({ field: 'monitorOnly', pointer: '/monitorOnly' });
  });
});
