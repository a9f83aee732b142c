import type { Call } from '../http';
import { forbidden, userOf } from '../http';
import { mayRedact } from '../identity';

export function refuseWithoutRight(call: Call): void {
  if (!mayRedact(call.world, call.account, userOf(call))) throw forbidden();
}
