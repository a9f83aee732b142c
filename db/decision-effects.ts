import { DECISION_EFFECTS, effectOf } from '../domain/decision-effect';
import type { DecisionEffect, ItemBefore } from '../domain/decision-effect';
import type { DecidedVerdict } from '../domain/words';
import type { Queryable } from './pool';

/** Items, and tickets that have them, by what becomes of them. */
export type EffectCounts = Record<DecisionEffect, { items: number; tickets: number }>;

interface Group extends ItemBefore {
  connectionId: string;
  ticketId: string;
  count: number;
}

/** Items with these bytes as they are now, alike ones of a ticket together. */
async function readGroups(db: Queryable, organisationId: string, sha256: string): Promise<Group[]> {
  const { rows } = await db.query<Group>(
    `select state, "machineVerdict", "isReleasedCopy", "redactionBegun", sealed, "connectionId", "ticketId", count(*)::int as count
     from (select i.state, i.machine_verdict as "machineVerdict", i.released_from is not null as "isReleasedCopy",
         exists (select from operations p where p.key = 'redact:' || i.id and p.state = 'pending') as "redactionBegun",
         o.seal_key is not null as sealed, i.connection_id as "connectionId", i.ticket_id as "ticketId"
       from items i join objects o on o.organisation_id = i.organisation_id and o.sha256 = i.sha256
       where i.organisation_id = $1 and i.sha256 = $2) x
     group by 1, 2, 3, 4, 5, 6, 7`,
    [organisationId, sha256],
  );
  return rows;
}

/** What each of these decisions about the bytes of one hash would do now. */
export async function readDecisionEffects<V extends DecidedVerdict>(
  db: Queryable,
  object: { organisationId: string; sha256: string },
  verdicts: readonly V[],
): Promise<Record<V, EffectCounts>> {
  const groups = await readGroups(db, object.organisationId, object.sha256);
  const entries = verdicts.map((verdict) => [verdict, countEffects(groups, verdict)] as const);
  return Object.fromEntries(entries) as Record<V, EffectCounts>;
}

function countEffects(groups: readonly Group[], verdict: DecidedVerdict): EffectCounts {
  const found = groups.map((group) => ({ group, effect: effectOf(withoutDoubt(group), verdict) }));
  const counts = DECISION_EFFECTS.map((effect) => {
    const of = found.filter((one) => one.effect === effect).map((one) => one.group);
    const tickets = new Set(of.map(({ connectionId, ticketId }) => `${connectionId} ${ticketId}`)).size;
    return [effect, { items: of.reduce((sum, { count }) => sum + count, 0), tickets }] as const;
  });
  return Object.fromEntries(counts) as EffectCounts;
}

/** An announced redaction counts only while its outcome is open, as for the step itself. */
function withoutDoubt(group: Group): ItemBefore {
  const open = group.state === 'waiting' || group.state === 'refused';
  return { ...group, redactionBegun: open && group.redactionBegun };
}
