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
export async function startEngines(scanning: Scanning, secrets: Secrets, log: Logger): Promise<EngineSet> {
  return createEngines({
    embedded: {
      processes: scanning.children,
      rulesDirectories: scanning.rulesDirectories,
      onRules: (change) => log[change.taken ? 'info' : 'warn']({ ...change }, 'rule files changed'),
    },
    ...daemonOptions(scanning),
    ...laterOptions(scanning, secrets),
  });
}

/** Engines that answer later: scanners by their descriptions, VirusTotal by its key. */
function laterOptions(scanning: Scanning, secrets: Secrets): EnginesOptions {
  const { httpScannersPath, virusTotal, outside } = scanning;
  const { virusTotalKey, httpScanners } = secrets;
  if (httpScannersPath === undefined && httpScanners !== undefined) {
    throw new Error('LAZARET_HTTP_SCANNER_SECRETS is set without LAZARET_HTTP_SCANNERS: set both or neither.');
  }
  return {
    ...(httpScannersPath !== undefined && {
      httpScanners: { descriptions: readDescriptions(httpScannersPath), secrets: httpScanners ?? {} },
    }),
    ...(virusTotalKey !== undefined && {
      virusTotal: {
        key: virusTotalKey,
        maliciousFrom: virusTotal.maliciousFrom,
        uploadAllowed: virusTotal.uploadAllowed,
        timeoutMs: outside.timeoutMs,
        ...(virusTotal.apiUrl !== undefined && { apiUrl: virusTotal.apiUrl }),
      },
    }),
  };
}

function readDescriptions(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const sentence = `LAZARET_HTTP_SCANNERS names ${path}, which cannot be read: put the file there, or remove the variable.`;
    throw new Error(sentence, { cause: error });
  }
}

function daemonOptions(scanning: Scanning): EnginesOptions {
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
