import type { Call } from './http';
import { idOf, invalid, isRecord, listOf, recordOf, textOf, userOf } from './http';
import type { Json, Ticket, User } from './model';
import type { Change } from './ticket-changes';
import { changeStatus, changeTags, plainOf, setField } from './ticket-changes';
import { viaApi } from './views';

export const UPDATE_KEYS = new Set(
  `comment status subject tags additional_tags remove_tags priority type assignee_id requester_id group_id custom_fields fields
   external_id metadata safe_update updated_stamp author_id collaborator_ids due_at ticket_form_id brand_id custom_status_id
   email_ccs followers organization_id problem_id attribute_value_ids sharing_agreement_ids`.split(/\s+/),
);
export const CREATE_KEYS = new Set([
  ...UPDATE_KEYS,
  ...'requester submitter_id description via_followup_source_id via_id raw_subject recipient via'.split(' '),
]);

export function warnOfUnknownKeys(call: Call, input: Json, known: Set<string>, action: string): void {
  const unknown = Object.keys(input).filter((key) => !known.has(key));
  if (unknown.length === 0) return;
  const keys = unknown.map((key) => `"ticket.${key.replaceAll(/[^\w.]/g, '_')}"`).join(', ');
  call.extraHeaders['x-zendesk-api-warn'] =
    `{:allowed_parameters=>{:controller=>"tickets", :action=>"${action}", :unpermitted_keys=>[${keys}]}}`;
}

function customFields(current: Ticket['customFields'], input: unknown): Ticket['customFields'] {
  const next = new Map(current.map((field) => [field.id, field.value]));
  for (const field of listOf(input)) {
    const id = idOf(recordOf(field)['id']);
    if (id !== undefined) next.set(id, recordOf(field)['value'] ?? null);
  }
  return [...next].map(([id, value]) => ({ id, value }));
}

export const stringsOf = (value: unknown): string[] =>
  (typeof value === 'string' ? value.split(/[\s,]+/) : listOf(value).map(String)).filter((tag) => tag !== '');

/** Applies the attributes that creating and updating have in common. */
export function applyAttributes(change: Change, input: Json): void {
  const { ticket, world } = change;
  if (isRecord(input['metadata'])) change.audit.custom = input['metadata'];
  const subject = textOf(input['subject']);
  if (subject !== undefined) setField(change, 'subject', ticket.subject, subject, () => (ticket.subject = subject));
  for (const field of ['priority', 'type'] as const) {
    const value = input[field];
    if (value !== null && typeof value !== 'string') continue;
    setField(change, field, ticket[field], value, () => (ticket[field] = value));
  }
  const assignee = idOf(input['assignee_id']);
  if (assignee !== undefined) {
    const user = world.users.get(assignee);
    if (user?.accountId !== ticket.accountId || user.role === 'end-user') {
      throw invalid('assignee', 'Assignee: is invalid', 'InvalidValue');
    }
    setField(change, 'assignee_id', ticket.assigneeId, assignee, () => (ticket.assigneeId = assignee));
  }
  const external = textOf(input['external_id']);
  if (external !== undefined)
    setField(change, 'external_id', ticket.externalId, external, () => (ticket.externalId = external));
  const fields = input['custom_fields'] ?? input['fields'];
  if (fields !== undefined) {
    const next = customFields(ticket.customFields, fields);
    setField(change, 'custom_fields', ticket.customFields, next, () => (ticket.customFields = next));
  }
  applyTags(change, input);
  changeStatus(change, input['status']);
}

function applyTags(change: Change, input: Json): void {
  if (input['tags'] !== undefined) changeTags(change, stringsOf(input['tags']));
  if (!change.account.switches.additionalTags) return;
  const added = stringsOf(input['additional_tags']);
  const removed = stringsOf(input['remove_tags']);
  if (added.length + removed.length === 0) return;
  changeTags(
    change,
    [...change.ticket.tags, ...added].filter((tag) => !removed.includes(tag)),
  );
}

function requesterOf(call: Call, input: Json): User {
  const byId = idOf(input['requester_id']);
  if (byId !== undefined) {
    const user = call.world.users.get(byId);
    if (user === undefined || user.accountId !== call.account.id)
      throw invalid('requester', 'Requester: is invalid', 'InvalidValue');
    return user;
  }
  if (!isRecord(input['requester'])) return userOf(call);
  const email = textOf(input['requester']['email'])?.toLowerCase();
  if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw invalid('requester', 'Requester: Email: is not properly formatted', 'InvalidValue');
  }
  const known = call.world.users.inGroup(call.account.id).find((user) => user.email === email);
  if (known !== undefined) return known;
  const id = call.world.nextId();
  return call.world.users.put(id, {
    id,
    accountId: call.account.id,
    email,
    name: textOf(input['requester']['name']) ?? email,
    role: 'end-user',
    password: call.world.secret(16),
    apiToken: null,
    customRoleId: null,
    suspended: false,
    createdAt: call.world.clock(),
  });
}

function brandOf(call: Call, input: Json): number {
  const brands = call.world.brands.inGroup(call.account.id);
  const wanted = idOf(input['brand_id']);
  const brand =
    wanted === undefined ? (call.brand ?? brands.find((row) => row.default)) : brands.find((row) => row.id === wanted);
  if (brand === undefined) throw invalid('brand', 'Brand: is invalid', 'InvalidValue');
  return brand.id;
}

/** The closed ticket that a follow-up continues. */
export function followedTicket(call: Call, input: Json): Ticket | undefined {
  if (input['via_followup_source_id'] === undefined) return undefined;
  const source = call.world.ticketOf(call.account, idOf(input['via_followup_source_id']) ?? -1);
  if (source?.status !== 'closed')
    throw invalid('via_followup_source_id', 'Follow-up source: is not a closed ticket', 'InvalidValue');
  return source;
}

export function newTicket(call: Call, input: Json): Ticket {
  const now = call.world.clock();
  const requester = requesterOf(call, input);
  const id = call.account.lastTicketId + 1;
  const comment = recordOf(input['comment']);
  const written = textOf(comment['body']) ?? textOf(input['comment']) ?? textOf(input['description']);
  const description = written ?? plainOf(textOf(comment['html_body']) ?? '');
  const channel = textOf(recordOf(input['via'])['channel']);
  return {
    id,
    accountId: call.account.id,
    subject: textOf(input['subject']) ?? description.slice(0, 80),
    description,
    status: 'new',
    deleted: false,
    archived: false,
    priority: null,
    type: null,
    tags: [],
    requesterId: requester.id,
    submitterId: idOf(input['submitter_id']) ?? userOf(call).id,
    assigneeId: null,
    brandId: brandOf(call, input),
    externalId: null,
    via: channel === undefined ? viaApi() : { ...viaApi(), channel },
    isPublic: true,
    customFields: [],
    followupIds: [],
    commentIds: [],
    createdAt: now,
    updatedAt: now,
    generatedAt: now,
    updates: 0,
    redactions: 0,
    notes: 0,
  };
}
