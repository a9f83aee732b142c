import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { ActivityDeps } from '../../activities/deps';
import { walkExport } from '../../activities/reconciliation';
import { announceComment, ensureWalk, settleCoverage } from '../../db/coverage';
import { readCoverage } from '../../db/coverage-report';
import { finishCommentText } from '../../db/comment-texts';
import { insertAttachmentItem } from '../../db/items';
import { claimDueIntake, insertTicketIntake } from '../../db/ticket-intake';
import type { Channel, ExportedComment } from '../../domain/channel';
import { createSecretBox } from '../../quarantine/index';
import { openTenants } from '../db/tenants';
import type { Tenant, Tenants } from '../db/tenants';

let tenants: Tenants;
beforeAll(async () => {
  tenants = await openTenants(4);
});
afterAll(() => tenants.close());

const secretBox = createSecretBox({ currentId: 'k', keys: { k: randomBytes(32) } });
const AT = new Date(Date.now() - 3_600_000);

function comment(commentId: string, files: number, more: Partial<ExportedComment> = {}): ExportedComment {
  const attachments = Array.from({ length: files }, (_, at) => ({
    id: `${commentId}${at}`,
    fileName: `${at}.pdf`,
    contentUrl: `https://acme.zendesk.com/attachments/token/token-${commentId}-${at}/`,
    contentType: 'application/pdf',
  }));
  return { ticketId: '7', commentId, writtenAt: AT, attachments, unlisted: [], ...more };
}

/** The activity's world with an export of these pages. */
function world(tenant: Tenant, pages: ExportedComment[][]) {
  let page = 0;
  const channel: Partial<Channel> = {
    exportComments: async (since) => {
      const comments = pages[page] ?? [];
      page += 1;
      return { comments, next: since, end: page >= pages.length };
    },
    exportTickets: async () => ({ tickets: [], cursor: undefined, end: true }),
  };
  const connection = { id: tenant.connectionId, activatedAt: new Date(AT.getTime() - 60_000) };
  const access = { open: async () => ({ channel, connection }) };
  const settings = { waits: { reconcile: { every: 60_000, lag: 120_000 } } };
  return { database: tenants.database, secretBox, access, settings } as unknown as ActivityDeps;
}

async function begun(): Promise<Tenant> {
  const tenant = await tenants.tenant();
  await inside(tenant, (db) => ensureWalk(db, tenant, new Date(AT.getTime() - 60_000)));
  return tenant;
}
const inside = <T>(tenant: Tenant, work: Parameters<typeof tenants.database.withOrganisation<T>>[1]): Promise<T> =>
  tenants.database.withOrganisation(tenant.organisationId, work);
const coverage = (tenant: Tenant) => inside(tenant, (db) => readCoverage(db, tenant.connectionId));
const rows = async (tenant: Tenant, sql: string) =>
  (await inside(tenant, (db) => db.query<Record<string, unknown>>(sql, [tenant.connectionId]))).rows;

it('adds what the ledger lacks, each once, however events, pages and repetitions come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ files: fc.nat(3), announced: fc.boolean(), told: fc.nat(3) }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.nat(2),
      async (wanted, repeats) => {
        const tenant = await begun();
        const comments = wanted.map(({ files }, at) => comment(String(100 + at), files));
        for (const [at, { announced, told }] of wanted.entries()) {
          const one = comments[at];
          if (!one || !announced) continue;
          const ref = { ...tenant, ticketId: one.ticketId, commentId: one.commentId };
          await inside(tenant, (db) => announceComment(db, ref));
          for (const { id, ...file } of one.attachments.slice(0, told)) {
            await inside(tenant, (db) =>
              insertAttachmentItem(db, { ...ref, ...file, attachmentId: id, foundBy: 'event' }),
            );
          }
        }
        const half = Math.ceil(comments.length / 2);
        const pages = [
          comments.slice(0, half),
          comments.slice(half),
          ...Array.from({ length: repeats }, () => comments),
        ];
        await walkExport(world(tenant, pages), tenant);
        const total = comments.reduce((sum, one) => sum + one.attachments.length, 0);
        const items = await rows(tenant, 'select distinct source_id from items where connection_id = $1');
        const { listed, accounted, gaps } = await coverage(tenant);
        expect(items).toHaveLength(total);
        expect(listed).toEqual({ comments: comments.length, attachments: total, texts: 0 });
        expect(accounted).toEqual(listed);
        const missed = wanted.filter(({ files, announced }) => files > 0 && !announced).length;
        expect(gaps.reduce((sum, gap) => sum + gap.comments, 0)).toBe(missed);
        expect(gaps.every((gap) => gap.healedAt !== null)).toBe(true);
      },
    ),
    { numRuns: 15, seed: 6 },
  );
});

it('counts a comment with links only when its text was looked at', async () => {
  const tenant = await begun();
  const text = 'see https://a.example/x';
  await walkExport(world(tenant, [[comment('200', 0, { text })]]), tenant);
  expect(await coverage(tenant)).toMatchObject({ listed: { texts: 1 }, accounted: { texts: 0 } });
  await inside(tenant, (db) =>
    finishCommentText(db, { ...tenant, ticketId: '7', commentId: '200' }, { links: null, keepUntil: null }),
  );
  await inside(tenant, (db) => settleCoverage(db, tenant.connectionId));
  expect(await coverage(tenant)).toMatchObject({ accounted: { texts: 1 } });
});

it('has a ticket listed for an image that only its HTML shows, once, and waits for that', async () => {
  const tenant = await begun();
  const one = comment('300', 0, { unlisted: ['inline-token'] });
  await walkExport(world(tenant, [[one], [one]]), tenant);
  expect(await rows(tenant, 'select cause from ticket_intake where connection_id = $1')).toEqual([{ cause: 'export' }]);
  expect(await coverage(tenant)).toMatchObject({ listed: { comments: 1 }, accounted: { comments: 0 } });
});

it("costs a listing for a trigger's call only where no event told of that comment in time", async () => {
  const tenant = await begun();
  await inside(tenant, (db) => announceComment(db, { ...tenant, ticketId: '7', commentId: '1' }));
  for (const [ticketId, commentId] of [
    ['7', '1'],
    ['8', '2'],
  ] as const) {
    const call = { ...tenant, ticketId, cause: 'trigger' as const, deliveryKey: `call-${ticketId}` };
    await inside(tenant, (db) => insertTicketIntake(db, { ...call, unlessAnnounced: { commentId } }));
  }
  const due = async () =>
    (await tenants.database.withService((db) => claimDueIntake(db, 100, 60)))
      .filter((row) => row.connection_id === tenant.connectionId)
      .map((row) => row.ticket_id);
  expect(await due()).toEqual([]);
  await rows(tenant, 'update ticket_intake set deadline_at = now() where connection_id = $1');
  expect(await due()).toEqual(['8']);
});

it('leaves comments from before the activation alone', async () => {
  const tenant = await begun();
  const old = comment('400', 2, { writtenAt: new Date(AT.getTime() - 3_600_000) });
  await walkExport(world(tenant, [[old]]), tenant);
  expect(await rows(tenant, 'select from items where connection_id = $1')).toEqual([]);
});

it('records how long it stood still, and that the gap was closed', async () => {
  const tenant = await begun();
  await walkExport(world(tenant, [[]]), tenant);
  await rows(
    tenant,
    `update coverage_walks set cycle_ended_at = now() - interval '1 hour', passed_until = now() - interval '62 minutes'
     where connection_id = $1 returning 1`,
  );
  await walkExport(world(tenant, [[]]), tenant);
  const { gaps } = await coverage(tenant);
  expect(gaps).toMatchObject([{ cause: 'walk_paused', comments: 0 }]);
  const told = await rows(
    tenant,
    `select kind from audit_events where connection_id = $1 and kind = 'coverage.gap_found'`,
  );
  expect(told).toHaveLength(1);
});

it('says why it does not go on, and goes on where it was', async () => {
  const tenant = await begun();
  const deps = world(tenant, [[]]);
  const failing = { ...deps, access: { open: () => Promise.reject(new Error('away')) } } as unknown as ActivityDeps;
  await expect(walkExport(failing, tenant)).rejects.toThrow();
  expect((await coverage(tenant)).problem).toBe('Unexpected');
  await walkExport(deps, tenant);
  expect((await coverage(tenant)).problem).toBeNull();
});
