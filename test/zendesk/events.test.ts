import { parseEvent } from '../../zendesk/events';

const DETAIL = {
  id: '19395',
  actor_id: '865',
  subject: 'Help',
  description: 'Hi',
  status: 'NEW',
  tags: null,
  via: { channel: 'mail' },
};
const FACTS = {
  eventId: 'e1',
  accountId: '8405679',
  ticketId: '19395',
  actorId: '865',
  occurredAt: '2026-01-14T19:31:42Z',
};

function event(type: string, part: unknown, detail: object = {}): Buffer {
  const envelope = {
    account_id: 8405679,
    id: 'e1',
    subject: 'zen:ticket:19395',
    time: '2026-01-14T19:31:42Z',
    type: `zen:event-type:ticket.${type}`,
    zendesk_event_version: '2022-11-06',
    detail: { ...DETAIL, ...detail },
    event: part,
  };
  return Buffer.from(`${JSON.stringify(envelope, null, 3)}\n`);
}

const attachment = {
  id: '865873',
  filename: 'a.jpg',
  content_type: 'image/jpeg',
  content_url: 'https://acme.zendesk.com/a',
};

describe('parseEvent', () => {
  test('reads an attachment linked to a comment', () => {
    const part = { comment: { id: '77', attachment: { ...attachment, is_public: false } }, meta: { sequence: {} } };
    expect(parseEvent(event('attachment_linked_to_comment', part))).toEqual({
      ...FACTS,
      type: 'attachment_linked',
      commentId: '77',
      attachment: {
        id: '865873',
        fileName: 'a.jpg',
        contentType: 'image/jpeg',
        contentUrl: 'https://acme.zendesk.com/a',
      },
    });
  });

  test('reads an added comment', () => {
    const part = {
      comment: { id: '77', body: 'see', is_public: true, author: { id: '9', is_staff: false, name: 'C' } },
    };
    expect(parseEvent(event('comment_added', part))).toEqual({
      ...FACTS,
      type: 'comment_added',
      commentId: '77',
      body: 'see',
      public: true,
      authorId: '9',
    });
  });

  test.each([
    ['created', {}, { type: 'ticket_created', subject: 'Help', description: 'Hi' }],
    [
      'attachment_redacted_from_comment',
      { comment: { id: '77', attachment: { id: '8' } } },
      { type: 'attachment_redacted', commentId: '77', attachmentId: '8' },
    ],
    ['comment_redacted', { comment: { id: '77' } }, { type: 'comment_redacted', commentId: '77' }],
    ['merged', { target_ticket_id: '5' }, { type: 'merged', targetTicketId: '5' }],
    ['merged', {}, { type: 'merged', targetTicketId: undefined }],
    ['status_changed', { current: 'CLOSED', previous: 'SOLVED' }, { type: 'status_changed', status: 'closed' }],
    ['soft_deleted', null, { type: 'soft_deleted' }],
    ['undeleted', {}, { type: 'undeleted' }],
  ])('reads %s', (type, part, expected) => {
    expect(parseEvent(event(type, part))).toEqual({ ...FACTS, ...expected });
  });

  test('takes -1, 0 and nothing for no actor', () => {
    for (const actor_id of ['-1', '0', '', null]) {
      expect(parseEvent(event('undeleted', {}, { actor_id }))).toMatchObject({ actorId: undefined });
    }
  });

  test('ignores every other type, also names of built-in properties', () => {
    expect(parseEvent(event('tags_changed', {}))).toEqual({
      type: 'ignored',
      eventType: 'zen:event-type:ticket.tags_changed',
    });
    expect(parseEvent(Buffer.from('{"type":"constructor"}'))).toEqual({ type: 'ignored', eventType: 'constructor' });
  });

  test("reads our trigger's payload", () => {
    expect(parseEvent(Buffer.from('{"ticket_id":"7","comment_id":"8","x":1}'))).toEqual({
      type: 'trigger',
      ticketId: '7',
      commentId: '8',
    });
  });

  test('reads a trigger payload whose comment placeholder stayed empty', () => {
    expect(parseEvent(Buffer.from('{"ticket_id":"7","comment_id":""}'))).toEqual({
      type: 'trigger',
      ticketId: '7',
      commentId: undefined,
    });
  });

  test("reads the activation's proof", () => {
    expect(parseEvent(Buffer.from('{"lazaret_proof":"n1"}'))).toEqual({ type: 'proof', nonce: 'n1' });
  });

  test.each([
    ['{', 'not JSON'],
    ['[]', 'trigger payload'],
    ['{"ticket_id":"../1"}', 'trigger payload at ticket_id'],
    ['{"ticket_id":33144647570963123456}', 'trigger payload at ticket_id'],
  ])('calls %s malformed', (body, where) => {
    expect(parseEvent(Buffer.from(body))).toEqual({ type: 'malformed', where });
  });

  test('calls an attachment event without an address malformed instead of empty', () => {
    const part = { comment: { id: '77', attachment: { id: '8', filename: 'a' } } };
    expect(parseEvent(event('attachment_linked_to_comment', part))).toEqual({
      type: 'malformed',
      where: 'event at comment.attachment.content_url',
    });
  });
});
