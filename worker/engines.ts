import { readFileSync } from 'node:fs';
import type { Logger } from '../activities/deps';
import type { Config } from '../config/config';
import type { Secrets } from '../config/secrets';
import { createEngines, type EnginesOptions, type EngineSet } from '../scanners/index';

type Scanning = Config['scanning'];

/**
 * Starts the engines that this installation is configured for.
 * @throws with a sentence for the operator when a configured engine cannot be used at all
 */
export function startEngines(scanning: Scanning, secrets: Secrets, log: Logger): Promise<EngineSet> {
  return createEngines({
    embedded: {
      processes: scanning.children,
      rulesDirectories: scanning.rulesDirectories,
      onRules: (change) => log[change.taken ? 'info' : 'warn']({ ...change }, 'rule files changed'),
    },
    ...outsideOptions(scanning, secrets),
  });
}

function outsideOptions(scanning: Scanning, secrets: Secrets): EnginesOptions {
  const { clamdAddress, clamd, icapUrl, httpScannersPath, virusTotal, outside } = scanning;
  const { timeoutMs, failures, openMs } = outside;
  const { virusTotalKey: key } = secrets;
  const { apiUrl, ...rules } = virusTotal;
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
    ...(httpScannersPath !== undefined && {
      httpScanners: { descriptions: described(httpScannersPath), secrets: secrets.httpScanners ?? {} },
    }),
    ...(key !== undefined && { virusTotal: { key, timeoutMs, ...rules, ...(apiUrl !== undefined && { apiUrl }) } }),
  };
}

function described(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error(`LAZARET_HTTP_SCANNERS names ${path}, which cannot be read: give the path of the description.`);
  }
}
