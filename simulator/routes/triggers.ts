import type { Answer, Call, Route } from '../http';
import {
  flagOf,
  idParam,
  invalid,
  isRecord,
  json,
  listOf,
  notFound,
  nothing,
  partOf,
  recordOf,
  Refusal,
  route,
  stamp,
  textOf,
} from '../http';
import type { Condition, Json, Trigger, TriggerCategory } from '../model';
import { paginate } from '../paging';
import { CONDITION_FIELDS } from '../trigger-rules';

function triggerView(call: Call, trigger: Trigger): Json {
  return {
    url: `${call.origin}/api/v2/triggers/${trigger.id}.json`,
    id: trigger.id,
    title: trigger.title,
    active: trigger.active,
    created_at: stamp(trigger.createdAt),
    updated_at: stamp(trigger.updatedAt),
    default: false,
    actions: trigger.actions,
    conditions: { all: trigger.all, any: trigger.any },
    description: trigger.description,
    position: trigger.position,
    raw_title: trigger.title,
    category_id: trigger.categoryId,
  };
}

function conditionsOf(value: unknown): Condition[] {
  return listOf(value).map((entry) => {
    const { field, operator, value: wanted } = recordOf(entry);
    const rule = CONDITION_FIELDS[String(field)];
    if (rule === undefined)
      throw invalid('conditions', `Conditions: ${String(field)} is not a valid field`, 'InvalidValue');
    if (!rule.operators.includes(String(operator))) {
      throw invalid(
        'conditions',
        `Conditions: ${String(operator)} is not an operator of ${String(field)}`,
        'InvalidValue',
      );
    }
    const checked = ['changed', 'not_changed'].includes(String(operator)) || rule.values === null;
    if (!checked && !rule.values?.includes(String(wanted))) {
      throw invalid('conditions', `Conditions: ${String(wanted)} is not a value of ${String(field)}`, 'InvalidValue');
    }
    return { field: String(field), operator: String(operator), value: wanted ?? null };
  });
}

function actionsOf(call: Call, value: unknown): Trigger['actions'] {
  const actions = listOf(value).map((entry) => ({
    field: String(recordOf(entry)['field']),
    value: recordOf(entry)['value'] ?? null,
  }));
  if (actions.length === 0) throw invalid('actions', 'Actions: cannot be blank', 'BlankValue');
  for (const action of actions) {
    if (action.field !== 'notification_webhook')
      throw invalid('actions', `Actions: ${action.field} is not supported`, 'InvalidValue');
    const hook = call.world.webhooks.get(String(listOf(action.value)[0]));
    if (hook?.accountId !== call.account.id || !hook.subscriptions.includes('conditional_ticket_events')) {
      throw invalid('actions', 'Actions: the webhook does not exist or is not connected to triggers', 'InvalidValue');
    }
  }
  return actions;
}

function categoryOf(call: Call, wanted: unknown): string {
  const known = call.world.categories.inGroup(call.account.id);
  if (wanted !== undefined && wanted !== null) {
    const found = known.find((row) => row.id === String(wanted));
    if (found === undefined)
      throw new Refusal(404, { errors: [{ code: 'TriggerCategoryNotFound', title: 'Trigger category not found' }] });
    return found.id;
  }
  return (known[0] ?? addCategory(call, 'Notifications')).id;
}

function addCategory(call: Call, name: string): TriggerCategory {
  const id = String(call.world.nextId());
  const position = call.world.categories.inGroup(call.account.id).length;
  return call.world.categories.put(id, {
    id,
    accountId: call.account.id,
    name,
    position,
    createdAt: call.world.clock(),
  });
}

/** Naming any condition or action replaces both lists of conditions or all actions (fact sheet §5). */
function contentOf(call: Call, input: Json, before: Trigger | undefined) {
  const nested = isRecord(input['conditions']) ? input['conditions'] : undefined;
  const given = nested ?? (input['all'] !== undefined || input['any'] !== undefined ? input : undefined);
  const all = given === undefined ? (before?.all ?? []) : conditionsOf(given['all']);
  const any = given === undefined ? (before?.any ?? []) : conditionsOf(given['any']);
  if (all.length + any.length === 0) throw invalid('conditions', 'Conditions: cannot be blank', 'BlankValue');
  const title = textOf(input['title']) ?? before?.title ?? '';
  if (title === '') throw invalid('title', 'Title: cannot be blank', 'BlankValue');
  const untouched = input['actions'] === undefined && before !== undefined;
  return {
    title,
    description: textOf(input['description']) ?? before?.description ?? null,
    active: flagOf(input['active']) ?? before?.active ?? true,
    categoryId:
      input['category_id'] === undefined && before !== undefined
        ? before.categoryId
        : categoryOf(call, input['category_id']),
    all,
    any,
    actions: untouched ? before.actions : actionsOf(call, input['actions']),
  };
}

function createTrigger(call: Call): Answer {
  const content = contentOf(call, partOf(call, 'trigger'), undefined);
  const now = call.world.clock();
  const id = call.world.nextId();
  const position = call.world.triggers.inGroup(call.account.id).length + 1;
  const trigger = call.world.triggers.put(id, {
    ...content,
    id,
    accountId: call.account.id,
    position,
    createdAt: now,
    updatedAt: now,
  });
  const location = `${call.origin}/api/v2/triggers/${id}.json`;
  return json({ trigger: triggerView(call, trigger) }, 201, { location });
}

function param(call: Call): Trigger {
  const trigger = call.world.triggers.get(idParam(call, 'id'));
  if (trigger?.accountId !== call.account.id) throw notFound();
  return trigger;
}

function updateTrigger(call: Call): Answer {
  const before = param(call);
  const content = contentOf(call, partOf(call, 'trigger'), before);
  const trigger = call.world.triggers.put(before.id, { ...before, ...content, updatedAt: call.world.clock() });
  return json({ trigger: triggerView(call, trigger) });
}

function listTriggers(call: Call, keep: (trigger: Trigger) => boolean): Answer {
  const all = call.world.triggers
    .inGroup(call.account.id)
    .filter(keep)
    .sort((a, b) => a.position - b.position);
  const { rows, rest } = paginate(call, all);
  return json({ triggers: rows.map((trigger) => triggerView(call, trigger)), ...rest });
}

function searchTriggers(call: Call): Answer {
  const words = (call.query.get('query') ?? '').toLowerCase();
  return listTriggers(call, (trigger) => trigger.title.toLowerCase().includes(words));
}

function definitions(): Answer {
  const conditions = Object.entries(CONDITION_FIELDS).map(([subject, rule]) => ({
    title: rule.title,
    subject,
    type: rule.values === null ? 'text' : 'list',
    group: 'ticket',
    nullable: false,
    repeatable: false,
    operators: rule.operators.map((value) => ({
      value,
      title: value.replaceAll('_', ' '),
      terminal: value.includes('changed'),
    })),
    ...(rule.values === null ? {} : { values: rule.values.map((value) => ({ value, title: value, enabled: true })) }),
  }));
  const actions = [
    {
      title: 'Notify active webhook',
      subject: 'notification_webhook',
      type: 'list',
      group: 'notification',
      nullable: false,
      repeatable: true,
    },
  ];
  return json({ definitions: { conditions_all: conditions, conditions_any: conditions, actions } });
}

const categoryView = (category: TriggerCategory): Json => ({
  id: category.id,
  name: category.name,
  position: category.position,
  created_at: stamp(category.createdAt),
  updated_at: stamp(category.createdAt),
});

function createCategory(call: Call): Answer {
  const name = textOf(partOf(call, 'trigger_category')['name']) ?? '';
  if (name === '') throw new Refusal(400, { errors: [{ code: 'InvalidTriggerCategory', title: 'name is required' }] });
  return json({ trigger_category: categoryView(addCategory(call, name)) });
}

function listCategories(call: Call): Answer {
  const { rows, rest } = paginate(call, call.world.categories.inGroup(call.account.id), 'cursor');
  return json({ trigger_categories: rows.map(categoryView), ...rest });
}

function removeTrigger(call: Call): Answer {
  call.world.triggers.remove(param(call).id);
  return nothing();
}

export const triggerRoutes: Route[] = [
  route('GET', '/api/v2/triggers', 'agent', 'triggers', (call) => listTriggers(call, () => true)),
  route('GET', '/api/v2/triggers/active', 'agent', 'triggers', (call) =>
    listTriggers(call, (trigger) => trigger.active),
  ),
  route('GET', '/api/v2/triggers/search', 'agent', 'triggers', searchTriggers),
  route('GET', '/api/v2/triggers/definitions', 'agent', 'triggers', definitions),
  route('POST', '/api/v2/triggers', 'admin', 'triggers', createTrigger),
  route('GET', '/api/v2/triggers/:id', 'agent', 'triggers', (call) =>
    json({ trigger: triggerView(call, param(call)) }),
  ),
  route('PUT', '/api/v2/triggers/:id', 'admin', 'triggers', updateTrigger),
  route('DELETE', '/api/v2/triggers/:id', 'admin', 'triggers', removeTrigger),
  route('GET', '/api/v2/trigger_categories', 'agent', 'triggers', listCategories),
  route('POST', '/api/v2/trigger_categories', 'admin', 'triggers', createCategory),
];
