import type { Logger } from '../activities/deps';
import type { Config } from '../config/config';
import type { Secrets } from '../config/secrets';
import { createEngines, type EnginesOptions, type EngineSet } from '../scanners/index';

type Scanning = Config['scanning'];

/**
 * Starts the engines that this installation is configured for.
 * @throws with a sentence for the operator when a configured engine cannot be used at all
 */
export async function startEngines(scanning: Scanning, secrets: Secrets, log: Logger): Promise<EngineSet> {
  refuseUnasked(scanning, secrets);
  return createEngines({
    embedded: {
      processes: scanning.children,
      rulesDirectories: scanning.rulesDirectories,
      onRules: (change) => log[change.taken ? 'info' : 'warn']({ ...change }, 'rule files changed'),
    },
    ...outsideOptions(scanning),
  });
}

/** A scanner that is configured but never asked would be trusted for nothing. */
function refuseUnasked({ httpScannersPath }: Scanning, { virusTotalKey }: Secrets): void {
  const refuse = (name: string): never => {
    throw new Error(`${name} is set, but reviews do not ask engines that answer later yet: remove it.`);
  };
  if (httpScannersPath !== undefined) refuse('LAZARET_HTTP_SCANNERS');
  if (virusTotalKey !== undefined) refuse('LAZARET_VIRUSTOTAL_KEY');
}

function outsideOptions(scanning: Scanning): EnginesOptions {
  const { clamdAddress, clamd, icapUrl, outside } = scanning;
  const { timeoutMs, failures, openMs } = outside;
  return {
    breaker: { failures, openMs },
    ...(clamdAddress !== undefined && {
      clamd: {
        address: clamdAddress,
        timeoutMs,
        concurrency: clamd.connections,
        maxBytes: clamd.maxBytes,
        maxDatabaseAgeDays: clamd.maxDatabaseAgeDays,
      },
    }),
    ...(icapUrl !== undefined && { icap: { address: icapUrl, timeoutMs, maxBytes: scanning.icapMaxBytes } }),
  };
}
