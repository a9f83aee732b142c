import { z } from 'zod';
import { errorFields } from './log';
import { registerRoute } from './openapi';
import type { RouteModule } from './openapi';

/** Returns undefined when the part is ready, else a sentence saying what is not. A rejection counts as not ready. */
export type HealthCheck = () => Promise<string | undefined>;

const CHECK_LIMIT_MS = 3000;

const checkSchema = z.strictObject({ ok: z.boolean(), problem: z.string().nullable() });
const readinessSchema = z
  .strictObject({
    ready: z.boolean(),
    checks: z.record(z.string(), checkSchema),
    isolation: z
      .record(z.string(), z.boolean())
      .optional()
      .describe('What stands around the scanning processes of every worker; absent while no worker reports.'),
  })
  .meta({ id: 'Readiness' });

/**
 * `/healthz`: this process answers. `/readyz`: every part it needs answers too, 503 with which one does not. Workers are no
 * such part: without them what arrives is still recorded; how their scanning is isolated is told beside.
 */
export function healthRoutes(
  checks: Readonly<Record<string, HealthCheck>>,
  readIsolation: () => Promise<Record<string, boolean>>,
): RouteModule {
  return (api) => {
    registerRoute(api, {
      method: 'get',
      path: '/healthz',
      operationId: 'getHealth',
      summary: 'Whether the process is alive',
      tag: 'health',
      right: 'public',
      answers: { 200: { description: 'Alive.', schema: z.strictObject({ alive: z.literal(true) }) } },
      handle: async () => ({ status: 200, body: { alive: true } }),
    });
    registerRoute(api, {
      method: 'get',
      path: '/readyz',
      operationId: 'getReadiness',
      summary: 'Whether every part that Lazaret needs answers',
      tag: 'health',
      right: 'public',
      answers: {
        200: { description: 'Ready.', schema: readinessSchema },
        503: { description: 'Not ready; the checks say which part.', schema: readinessSchema },
      },
      handle: async () => {
        const entries = await Promise.all(
          Object.entries(checks).map(async ([name, check]) => {
            const problem = await withinLimit(check).catch((error: unknown) => {
              api.log.warn({ check: name, ...errorFields(error) }, 'readiness check failed');
              return 'does not answer';
            });
            return [name, { ok: problem === undefined, problem: problem ?? null }] as const;
          }),
        );
        const ready = entries.every(([, check]) => check.ok);
        // Without the database there is no answer to this, and the check above has said so.
        const isolation = await readIsolation().catch(() => ({}));
        const told = Object.keys(isolation).length > 0 ? { isolation } : {};
        return { status: ready ? 200 : 503, body: { ready, checks: Object.fromEntries(entries), ...told } };
      },
    });
  };
}

async function withinLimit(check: HealthCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`does not answer within ${CHECK_LIMIT_MS} ms`), CHECK_LIMIT_MS);
  });
  try {
    return await Promise.race([check(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
