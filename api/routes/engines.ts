import { z } from 'zod';
import { listEngineHealth } from '../../db/engine-health';
import type { EngineHealthRow } from '../../db/engine-health';
import type { Database } from '../../db/pool';
import { registerRoute } from '../openapi';
import type { RouteModule } from '../openapi';
import { time } from '../views';

const engineSchema = z
  .strictObject({
    name: z.string(),
    looksAt: z.enum(['files', 'links']).describe('What it is asked about; policies can only require engines of files.'),
    requiredByDefault: z
      .boolean()
      .describe('Its answer is needed for every verdict where the policy names no engines of its own.'),
    ok: z.boolean().describe('True when it can answer on every worker that runs it.'),
    workers: z.array(
      z.strictObject({
        number: z.int().describe('Workers are numbered; their host names stay inside.'),
        ok: z.boolean(),
        detail: z.string(),
        engineVersion: z.string(),
        rulesVersion: z.string(),
        breaker: z.string().nullable().describe('closed, open or half-open; null for an engine without a breaker.'),
        isolation: z.record(z.string(), z.boolean()).nullable(),
        since: time.describe('As it is since then.'),
        seenAt: time,
      }),
    ),
  })
  .meta({ id: 'Engine' });

/** Engines of this installation, as the workers that run them saw them last. */
export function engineRoutes({ database }: { database: Database }): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/api/v1/engines',
      operationId: 'listEngines',
      summary: 'Engines with their versions and health',
      description: 'Workers report every fifteen seconds; one that was not heard of for a minute is left out.',
      tag: 'engines',
      right: 'engines.read',
      answers: {
        200: { description: 'By name.', schema: z.strictObject({ engines: z.array(engineSchema) }) },
      },
      handle: async () => {
        const rows = await database.withService(listEngineHealth);
        return { status: 200, body: { engines: enginesOf(rows) } };
      },
    });
  };
}

function enginesOf(rows: readonly EngineHealthRow[]) {
  const numbers = new Map([...new Set(rows.map((row) => row.worker))].sort().map((name, index) => [name, index + 1]));
  return [...new Set(rows.map((row) => row.engine))].map((name) => {
    const own = rows.filter((row) => row.engine === name);
    return {
      name,
      looksAt: own[0]?.looksAt ?? 'files',
      requiredByDefault: own.some((row) => row.required),
      ok: own.every((row) => row.ok),
      workers: own.map((row) => ({
        number: numbers.get(row.worker) ?? 0,
        ok: row.ok,
        detail: row.detail,
        engineVersion: row.engineVersion,
        rulesVersion: row.rulesVersion,
        breaker: row.breaker,
        isolation: row.isolation,
        since: row.changedAt,
        seenAt: row.at,
      })),
    };
  });
}

/**
 * What the platform offers around the scanning processes: true where every worker that was heard of has it. Empty where
 * no worker was.
 */
export async function readIsolation(database: Database): Promise<Record<string, boolean>> {
  const rows = (await database.withService(listEngineHealth)).flatMap((row) => (row.isolation ? [row.isolation] : []));
  const names = new Set(rows.flatMap((one) => Object.keys(one)));
  return Object.fromEntries([...names].map((name) => [name, rows.every((one) => one[name] === true)]));
}
