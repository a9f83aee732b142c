import { Client, Connection } from '@temporalio/client';
import { attachmentReviewId } from '../../domain/ids';
import { cleanPdf } from '../../embedded/demo-files';
import { until } from '../../embedded/lazaret-client';
import { startLazaret } from '../support/lazaret';
import type { Lazaret } from '../support/lazaret';

let lazaret: Lazaret;
beforeAll(async () => {
  lazaret = await startLazaret();
}, 120_000);
afterAll(() => lazaret.stop(), 60_000);

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
}, 60_000);
