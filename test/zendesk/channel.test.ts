import type { Channel, RedactionRequest } from '../../domain/channel';
import { createZendeskChannel } from '../../zendesk/channel';
import {
  attachmentRecord,
  json,
  startScriptedZendesk,
  type Script,
  type ScriptedZendesk,
} from './support/scripted-zendesk';

let zendesk: ScriptedZendesk;
let workspace: Channel;
let classic: Channel;
beforeEach(async () => {
  zendesk = await startScriptedZendesk();
  workspace = createZendeskChannel(zendesk.client, { agentWorkspace: true });
  classic = createZendeskChannel(zendesk.client, { agentWorkspace: false });
});
afterEach(() => zendesk.close());

const CLOSED = {
  error: 'RecordInvalid',
  description: 'Record validation errors',
  details: { status: [{ description: 'Status: closed prevents ticket update' }] },
};
const files = (...ids: string[]): RedactionRequest => ({
  ticketId: '7',
  commentId: '70',
  attachments: ids.map((id) => ({ id, contentUrl: `https://acme.zendesk.com/attachments/token/t${id}/?name=x` })),
});
const calls = (): string[] => zendesk.seen.map((one) => `${one.method} ${one.path}`);
const ONE = (id: number): string => `PUT /api/v2/tickets/7/comments/70/attachments/${id}/redact`;
const TOGETHER = 'PUT /api/v2/comment_redactions/70';

/** Answers both redactions, each with its status. */
const redactions =
  (one: number, together: number, body: unknown = CLOSED): Script =>
  ({ path }, response) => {
    const status = path.includes('comment_redactions') ? together : one;
    if (status !== 200) return json(response, status, body);
    json(response, 200, path.includes('comment_redactions') ? { comment: { id: 70 } } : { attachment: { id: 5 } });
  };

describe('redaction', () => {
  test('takes several files out of one comment in one update where Agent Workspace is on', async () => {
    zendesk.use(redactions(200, 200));
    const request = files('1', '2', '3');
    expect(await workspace.redact(request)).toEqual({ requests: 1 });
    expect(calls()).toEqual([TOGETHER]);
    expect(JSON.parse(zendesk.seen[0]?.body ?? '')).toEqual({
      ticket_id: 7,
      external_attachment_urls: request.attachments.map((one) => one.contentUrl),
    });
    expect(zendesk.acquired).toEqual(['per_ticket_update redact 7', 'account redact']);
  });

  test('takes one update per file where Agent Workspace is off', async () => {
    zendesk.use(redactions(200, 403));
    expect(await classic.redact(files('1', '2'))).toEqual({ requests: 2 });
    expect(calls()).toEqual([ONE(1), ONE(2)]);
  });

  test('of a single file goes by its own call first, and on a closed ticket by the comment', async () => {
    zendesk.use(redactions(200, 200));
    expect(await workspace.redact(files('1'))).toEqual({ requests: 1 });
    zendesk.use(redactions(422, 200));
    expect(await workspace.redact(files('1'))).toEqual({ requests: 2 });
    expect(calls()).toEqual([ONE(1), ONE(1), TOGETHER]);
  });

  test('on a closed ticket without Agent Workspace is refused as ticket_closed', async () => {
    zendesk.use(redactions(422, 403));
    await expect(classic.redact(files('1', '2'))).rejects.toMatchObject({ kind: 'ticket_closed', retryable: false });
    expect(calls()).toEqual([ONE(1)]);
  });

  test('goes file by file where the comment takes no common redaction', async () => {
    const body = { error: 'RecordInvalid', details: { comment: [{ description: 'this channel' }] } };
    zendesk.use(redactions(200, 422, body));
    expect(await workspace.redact(files('1', '2'))).toEqual({ requests: 3 });
    expect(calls()).toEqual([TOGETHER, ONE(1), ONE(2)]);
  });

  test('counts a file that is unknown by now as done: bytes will prove it', async () => {
    zendesk.use(redactions(404, 404, { error: 'RecordNotFound', description: 'Not found' }));
    expect(await classic.redact(files('1'))).toEqual({ requests: 1 });
  });

  test('without the right is forbidden', async () => {
    zendesk.use(redactions(403, 403, { error: 'Forbidden' }));
    await expect(workspace.redact(files('1', '2'))).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(classic.redact(files('1'))).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('of nothing asks nothing', async () => {
    expect(await workspace.redact(files())).toEqual({ requests: 0 });
    expect(calls()).toEqual([]);
  });
});

const TICKET = { id: 7, status: 'open', updated_at: '2026-01-02T03:04:05Z', requester_id: 42, followup_ids: [8] };
const audit = (id: number, key: string | undefined, via: unknown = { channel: 'api' }) => ({
  id,
  metadata: { system: {}, custom: key === undefined ? {} : { lazaret_op: key } },
  via,
  events: [{ id: id * 100, type: 'Comment', attachments: [{ id: id * 1000 }] }],
});
const audits = (...list: unknown[]) => ({ audits: list, meta: { has_more: false, after_cursor: 'x' } });
const note = { ticketId: '7', html: '<p>x</p>', key: 'k2', uploadTokens: ['tok'], lane: 'note' as const };

describe('a note', () => {
  test('is internal, carries its key, and names what Zendesk made of it', async () => {
    zendesk.use((_request, response) => json(response, 200, { ticket: TICKET, audit: audit(9, 'k2') }));
    expect(await workspace.addNote(note)).toEqual({ auditId: '9', commentId: '900', attachmentIds: ['9000'] });
    expect(calls()).toEqual(['PUT /api/v2/tickets/7']);
    expect(JSON.parse(zendesk.seen[0]?.body ?? '')).toEqual({
      ticket: {
        comment: { html_body: '<p>x</p>', public: false, uploads: ['tok'] },
        metadata: { lazaret_op: 'k2' },
      },
    });
    expect(zendesk.acquired).toEqual(['per_ticket_update note 7', 'ticket_update note', 'account note']);
  });

  test('may insist on an unchanged ticket', async () => {
    zendesk.use((_request, response) => json(response, 409, { error: 'UpdateConflict', description: 'x' }));
    const safe = { ...note, safeUpdateStamp: TICKET.updated_at };
    await expect(workspace.addNote(safe)).rejects.toMatchObject({ kind: 'conflict', outcomeUnknown: false });
    expect(JSON.parse(zendesk.seen[0]?.body ?? '')).toMatchObject({
      ticket: { safe_update: true, updated_stamp: TICKET.updated_at },
    });
  });

  test('is found again by its key, with the stamp read before the audits', async () => {
    zendesk.use(({ path }, response) =>
      json(response, 200, path.includes('audits') ? audits(audit(8, 'k1'), audit(9, 'k2')) : { ticket: TICKET }),
    );
    expect(await workspace.findNote('7', 'k2', 'note')).toEqual({
      note: { auditId: '9', commentId: '900', attachmentIds: ['9000'] },
      updatedAt: TICKET.updated_at,
    });
    expect(calls().map((call) => call.split('?')[0])).toEqual([
      'GET /api/v2/tickets/7',
      'GET /api/v2/tickets/7/audits',
    ]);
    expect((await workspace.findNote('7', 'k3', 'note')).note).toBeUndefined();
  });

  test('on a closed ticket is refused as ticket_closed', async () => {
    zendesk.use((_request, response) => json(response, 422, CLOSED));
    await expect(workspace.addNote(note)).rejects.toMatchObject({ kind: 'ticket_closed' });
  });

  test('in a follow-up that an earlier try made is found and not made again', async () => {
    zendesk.use(({ path }, response) =>
      json(response, 200, path.includes('audits') ? audits(audit(9, 'k2')) : { ticket: TICKET }),
    );
    const made = await workspace.createFollowUp({ ...note, subject: 'File' });
    expect(made).toEqual({ ticketId: '8', auditId: '9', commentId: '900', attachmentIds: ['9000'] });
    expect(zendesk.seen.every((one) => one.method === 'GET')).toBe(true);
  });
});

describe('what a ticket tells', () => {
  test.each([
    ['malware_found', false, 'blocked'],
    ['malware_found', true, 'found_overridden'],
    ['malware_not_found', false, 'clean'],
    ['failed_to_scan', false, 'failed'],
    ['not_scanned', false, 'none'],
    ['a new word', false, 'none'],
  ])(
    'is that a scan result %s with override %j means %s',
    async (malware_scan_result, malware_access_override, word) => {
      const record = attachmentRecord({ malware_scan_result, malware_access_override });
      zendesk.use((_request, response) => json(response, 200, { attachment: record }));
      expect(await workspace.readAttachment('5', 'scan')).toMatchObject({ id: '5', size: 10, sourceScan: word });
    },
  );

  test('is that an unknown attachment is none', async () => {
    zendesk.use((_request, response) => json(response, 404, { error: 'RecordNotFound' }));
    expect(await workspace.readAttachment('5', 'scan')).toBeUndefined();
  });

  test('is the merge target that Zendesk names, never the one a comment claims', async () => {
    const via = { channel: 'web', source: { from: {}, to: { ticket_id: 12 }, rel: 'merge' } };
    zendesk.use((_request, response) => json(response, 200, audits(audit(1, undefined), audit(2, undefined, via))));
    expect(await workspace.findMergeTarget('7', 'release')).toBe('12');
    const said = { ...audit(3, undefined), events: [{ id: 1, type: 'Comment', body: 'merged into request #12' }] };
    zendesk.use((_request, response) => json(response, 200, audits(said)));
    expect(await workspace.findMergeTarget('7', 'release')).toBeUndefined();
  });

  test('is refused when the status is a word we do not know', async () => {
    zendesk.use((_request, response) => json(response, 200, { ticket: { ...TICKET, status: 'frozen' } }));
    await expect(workspace.readTicket('7', 'scan')).rejects.toMatchObject({ kind: 'malformed_answer' });
  });
});
