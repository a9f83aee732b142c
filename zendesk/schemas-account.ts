import { z } from 'zod';
import { CursorMeta, Id, Via } from './schemas';

/** JSON about the account, its people, webhooks and triggers (fact sheet §1.6, §4, §5). Rules as in `schemas.ts`. */

const UserFacts = z.object({
  email: z.string().nullish(),
  name: z.string(),
  role: z.string(),
  active: z.boolean().default(true),
  suspended: z.boolean().default(false),
  custom_role_id: Id.nullish(),
  organization_id: Id.nullish(),
  ticket_restriction: z.string().nullish(),
  restricted_agent: z.boolean().nullish(),
});
export const User = UserFacts.extend({ id: Id });
export type User = z.output<typeof User>;
export const UserAnswer = z.object({ user: User });
/** `users/me` answers 200 with an anonymous user, whose id is null, when credentials do not count (§0.12). */
export const MeAnswer = z.object({
  user: z.union([User, z.object({ id: z.null() }).transform(() => undefined)]),
});

export const CustomRoleAnswer = z.object({
  custom_role: z.object({
    id: Id,
    name: z.string(),
    configuration: z.object({ ticket_redaction: z.boolean().default(false), ticket_access: z.string().nullish() }),
  }),
});

export const GroupAnswer = z.object({ group: z.object({ id: Id, is_public: z.boolean().nullish() }) });
export const MembershipsPage = z.object({
  group_memberships: z.array(z.object({ group_id: Id })),
  meta: CursorMeta.nullish(),
});

export const SettingsAnswer = z.object({
  settings: z.object({
    limits: z.object({ attachment_size: z.int().positive() }),
    tickets: z.object({
      private_attachments: z.boolean().default(false),
      email_attachments: z.boolean().default(false),
      agent_ticket_deletion: z.boolean().default(false),
    }),
    agents: z.object({ agent_workspace: z.boolean().default(false) }),
  }),
});

export const Brand = z.object({
  id: Id,
  name: z.string(),
  subdomain: z.string(),
  active: z.boolean().default(true),
  host_mapping: z.string().nullish(),
});
export type Brand = z.output<typeof Brand>;
export const BrandsPage = z.object({ brands: z.array(Brand), meta: CursorMeta.nullish() });

export const CurrentTokenAnswer = z.object({
  token: z.object({
    id: Id,
    client_id: Id.nullish(),
    user_id: Id,
    scopes: z.array(z.string()),
    expires_at: z.string().nullish(),
  }),
});

const WebhookId = z.string().regex(/^[0-9A-Za-z]{1,40}$/);
export const Webhook = z.object({
  id: WebhookId,
  name: z.string(),
  endpoint: z.string(),
  status: z.string(),
  http_method: z.string(),
  request_format: z.string(),
  subscriptions: z.array(z.string()).default([]),
});
export type Webhook = z.output<typeof Webhook>;
export const WebhookAnswer = z.object({ webhook: Webhook });
export const WebhooksPage = z.object({ webhooks: z.array(Webhook), meta: CursorMeta });
export const SigningSecretAnswer = z.object({
  signing_secret: z.object({ algorithm: z.string(), secret: z.string().min(1) }),
});
export const WebhookTestAnswer = z.object({
  response: z.object({ status_code: z.int().nullish(), payload: z.string().nullish() }),
});
export const Invocation = z.object({
  id: z.string(),
  status: z.string(),
  status_code: z.int().nullish(),
  latest_completed_at: z.string().nullish(),
});
export type Invocation = z.output<typeof Invocation>;
export const InvocationAttempt = z.object({
  request: z.object({ headers: z.array(z.object({ key: z.string(), value: z.string() })) }).nullish(),
});
export type InvocationAttempt = z.output<typeof InvocationAttempt>;
export const AttemptsAnswer = z.object({ attempts: z.array(InvocationAttempt) });
export const InvocationsPage = z.object({ invocations: z.array(Invocation), meta: CursorMeta });

export const Condition = z.object({ field: z.string(), operator: z.string().nullish(), value: z.unknown() });
export const Trigger = z.object({
  id: Id,
  title: z.string(),
  active: z.boolean(),
  category_id: z.string().nullish(),
  conditions: z.object({ all: z.array(Condition), any: z.array(Condition) }),
  actions: z.array(z.object({ field: z.string(), value: z.unknown() })),
});
export type Trigger = z.output<typeof Trigger>;
export const TriggerAnswer = z.object({ trigger: Trigger });
/** Search pages by offset; the list may page by cursor. */
export const TriggersPage = z.object({
  triggers: z.array(Trigger),
  meta: CursorMeta.nullish(),
  next_page: z.string().nullish(),
});

const DefinedValue = z.object({ value: z.unknown(), title: z.string().nullish(), enabled: z.boolean().default(true) });
export const ConditionDefinition = z.object({
  subject: z.string(),
  type: z.string().nullish(),
  operators: z.array(z.object({ value: z.string() })).default([]),
  values: z.array(DefinedValue).default([]),
});
export type ConditionDefinition = z.output<typeof ConditionDefinition>;
export const DefinitionsAnswer = z.object({
  definitions: z.object({
    conditions_all: z.array(ConditionDefinition),
    conditions_any: z.array(ConditionDefinition),
  }),
});

export const TriggerCategory = z.object({ id: Id, name: z.string() });
export type TriggerCategory = z.output<typeof TriggerCategory>;
export const CategoriesPage = z.object({ trigger_categories: z.array(TriggerCategory), meta: CursorMeta.nullish() });
export const CategoryAnswer = z.object({ trigger_category: TriggerCategory });

/** `attachments` inside the export may lack inline images, or be missing: confirm with the ticket's comments (§7). */
export const TicketEvent = z.object({
  id: Id,
  ticket_id: Id,
  timestamp: z.int(),
  updater_id: z.union([Id, z.int().transform(String)]).nullish(),
  child_events: z.array(
    z.object({
      id: Id,
      event_type: z.string(),
      public: z.boolean().nullish(),
      html_body: z.string().nullish(),
      body: z.string().nullish(),
      plain_body: z.string().nullish(),
      author_id: z.union([Id, z.int().transform(String)]).nullish(),
      via: Via.nullish().catch(undefined),
      attachments: z
        .array(
          z.object({
            id: Id,
            file_name: z.string(),
            content_url: z.string().min(1),
            content_type: z.string().nullish(),
            size: z.int().nonnegative(),
            deleted: z.boolean().nullish(),
          }),
        )
        .nullish(),
    }),
  ),
});
export type TicketEvent = z.output<typeof TicketEvent>;
export const TicketEventsPage = z.object({
  ticket_events: z.array(TicketEvent),
  end_time: z.int().nullish(),
  next_page: z.string().nullish(),
  end_of_stream: z.boolean(),
});

export const ExportedTicket = z.object({
  id: Id,
  status: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  submitter_id: z.union([Id, z.int().transform(String)]).nullish(),
  subject: z.string().nullish(),
  description: z.string().nullish(),
  generated_timestamp: z.int().nullish(),
});
export type ExportedTicket = z.output<typeof ExportedTicket>;
export const TicketsExportPage = z.object({
  tickets: z.array(ExportedTicket),
  after_cursor: z.string().nullish(),
  end_of_stream: z.boolean(),
});
