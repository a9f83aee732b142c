import { askServices } from './ask';
import type { SharedTemporal } from './services';

/**
 * Returns the Temporal server of this test run (development server, in memory, with our search attributes). It is shared:
 * take a task queue of your own and workflow ids that nobody else uses.
 */
export async function testTemporal(): Promise<SharedTemporal> {
  return (await askServices('temporal')) as SharedTemporal;
}
