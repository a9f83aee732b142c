import type { Lane } from '../domain/words';
import { ZendeskError } from './errors';
import { readPages } from './paging';
import { pathId, type ZendeskApi } from './request';
import {
  CategoriesPage,
  CategoryAnswer,
  DefinitionsAnswer,
  TriggerAnswer,
  TriggersPage,
  type ConditionDefinition,
  type Trigger,
  type TriggerCategory,
} from './schemas-account';

export interface TriggerCondition {
  field: string;
  operator: string;
  value: string;
}

/** A trigger that calls a webhook. Send ids only in `payload`: placeholders are not escaped for JSON (fact sheet §5). */
export interface TriggerDraft {
  title: string;
  description: string;
  categoryId?: string | undefined;
  conditions: { all: readonly TriggerCondition[]; any: readonly TriggerCondition[] };
  webhookId: string;
  payload: string;
}

export interface Triggers {
  get(triggerId: string, lane: Lane): Promise<Trigger>;
  /** Triggers whose title holds this text, to the last page. */
  search(title: string, lane: Lane): Promise<Trigger[]>;
  create(draft: TriggerDraft, lane: Lane): Promise<Trigger>;
  /** Replaces conditions and actions as a whole and switches the trigger on. */
  replace(triggerId: string, draft: TriggerDraft, lane: Lane): Promise<Trigger>;
  delete(triggerId: string, lane: Lane): Promise<void>;
  /** Which conditions this account knows: operators and values differ, so they are read and not assumed. */
  conditionDefinitions(lane: Lane): Promise<{ all: ConditionDefinition[]; any: ConditionDefinition[] }>;
  categories(lane: Lane): Promise<TriggerCategory[]>;
  createCategory(name: string, lane: Lane): Promise<TriggerCategory>;
}

const BASE = '/api/v2/triggers';

/** Calls about triggers and their categories (fact sheet §5). */
export function createTriggers(api: ZendeskApi): Triggers {
  const one = (id: string): string => `${BASE}/${pathId(id, 'triggers')}`;
  return {
    get: async (id, lane) =>
      (await api.call({ operation: 'triggers.get', method: 'GET', path: one(id), lane }, TriggerAnswer)).trigger,
    search: (title, lane) => searchTriggers(api, title, lane),
    create: async (draft, lane) => {
      const request = { operation: 'triggers.create', method: 'POST', path: BASE, json: body(draft), lane } as const;
      return (await api.call(request, TriggerAnswer)).trigger;
    },
    replace: async (id, draft, lane) => {
      const request = { operation: 'triggers.replace', method: 'PUT', path: one(id), json: body(draft), lane } as const;
      return (await api.call(request, TriggerAnswer)).trigger;
    },
    delete: (id, lane) => api.run({ operation: 'triggers.delete', method: 'DELETE', path: one(id), lane }),
    conditionDefinitions: async (lane) => {
      const request = { operation: 'triggers.definitions', method: 'GET', path: `${BASE}/definitions`, lane } as const;
      const { definitions } = await api.call(request, DefinitionsAnswer);
      return { all: definitions.conditions_all, any: definitions.conditions_any };
    },
    categories: (lane) => listCategories(api, lane),
    createCategory: async (name, lane) => {
      const path = '/api/v2/trigger_categories';
      const json = { trigger_category: { name } };
      const request = { operation: 'trigger_categories.create', method: 'POST', path, json, lane } as const;
      return (await api.call(request, CategoryAnswer)).trigger_category;
    },
  };
}

function body(draft: TriggerDraft): { trigger: Record<string, unknown> } {
  return {
    trigger: {
      title: draft.title,
      description: draft.description,
      active: true,
      ...(draft.categoryId === undefined ? {} : { category_id: draft.categoryId }),
      conditions: draft.conditions,
      actions: [{ field: 'notification_webhook', value: [draft.webhookId, draft.payload] }],
    },
  };
}

async function searchTriggers(api: ZendeskApi, title: string, lane: Lane): Promise<Trigger[]> {
  const operation = 'triggers.search';
  const all: Trigger[] = [];
  for (let page = 1; page <= 100; page += 1) {
    const query = { query: title, page: String(page), per_page: '100' };
    const answer = await api.call({ operation, method: 'GET', path: `${BASE}/search`, query, lane }, TriggersPage);
    all.push(...answer.triggers);
    if (typeof answer.next_page !== 'string' || answer.triggers.length === 0) return all;
  }
  // Zendesk's offset paging ends at 10,000 records (fact sheet §2.1).
  throw new ZendeskError({ kind: 'malformed_answer', operation, detail: 'more pages than Zendesk gives' });
}

async function listCategories(api: ZendeskApi, lane: Lane): Promise<TriggerCategory[]> {
  const operation = 'trigger_categories.list';
  const all: TriggerCategory[] = [];
  await readPages(
    operation,
    (after) => {
      const query = { 'page[size]': '100', 'page[after]': after };
      const path = '/api/v2/trigger_categories';
      return api.call({ operation, method: 'GET', path, query, lane }, CategoriesPage);
    },
    (page) => {
      all.push(...page.trigger_categories);
    },
  );
  return all;
}
