import { createActivationActivities } from './activation';
import { createEndingActivities } from './activation-end';
import type { ActivationDeps } from './activation-steps';
import { createCheckActivities } from './check-connection';
import { createRotationActivities } from './rotate-secrets';
import { createSightActivities } from './sight';
import { currentContext } from './sleep';

/** Everything that activation, check, rotation and deactivation of a connection do. */
export function createConnectionActivities(deps: ActivationDeps) {
  return {
    ...withHeartbeat(createActivationActivities(deps)),
    ...withHeartbeat(createEndingActivities(deps)),
    ...withHeartbeat(createCheckActivities(deps)),
    ...withHeartbeat(createRotationActivities(deps)),
    ...withHeartbeat(createSightActivities(deps)),
  };
}
export type ActivationActivities = ReturnType<typeof createConnectionActivities>;

type Activity = (input: never) => Promise<unknown>;

/** Lets each activity say that it lives, so that a lost worker is noticed within seconds. */
function withHeartbeat<T extends Record<string, Activity>>(activities: T): T {
  const beating = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never): Promise<unknown> => {
      const context = currentContext();
      const everyMs = Math.max(100, (context?.info.heartbeatTimeoutMs ?? 10_000) / 4);
      const beat = setInterval(() => context?.heartbeat(), everyMs);
      try {
        return await activity(input);
      } finally {
        clearInterval(beat);
      }
    },
  ]);
  return Object.fromEntries(beating) as T;
}
