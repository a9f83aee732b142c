import { z } from 'zod';
import type { ConnectionRow } from '../db/connections';
import {
  accountFactsSchema,
  COVERED_SOURCES,
  NOT_COVERED_SOURCES,
  PARTS,
  partSchema,
  stepRecordSchema,
} from '../domain/connection';
import type { PartName } from '../domain/connection';
import { CONNECTION_STATES } from '../domain/words';
import { time, timeOrNull } from './views';

const partView = partSchema
  .omit({ settled: true })
  .extend({
    name: z.enum(PARTS),
    kind: z.enum(['webhook', 'trigger']),
    adminCenter: z.string(),
    adminCenterUrl: z.url(),
  })
  .describe('Present and as made: as found at checkedAt.');

export const connectionSchema = z
  .strictObject({
    id: z.uuid(),
    channel: z.literal('zendesk'),
    subdomain: z.string(),
    accountId: z.string().nullable(),
    accountConfirmed: z
      .boolean()
      .describe("Whether Zendesk's own record of a delivery names this account, not only the delivery."),
    state: z.enum(CONNECTION_STATES),
    intakeMode: z
      .enum(['events', 'trigger'])
      .nullable()
      .describe('What carries intake: event webhooks, or the trigger alone.'),
    intake: z.string(),
    account: accountFactsSchema.nullable(),
    signIn: z.strictObject({
      client: z.enum(['global', 'local']),
      accessExpiresAt: timeOrNull,
      refreshExpiresAt: timeOrNull,
    }),
    ownHosts: z.array(z.string()),
    parts: z.array(partView),
    steps: z.array(stepRecordSchema),
    covered: z.array(z.string()),
    notCovered: z.array(z.string()),
    lastEventAt: timeOrNull,
    lastTriggerAt: timeOrNull,
    openHolds: z.int(),
    verifiedAt: timeOrNull,
    verifiedBy: z.string().nullable(),
    createdAt: time,
    activatedAt: timeOrNull,
    reconnectNeededSince: timeOrNull,
    deactivationAskedAt: timeOrNull.describe('Somebody wants it taken down; that is under way.'),
    deactivatedAt: timeOrNull,
  })
  .meta({ id: 'Connection' });

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

const ADMIN_CENTER: Record<PartName, string> = {
  eventWebhook: 'Apps and integrations → Actions and webhooks → Webhooks',
  triggerWebhook: 'Apps and integrations → Actions and webhooks → Webhooks',
  trigger: 'Objects and rules → Business rules → Triggers → Lazaret Trigger',
};

/** Everything that a verification of a connection needs. */
export function connectionView(row: ConnectionRow, openHolds: number): z.input<typeof connectionSchema> {
  return {
    id: row.id,
    channel: row.channel,
    subdomain: row.subdomain,
    accountId: row.accountId,
    accountConfirmed: row.accountConfirmed,
    state: row.state,
    intakeMode: row.intakeMode,
    intake: intakeSentence(row),
    account: row.account ?? null,
    signIn: {
      client: row.oauthClient.kind,
      accessExpiresAt: iso(row.accessExpiresAt),
      refreshExpiresAt: iso(row.refreshExpiresAt),
    },
    ownHosts: row.ownHosts,
    parts: PARTS.flatMap((name) => partOf(row, name)),
    steps: row.activationSteps,
    covered: [...COVERED_SOURCES],
    notCovered: [...NOT_COVERED_SOURCES],
    lastEventAt: iso(row.lastEventAt),
    lastTriggerAt: iso(row.lastTriggerAt),
    openHolds,
    verifiedAt: iso(row.verifiedAt),
    verifiedBy: row.verifiedBy,
    createdAt: row.createdAt.toISOString(),
    activatedAt: iso(row.activatedAt),
    reconnectNeededSince: iso(row.lostAt),
    deactivationAskedAt: iso(row.deactivationAskedAt),
    deactivatedAt: iso(row.deactivatedAt),
  };
}

function partOf(row: ConnectionRow, name: PartName) {
  const part = row.parts[name];
  if (!part) return [];
  const { settled: _settled, ...shown } = part;
  const seen = name === 'eventWebhook' ? row.lastEventAt : row.lastTriggerAt;
  const lastWorkedAt = [part.lastWorkedAt, seen?.toISOString()]
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
  const kind = name === 'trigger' ? ('trigger' as const) : ('webhook' as const);
  return [
    {
      ...shown,
      ...(lastWorkedAt !== undefined && { lastWorkedAt }),
      name,
      kind,
      adminCenter: ADMIN_CENTER[name],
      adminCenterUrl: adminCenterUrl(row.subdomain, kind, part.id),
    },
  ];
}

/** Where Zendesk's Admin Center shows a part. */
function adminCenterUrl(subdomain: string, kind: 'webhook' | 'trigger', id: string): string {
  const part = encodeURIComponent(id);
  const path =
    kind === 'trigger'
      ? `objects-rules/rules/triggers/${part}`
      : `apps-integrations/actions-webhooks/webhooks/${part}/details`;
  return `https://${subdomain}.zendesk.com/admin/${path}`;
}

function intakeSentence(row: ConnectionRow): string {
  switch (row.intakeMode) {
    case 'events':
      return 'Zendesk announces every attachment by an event; the trigger is the second path.';
    case 'trigger':
      return 'This account refuses subscriptions to ticket events: the trigger alone carries intake, with one comment list per update.';
    case null:
      return 'Intake has not been set up.';
    default:
      return row.intakeMode satisfies never;
  }
}
