import { Liquid } from 'liquidjs';
import type { Comment, Json, Ticket, User } from './model';
import type { World } from './world';
import { canonicalViewer, contentUrl } from './views';
import { stamp } from './http';

const engine = new Liquid({
  cache: false,
  parseLimit: 200_000,
  renderLimit: 1000,
  memoryLimit: 10_000_000,
});

/**
 * Expands `{{…}}` and `{% … %}` as Zendesk does in comments of agents and in trigger payloads. Values are not escaped.
 * Text that is not valid Liquid stays as it is.
 */
export function expandPlaceholders(text: string, values: Json): string {
  if (!text.includes('{{') && !text.includes('{%')) return text;
  try {
    return String(engine.parseAndRenderSync(text.replaceAll(/\\(\{\{|\{%)/g, "{{ '$1' }}"), values));
  } catch {
    return text;
  }
}

/** The names that placeholders may use about a ticket. */
export function placeholderValues(world: World, ticket: Ticket, current: User, latest: Comment | undefined): Json {
  const account = world.accounts.get(ticket.accountId);
  const viewer = canonicalViewer(world, account?.subdomain ?? 'unknown');
  const requester = world.users.get(ticket.requesterId);
  const attachments = latest === undefined ? [] : world.attachmentsOf(latest);
  return {
    ticket: {
      id: ticket.id,
      title: ticket.subject,
      description: ticket.description,
      status: ticket.status,
      priority: ticket.priority ?? '',
      tags: ticket.tags.join(' '),
      url: `${account?.subdomain ?? 'unknown'}.zendesk.com/agent/tickets/${ticket.id}`,
      created_at_with_timestamp: stamp(ticket.createdAt),
      updated_at_with_timestamp: stamp(ticket.updatedAt),
      requester: { id: requester?.id, name: requester?.name, email: requester?.email },
      latest_comment: {
        id: latest?.id,
        value: latest?.body ?? '',
        attachments: attachments.map((row) => ({ filename: row.fileName, url: contentUrl(viewer, row) })),
        toString: () => latest?.body ?? '',
      },
    },
    current_user: { id: current.id, name: current.name, email: current.email },
  };
}
