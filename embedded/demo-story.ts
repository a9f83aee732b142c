import { createHash } from 'node:crypto';
import type { SimulatorUser } from '../simulator/client';
import type { SimulatorAttachment, SimulatorComment } from '../simulator/client';
import { activateAsPerson } from './activate';
import type { Activation } from './activate';
import { cleanPdf, eicar } from './demo-files';
import { LazaretClient, until } from './lazaret-client';
import type { ScanView } from './lazaret-client';
import type { Seeded, SeedContext } from './seed-context';

export interface Stage {
  context: SeedContext;
  activation: Activation;
  apiKeys: Seeded['apiKeys'];
  /** An agent of the help desk, outside Lazaret. */
  agent: SimulatorUser;
  admin: SimulatorUser;
}

interface Act {
  name: string;
  /** Does and confirms one step; answers what was seen. @throws Error when it was not so */
  run(): Promise<string>;
}

interface Mail {
  subject: string;
  to: string[];
  messageId: string;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

/** The whole story in order. Every act is confirmed at the simulator or in the mailbox, as an outsider sees it. */
export function storyActs(stage: Stage): Act[] {
  const { agent, context } = stage;
  const admin = new LazaretClient(context.apiUrl, stage.apiKeys.admin);
  const analyst = new LazaretClient(context.apiUrl, stage.apiKeys.analyst);
  const pdf = cleanPdf();
  const bad = eicar();
  let ticketId = 0;
  let files: SimulatorAttachment[] = [];
  let scans: ScanView[] = [];

  const attachment = (name: string): SimulatorAttachment => {
    const found = files.find((one) => one.file_name === name);
    if (!found) throw new Error(`the ticket was opened without ${name}`);
    return found;
  };
  const scanOf = (name: string): ScanView => {
    const found = scans.find((one) => one.fileName === name);
    if (!found) throw new Error(`the API lists no scan of ${name}`);
    return found;
  };
  const isGone = async (file: SimulatorAttachment, bytes: Buffer): Promise<boolean> =>
    sha256((await agent.download(file.content_url)).bytes) !== sha256(bytes);
  const notes = async (): Promise<SimulatorComment[]> =>
    (await agent.listComments(ticketId)).filter((comment) => !comment.public);
  const mailsAbout = async (ticket: number): Promise<Mail[]> => {
    const response = await fetch(`${context.mail.url}/messages?subject=${encodeURIComponent(`ticket ${ticket}`)}`);
    return ((await response.json()) as { messages: Mail[] }).messages;
  };
  const noteNumber = (count: number, what: string) =>
    until(what, async () => ((await notes()).length >= count ? notes() : undefined));

  return [
    {
      name: 'activate the channel through the sign-in pages',
      async run() {
        const { asked } = await activateAsPerson(stage.activation);
        expect(asked.includes(`${stage.activation.subdomain}.zendesk.com`), 'the last page did not name the account');
        const made = await stage.admin.api<{ webhooks: { endpoint: string }[] }>('GET', '/api/v2/webhooks');
        const ours = made.webhooks.filter((webhook) => webhook.endpoint.startsWith(`${context.apiUrl}/hooks/`));
        expect(ours.length === 2, `expected two webhooks at Zendesk, found ${ours.length}`);
        const found = await stage.admin.api<{ triggers: { title: string }[] }>('GET', '/api/v2/triggers');
        expect(
          found.triggers.some((one) => one.title === 'Lazaret Trigger'),
          'Zendesk has no "Lazaret Trigger"',
        );
        return 'two webhooks and the trigger stand at Zendesk';
      },
    },
    {
      name: 'open a ticket with a clean PDF and an EICAR file',
      async run() {
        const opened = await agent.createTicket({
          subject: 'Two files',
          comment: 'Please have a look at both.',
          requester: { name: 'Ana', email: 'ana@customer.example' },
          files: [
            { name: 'floorplan.pdf', bytes: pdf, contentType: 'application/pdf' },
            { name: 'invoice.com', bytes: bad, contentType: 'application/octet-stream' },
          ],
        });
        ticketId = opened.ticket.id;
        files = opened.comment.attachments;
        expect(files.length === 2, `the ticket has ${files.length} files`);
        return `ticket ${ticketId}`;
      },
    },
    {
      name: 'the malicious file is taken out of the ticket',
      async run() {
        await until('the redaction', async () => (await isGone(attachment('invoice.com'), bad)) || undefined);
        const listed = (await agent.listComments(ticketId)).flatMap((comment) => comment.attachments);
        expect(!listed.some((one) => one.file_name === 'invoice.com'), 'the ticket still lists invoice.com');
        return 'its address no longer gives its bytes, and the ticket no longer lists it';
      },
    },
    {
      name: 'the clean file is untouched',
      async run() {
        scans = await until('both scans', async () => {
          const found = await admin.scansOf(ticketId);
          return found.length === 2 && found.every((one) => ['clean', 'held'].includes(one.state)) ? found : undefined;
        });
        expect(scanOf('floorplan.pdf').verdict === 'clean', 'the PDF was not called clean');
        expect(scanOf('invoice.com').sha256 === sha256(bad), 'the scan names another SHA-256');
        expect(!(await isGone(attachment('floorplan.pdf'), pdf)), 'the PDF is no longer in the ticket');
        return `SHA-256 ${sha256(pdf).slice(0, 12)}… still downloads from the ticket`;
      },
    },
    {
      name: 'one internal note explains it',
      async run() {
        const [note, ...more] = await noteNumber(1, 'the internal note');
        expect(more.length === 0, `expected one note, found ${more.length + 1}`);
        expect(note !== undefined && note.body.includes('Lazaret removed 1 file'), 'the note says something else');
        return 'one note, not public';
      },
    },
    {
      name: 'one e-mail announces it',
      async run() {
        const [mail, ...more] = await until('the e-mail', async () =>
          (await mailsAbout(ticketId)).length > 0 ? mailsAbout(ticketId) : undefined,
        );
        expect(more.length === 0, `expected one e-mail, found ${more.length + 1}`);
        return mail?.subject ?? '';
      },
    },
    {
      name: 'an admin asks for an investigation',
      async run() {
        const path = `/api/v1/scans/${scanOf('invoice.com').id}/investigations`;
        await admin.call('POST', path, { opinion: 'clean', reason: 'This is our own test file.' });
        const queue = await analyst.call<{ investigations: unknown[] }>('GET', '/api/v1/investigations?state=open');
        expect(queue.investigations.length === 1, `the queue has ${queue.investigations.length} entries`);
        return "it stands in the analysts' queue";
      },
    },
    {
      name: 'an analyst says clean: the file comes back, byte for byte',
      async run() {
        const body = { verdict: 'clean', reason: 'The EICAR test file, sent on purpose.' };
        await analyst.call('POST', `/api/v1/scans/${scanOf('invoice.com').id}/verdict`, body);
        const [returned] = await until('the returned file', async () => {
          const found = (await notes()).flatMap((note) => note.attachments);
          return found.length > 0 ? found : undefined;
        });
        const back = await agent.download(returned?.content_url ?? '');
        expect(sha256(back.bytes) === sha256(bad), 'the returned file has another SHA-256');
        await until('the state released', async () => {
          const found = (await admin.scansOf(ticketId)).find((one) => one.id === scanOf('invoice.com').id);
          return found?.state === 'released' || undefined;
        });
        const { length } = await notes();
        expect(length === 2, `expected two notes by now, found ${length}`);
        return `attached to an internal note, SHA-256 ${sha256(back.bytes).slice(0, 12)}… equal`;
      },
    },
    {
      name: 'an analyst calls the clean PDF malicious: it is taken out too',
      async run() {
        const body = { verdict: 'malicious', reason: 'It leads to a page that asks for passwords.' };
        await analyst.call('POST', `/api/v1/scans/${scanOf('floorplan.pdf').id}/verdict`, body);
        await until('the redaction', async () => (await isGone(attachment('floorplan.pdf'), pdf)) || undefined);
        await noteNumber(3, 'the note about the PDF');
        return 'its address no longer gives its bytes';
      },
    },
    {
      name: 'the returned file is left alone',
      async run() {
        const returned = (await notes()).flatMap((note) => note.attachments).find((one) => one.size === bad.length);
        expect(returned !== undefined && !(await isGone(returned, bad)), 'the returned file was taken out again');
        const { length } = await notes();
        expect(length === 3, `expected three notes in all, found ${length}`);
        return 'it is still there, and nothing was said twice';
      },
    },
    { name: 'time from webhook to confirmed redaction, 20 files', run: () => measure(stage, admin, mailsAbout) },
  ];
}

/**
 * One file after the other, each when the note and the e-mail of the one before are out, as on a machine that has nothing
 * else to do; from the ledger row of the webhook to the proof.
 */
async function measure(
  stage: Stage,
  admin: LazaretClient,
  mailsAbout: (ticketId: number) => Promise<Mail[]>,
): Promise<string> {
  const times: number[] = [];
  for (let index = 1; index <= 20; index += 1) {
    const bytes = eicar(index);
    const { ticket, comment } = await stage.agent.createTicket({
      subject: `File ${index}`,
      comment: 'One file.',
      files: [{ name: `sample-${index}.com`, bytes, contentType: 'application/octet-stream' }],
    });
    const scan = await until(`the containment of file ${index}`, async () => {
      const [found] = await admin.scansOf(ticket.id);
      return found?.state === 'held' ? (found as ScanView & { createdAt: string; containedAt: string }) : undefined;
    });
    const [file] = comment.attachments;
    const now = await stage.agent.download(file?.content_url ?? '');
    expect(sha256(now.bytes) !== sha256(bytes), `file ${index} still downloads`);
    times.push(Date.parse(scan.containedAt) - Date.parse(scan.createdAt));
    await until(`the e-mail about file ${index}`, async () => (await mailsAbout(ticket.id)).length > 0 || undefined);
  }
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms (goal: p50 under 300 ms)`;
}
