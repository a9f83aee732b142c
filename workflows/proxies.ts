import { proxyActivities } from '@temporalio/workflow';
import type { ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities } from '../activities/index';
import type { Pace } from './messages';

/**
 * The one table of time-outs. Attempts are unlimited, because nothing may be dropped; the day bounds a single schedule,
 * after which the dispatcher starts the work again from its row.
 */
export function activitiesAt(pace: Pace): ActivityInterfaceFor<Activities> {
  return proxyActivities<Activities>({
    startToCloseTimeout: '15m',
    scheduleToCloseTimeout: '24h',
    heartbeatTimeout: pace.heartbeatMs,
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '60s' },
  });
}
