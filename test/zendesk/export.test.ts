import { exportComments, exportTickets } from '../../zendesk/export';
import type { Incremental } from '../../zendesk/incremental';
import { TicketEventsPage, TicketsExportPage } from '../../zendesk/schemas-account';

/** An account whose export gives these pages, and remembers what it was asked. */
function account(pages: { events?: object; tickets?: object }) {
  const asked: unknown[] = [];
  const incremental: Incremental = {
    ticketEvents: async (startTime) => {
      asked.push(startTime);
      const page = TicketEventsPage.parse(pages.events);
      return { events: page.ticket_events, endTime: page.end_time ?? undefined, endOfStream: page.end_of_stream };
    },
    tickets: async (from) => {
      asked.push(from);
      const page = TicketsExportPage.parse(pages.tickets);
      return { tickets: page.tickets, cursor: page.after_cursor ?? undefined, endOfStream: page.end_of_stream };
    },
  };
  return { client: { incremental }, asked };
}

const comment = (more: object) => ({
  ticket_events: [
    {
      id: 1,
      ticket_id: 7,
      timestamp: 1_700_000_000,
      updater_id: -1,
      child_events: [
        { id: 2, event_type: 'Change' },
        { id: 3, event_type: 'Comment', author_id: 42, ...more },
      ],
    },
  ],
  end_time: 1_700_000_000,
  end_of_stream: true,
});
const file = (id: number, token: string, more: object = {}) => ({
  id,
  file_name: `${token}.pdf`,
  content_url: `https://acme.zendesk.com/attachments/token/${token}/?name=${token}.pdf`,
  size: 3,
  ...more,
});
const since = new Date(1_700_000_000_500);

it('gives comments with text, HTML, author and files, and leaves out what is no comment', async () => {
  const { client, asked } = account({
    events: comment({ body: 'see', html_body: '<p>see</p>', attachments: [file(9, 'abcdefgh')] }),
  });
  const page = await exportComments(client, since, 'reconcile');
  expect(asked).toEqual([1_700_000_000]);
  expect(page).toMatchObject({ end: true, next: new Date(1_700_000_000_000) });
  expect(page.comments).toMatchObject([
    {
      ticketId: '7',
      commentId: '3',
      authorId: '42',
      text: 'see',
      html: '<p>see</p>',
      attachments: [{ id: '9' }],
      unlisted: [],
    },
  ]);
});

it('names images of the HTML that the export does not list', async () => {
  const html =
    '<img src="https://acme.zendesk.com/attachments/token/inline-1234/?name=a.png"> <img src="/attachments/token/abcdefgh/">';
  const { client } = account({ events: comment({ html_body: html, attachments: [file(9, 'abcdefgh')] }) });
  const [one] = (await exportComments(client, since, 'reconcile')).comments;
  expect(one?.unlisted).toEqual(['inline-1234']);
});

it('leaves out a file that was redacted, and does not look for it in the text again', async () => {
  const html = '<img src="https://acme.zendesk.com/attachments/token/abcdefgh/?name=a.png">';
  const { client } = account({
    events: comment({ html_body: html, attachments: [file(9, 'abcdefgh', { deleted: true })] }),
  });
  const [one] = (await exportComments(client, since, 'reconcile')).comments;
  expect(one).toMatchObject({ attachments: [], unlisted: [] });
});

it('goes on with the next second after a page that fills a whole one', async () => {
  const { client } = account({ events: { ...comment({}), end_of_stream: false } });
  expect((await exportComments(client, since, 'reconcile')).next).toEqual(new Date(1_700_000_001_000));
});

it('gives the texts of tickets, and none of deleted ones', async () => {
  const ticket = { id: 7, status: 'open', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
  const tickets = [
    { ...ticket, subject: 'hello', description: null, submitter_id: 5 },
    { ...ticket, id: 8, status: 'deleted' },
  ];
  const { client, asked } = account({ tickets: { tickets, after_cursor: 'next', end_of_stream: true } });
  expect(await exportTickets(client, { cursor: 'now' }, 'reconcile')).toEqual({
    tickets: [
      {
        ticketId: '7',
        createdAt: new Date('2026-01-01T00:00:00Z'),
        submitterId: '5',
        subject: 'hello',
        description: '',
      },
    ],
    cursor: 'next',
    end: true,
  });
  expect(asked).toEqual([{ cursor: 'now' }]);
});
