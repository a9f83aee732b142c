/** What tests of bad input need: the whole product, the simulator's faults, and proof that nothing was lost. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readObject } from '../../db/objects';
import { sealRefOf } from '../../activities/seal';
import { activateAsPerson } from '../../embedded/activate';
import { until } from '../../embedded/lazaret-client';
import type { ScanView } from '../../embedded/lazaret-client';
import type { InboxMessage } from '../../embedded/mail-inbox';
import { createFileSealedStore } from '../../quarantine';
import type { SimulatorAttachment, SimulatorComment, SimulatorFile } from '../../simulator/client';
import { startLazaret } from './lazaret';
import type { Lazaret, LazaretOptions } from './lazaret';

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** One scan with its whole story, as the API tells it. */
export interface Story {
  scan: ScanView & { size: number | null; reason: string | null; machineVerdict: string; displayName: string };
  findings: { engine: string; rule: string; what: string }[];
  engines: { engine: string; result: string; reason?: string }[];
  notes: { kind: string; state: string; refusal: string | null; ticketId: string; commentId: string | null }[];
  mails: { kind: string; state: string; ambiguous: boolean; attempts: number; address: string | null }[];
  sealedCopy: { sealed: boolean; length: number } | null;
  auditEvents: { kind: string; detail: Record<string, unknown> }[];
}

/** A ticket as it was opened, before anything of ours happened to it. */
export interface Sent {
  ticketId: number;
  commentId: number;
  files: SimulatorAttachment[];
}

export type Stage = Awaited<ReturnType<typeof startHostile>>;

interface Account {
  admin: { email: string; password: string };
  clients: { identifier: string; secret: string }[];
}

/** Proofs that fail are given up after a tenth of a second instead of sixteen; the rest is as in the product. */
const WAITS = { proof: [0, 20, 40, 80] };

/** Starts the product and the tools of a hostile test file. */
export async function startHostile(options: LazaretOptions = {}) {
  const masterKey = randomBytes(32);
  const lazaret = await startLazaret({
    ...options,
    env: { LAZARET_MASTER_KEYS: `test:${masterKey.toString('base64')}`, ...options.env },
    waits: { ...WAITS, ...options.waits },
    switches: { plan: 'enterprise_plus', ...options.switches },
  });
  const masterKeys = { currentId: 'test', keys: { test: masterKey } };
  const store = createFileSealedStore({ directory: join(lazaret.directory, 'sealed'), masterKeys });
  return { lazaret, ...atZendesk(lazaret), ...atLazaret(lazaret), ...inMail(lazaret), sealedBytes };

  /** Unseals an item's copy with the key; nothing of the worker is used. */
  async function sealedBytes(digest: string): Promise<Buffer> {
    const { organisationId, database } = lazaret;
    const object = await database.withOrganisation(organisationId, (db) => readObject(db, organisationId, digest));
    const seal = sealRefOf(object);
    if (!seal) throw new Error(`no sealed copy is recorded for ${digest}`);
    await store.verify(seal);
    return buffer(store.open(seal));
  }
}

/** Acts and looks of an outsider at the help desk. */
function atZendesk(lazaret: Lazaret) {
  const { agent, zendeskAdmin } = lazaret;
  const control = <T>(path: string, body: unknown): Promise<T> =>
    zendeskAdmin.api<T>('POST', `/_simulator${path}`, body);
  const send = async (files: SimulatorFile[], ticketId?: number): Promise<Sent> => {
    const said = { subject: 'A question', comment: 'Please see the files.' };
    const requester = { name: 'Ana', email: 'ana@customer.example' };
    const { ticket, comment } =
      ticketId === undefined
        ? await agent.createTicket({ ...said, files, requester })
        : await agent.addComment(ticketId, { body: said.comment, files });
    return { ticketId: ticket.id, commentId: comment.id, files: comment.attachments };
  };
  return {
    control,
    send,
    /** Sends files of which Lazaret hears only after `prepare`. */
    async sendAfter(files: SimulatorFile[], prepare: (sent: Sent) => Promise<unknown>): Promise<Sent> {
      await zendeskAdmin.switches({ webhooks: { hold: true } });
      try {
        const sent = await send(files);
        await prepare(sent);
        return sent;
      } finally {
        await zendeskAdmin.switches({ webhooks: { hold: false } });
      }
    },
    fault: (fault: Record<string, unknown>) => control('/faults', { account: 'acme', ...fault }),
    clearFaults: () => zendeskAdmin.api('DELETE', '/_simulator/faults'),
    /** What an address gives to anybody now. */
    gives: async (address: string | undefined): Promise<Buffer> => (await agent.download(address ?? '')).bytes,
    comments: (ticketId: number): Promise<SimulatorComment[]> => agent.listComments(ticketId),
    notes: async (ticketId: number): Promise<SimulatorComment[]> =>
      (await agent.listComments(ticketId)).filter((comment) => !comment.public),
    /** Requests of ours about a ticket's redaction, whatever they were answered. */
    redactionRequests: async (sent: Sent) =>
      (await agent.requests()).filter(
        (one) =>
          one.path.endsWith(`/comments/${sent.commentId}/attachments/${sent.files[0]?.id}/redact`) ||
          one.path.endsWith(`/comment_redactions/${sent.commentId}`),
      ),
  };
}

/** Looks through the API. */
function atLazaret(lazaret: Lazaret) {
  const { admin, analyst, support, organisationId } = lazaret;
  return {
    /** Waits for the scan of a ticket's file in a state, given as `state` or `state(reason)`. */
    scanIn(ticketId: number, state: string, fileName?: string): Promise<ScanView> {
      let last = 'no scan';
      return until(
        `${state} on ticket ${ticketId}`,
        async () => {
          const found = (await admin.scansOf(ticketId)).filter((one) => !fileName || one.fileName === fileName);
          last = found.map(stateOf).join(', ');
          return found.find((one) => one.state === state || stateOf(one) === state);
        },
        20_000,
      ).catch((error: Error) => {
        throw new Error(
          `${error.message}; it is ${last}\n${lazaret
            .logs()
            .split('\n')
            .filter((line) => !line.includes('"method":"GET"'))
            .join('\n')
            .slice(-4000)}`,
        );
      });
    },
    scansOf: (ticketId: number) => admin.scansOf(ticketId),
    story: (scan: { id: string }) => admin.call<Story>('GET', `/api/v1/scans/${scan.id}`),
    decide: (scan: { id: string }, verdict: string) =>
      analyst.call('POST', `/api/v1/scans/${scan.id}/verdict`, { verdict, reason: `I looked: ${verdict}.` }),
    /** The file as an admin downloads it through the API. */
    async download(scan: { id: string }): Promise<Buffer> {
      const keys = readFileSync(join(lazaret.directory, 'secrets', 'demonstration.json'), 'utf8');
      const authorization = `Bearer ${(JSON.parse(keys) as { apiKeys: { admin: string } }).apiKeys.admin}`;
      const response = await fetch(`${lazaret.apiUrl}/api/v1/scans/${scan.id}/file`, { headers: { authorization } });
      if (!response.ok) throw new Error(await response.text());
      return Buffer.from(await response.arrayBuffer());
    },
    connection: () =>
      admin.call<{ state: string }>('GET', `/api/v1/organisations/${organisationId}/channels/zendesk/connection`),
    /** Signs in anew through the pages, as an administrator of the help desk would. */
    async signInAgain(): Promise<void> {
      const { account } = await lazaret.zendeskAdmin.api<{ account: Account }>('GET', '/_simulator/accounts/acme');
      const [client] = account.clients;
      if (!client) throw new Error('the account has no OAuth client');
      await activateAsPerson({
        apiUrl: lazaret.apiUrl,
        client: admin,
        organisationId,
        subdomain: 'acme',
        zendeskAdmin: account.admin,
        oauthClient: { id: client.identifier, secret: client.secret },
      });
    },
    /** Replaces the policy; what is not named has its default. */
    async policy(patch: Record<string, unknown>): Promise<void> {
      const path = `/api/v1/organisations/${organisationId}/policy`;
      const { version } = await support.call<{ version: number }>('GET', path);
      const policy = { notificationAddresses: ['security@acme.example'], ...patch };
      await support.call('PUT', path, { version, policy });
    },
  };
}

function stateOf(scan: ScanView): string {
  return scan.stateReason === null ? scan.state : `${scan.state}(${scan.stateReason})`;
}

function inMail(lazaret: Lazaret) {
  const about = async (ticketId: number): Promise<InboxMessage[]> =>
    (await lazaret.inbox.messages()).filter((mail) => mail.subject.includes(`ticket ${ticketId}`));
  return {
    mails: about,
    /** Waits for a mail about a ticket. */
    mail: (ticketId: number, count = 1): Promise<InboxMessage> =>
      until(`mail ${count} about ticket ${ticketId}`, async () => (await about(ticketId))[count - 1]),
    mailSwitches: async (switches: Record<string, unknown>): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(switches);
      const response = await fetch(`${lazaret.inbox.url}/switches`, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(await response.text());
    },
  };
}
