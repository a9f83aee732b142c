import { Client, Connection } from '@temporalio/client';
import { attachmentReviewId } from '../../domain/ids';
import { cleanPdf, eicar } from '../../embedded/demo-files';
import { until } from '../../embedded/lazaret-client';
import type { SimulatorFile } from '../../simulator/client';
import { deskOf, sha256 } from '../support/desk';
import type { Desk } from '../support/desk';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

const ADDRESSES = ['security@acme.example', 'it@acme.example'];

jest.setTimeout(150_000);

let lazaret: Lazaret;
let desk: Desk;
let number = 0;

beforeAll(async () => {
  lazaret = await startLazaret();
  desk = deskOf(lazaret);
  const path = `/api/v1/organisations/${lazaret.organisationId}/policy`;
  await lazaret.admin.call('PATCH', path, { notificationAddresses: ADDRESSES });
});
afterAll(() => lazaret.stop());

const malicious = (count: number): SimulatorFile[] =>
  Array.from({ length: count }, () => {
    number += 1;
    return { name: `file-${number}.com`, bytes: eicar(number) };
  });

/** Updates that Lazaret asked of Zendesk since the log was cleared. */
async function updates(kind: RegExp): Promise<number> {
  const asked = await lazaret.agent.requests();
  return asked.filter((one) => one.method === 'PUT' && kind.test(one.path)).length;
}
const REDACTIONS = /comment_redactions|\/redact/u;

async function expectGone(files: readonly { content_url: string }[], sent: readonly SimulatorFile[]): Promise<void> {
  for (const [index, file] of files.entries()) {
    expect(await desk.hashAt(file)).not.toBe(sha256(sent[index]?.bytes ?? Buffer.alloc(0)));
  }
}

/** One mail an address, and no address twice. */
async function expectOneMailEach(ticketId: number): Promise<void> {
  const mails = await desk.mails(ticketId);
  expect(mails.map((mail) => mail.address).toSorted()).toEqual(ADDRESSES.toSorted());
  expect(mails.map((mail) => mail.arrived)).toEqual(ADDRESSES.map(() => 1));
}

const requestsByLazaret = async (): Promise<string[]> =>
  (await lazaret.agent.requests())
    .filter((one) => !one.path.startsWith('/oauth') && !one.who.startsWith('token:') && one.who.includes('lazaret'))
    .map((one) => `${one.method} ${one.path}`);

test('a clean attachment costs one request and at most eleven history events, and stays where it is', async () => {
  await lazaret.agent.clearRequests();
  const pdf = cleanPdf();
  const { ticket, comment } = await lazaret.agent.createTicket({
    subject: 'plan',
    comment: 'see file',
    files: [{ name: 'plan.pdf', bytes: pdf, contentType: 'application/pdf' }],
  });
  const scan = await until('the scan', async () => {
    const [found] = await lazaret.admin.scansOf(ticket.id);
    return found?.state === 'clean' ? found : undefined;
  });
  expect(scan.verdict).toBe('clean');
  const connection = await Connection.connect({ address: lazaret.temporal.address });
  const handle = new Client({ connection, namespace: lazaret.temporal.namespace }).workflow.getHandle(
    attachmentReviewId({
      connectionId: lazaret.connectionId,
      ticketId: String(ticket.id),
      attachmentId: scan.attachmentId,
    }),
  );
  await handle.result();
  const history = await handle.fetchHistory();
  expect(history.events?.length).toBeLessThanOrEqual(11);
  await connection.close();
  const [file] = comment.attachments;
  expect((await lazaret.agent.download(file?.content_url ?? '')).bytes.equals(pdf)).toBe(true);
  expect(await requestsByLazaret()).toHaveLength(1);
});

async function sendTwelve(): Promise<{ id: number; files: { content_url: string }[]; sent: SimulatorFile[] }> {
  await lazaret.agent.clearRequests();
  const sent = malicious(12);
  const { id, files } = await desk.send(...sent);
  await desk.reach(id, ...Array<string>(12).fill('held'));
  expect(await desk.said(id, 1)).toHaveLength(1);
  return { id, files, sent };
}

test('twelve malicious files of one comment go with two updates at most, one note and one mail an address', async () => {
  const { id, files, sent } = await sendTwelve();
  await expectGone(files, sent);
  expect(await desk.redactions(id)).toBe(12);
  expect(await updates(REDACTIONS)).toBeLessThanOrEqual(2);
  expect(await updates(/\/tickets\/\d+$/u)).toBe(1);
  await expectOneMailEach(id);
});

test('a clean file beside malicious ones stays, and the note names only what was taken out', async () => {
  const pdf = cleanPdf();
  const bad = malicious(2);
  const { id, files } = await desk.send(...bad, { name: 'plan.pdf', bytes: pdf });
  await desk.reach(id, 'held', 'held', 'clean');
  const [note] = await desk.said(id, 1);
  expect(note?.body).toContain('removed 2 files');
  expect(note?.body).not.toContain('plan.pdf');
  await expectGone(files.slice(0, 2), bad);
  expect(await desk.hashAt(files[2])).toBe(sha256(pdf));
  await expectOneMailEach(id);
});

test('two comments at the same moment get one note', async () => {
  const { ticket } = await lazaret.agent.createTicket({ subject: 'two', comment: 'files follow' });
  await Promise.all(malicious(2).map((file) => lazaret.agent.addComment(ticket.id, { body: 'a file', files: [file] })));
  await desk.reach(ticket.id, 'held', 'held');
  const [note, ...more] = await desk.said(ticket.id, 1);
  expect(more).toEqual([]);
  expect(note?.body).toContain('removed 2 files');
  await expectOneMailEach(ticket.id);
});

test('an account that left Agent Workspace after its activation still loses every file', async () => {
  await lazaret.zendeskAdmin.switches({ agentWorkspace: false });
  const { id, files, sent } = await sendTwelve();
  await expectGone(files, sent);
  expect(await desk.redactions(id)).toBe(12);
});

test('without Agent Workspace twelve files take twelve redactions, and still one note and one mail an address', async () => {
  await lazaret.zendeskAdmin.switches({ agentWorkspace: false });
  await lazaret.activateAgain();
  const { id, files, sent } = await sendTwelve();
  await expectGone(files, sent);
  expect(await updates(REDACTIONS)).toBe(12);
  expect(await desk.redactions(id)).toBe(12);
  await expectOneMailEach(id);
});
