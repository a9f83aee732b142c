import { randomBytes } from 'node:crypto';
import { createCallbackToken } from '../../db/callback-token';
import {
  dropExpiredSubmissions,
  noteQuestion,
  openSubmissions,
  readSubmissions,
  recordSubmission,
  useCallback,
} from '../../db/submissions';
import type { SubmissionChange } from '../../db/submissions';
import type { Queryable } from '../../db/pool';
import type { EngineReport } from '../../domain/inspection';
import { openTenants } from './tenants';
import type { Tenant, Tenants } from './tenants';

let tenants: Tenants;
let mine: Tenant;
beforeAll(async () => {
  tenants = await openTenants(4);
  mine = await tenants.tenant();
});
afterAll(() => tenants.close());

const inside = <T>(work: (db: Queryable) => Promise<T>): Promise<T> =>
  tenants.database.withOrganisation(mine.organisationId, work);
const object = () => ({ organisationId: mine.organisationId, sha256: randomBytes(32).toString('hex') });
const open = (of: ReturnType<typeof object>, mayUpload = false) =>
  inside((db) => openSubmissions(db, of, [{ engine: 'sandbox', mayUpload, deadlineMs: 60_000 }]));
const record = (of: ReturnType<typeof object>, change: Partial<SubmissionChange>) =>
  inside((db) =>
    recordSubmission(db, of, {
      engine: 'sandbox',
      state: 'queued',
      pauseMs: 0,
      nextMs: 0,
      calledBack: false,
      ...change,
    }),
  );
const report: EngineReport = {
  engine: 'sandbox',
  engineVersion: '',
  rulesVersion: '',
  result: 'clean',
  findings: [],
  ms: 1,
};
const done = (leftMs: number) => ({ state: 'done', report, leftMs }) as const;

it('keeps what is under way, and an answer while it is believed', async () => {
  const of = object();
  expect(await open(of)).toMatchObject([{ state: 'queued', report: null }]);
  await record(of, { state: 'queued', nextMs: 30_000 });
  expect((await open(of))[0]?.dueMs).toBeGreaterThan(20_000);
  await record(of, done(3_600_000));
  expect(await open(of)).toMatchObject([{ state: 'done', report: { result: 'clean' } }]);
});

it('begins anew after an answer that ran out, and where the bytes may be sent now', async () => {
  const [old, unseen] = [object(), object()];
  await Promise.all([open(old), open(unseen)]);
  await record(old, done(0));
  await record(unseen, done(3_600_000));
  expect(await open(old)).toMatchObject([{ state: 'queued', report: null }]);
  expect(await open(unseen, true)).toMatchObject([{ state: 'queued' }]);
});

it('never replaces an answer', async () => {
  const of = object();
  await open(of);
  expect(await record(of, done(3_600_000))).toBe(true);
  expect(await record(of, { state: 'queued', nextMs: 5_000 })).toBe(false);
  expect(await inside((db) => readSubmissions(db, of, ['sandbox']))).toMatchObject([{ state: 'done' }]);
});

it('lets a callback work once, also before the answer to the submission is recorded', async () => {
  const of = object();
  await open(of);
  const { hash } = createCallbackToken();
  const handle = { engine: 'sandbox', id: '1', sha256: of.sha256, submittedAt: '', expiresAt: '' };
  await inside((db) => noteQuestion(db, of, { engine: 'sandbox', mayUpload: true, callbackHash: hash }));
  const call = () => tenants.database.withService((db) => useCallback(db, hash));
  expect([await call(), await call()]).toEqual([true, false]);
  await record(of, { state: 'pending', handle, nextMs: 60_000, leftMs: 60_000, calledBack: true });
  const [row] = await inside((db) => readSubmissions(db, of, ['sandbox']));
  expect(row).toMatchObject({ state: 'pending', handle: { id: '1' } });
  expect(row?.dueMs).toBeLessThanOrEqual(0);
});

it('forgets what ran out two days ago', async () => {
  const of = object();
  await open(of);
  await record(of, done(-3 * 86_400_000));
  expect(await tenants.database.withService((db) => dropExpiredSubmissions(db, 10))).toBe(1);
  expect(await inside((db) => readSubmissions(db, of, ['sandbox']))).toEqual([]);
});
