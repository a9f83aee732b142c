/** Where this machine reaches the API that `npm start` runs. */
import { isIPv6 } from 'node:net';

/** Names that mean every address of the machine, with the loopback address that stands for them. */
const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1', '*': '127.0.0.1' };

/** Origin of an API that listens on this host and port, as this machine reaches it. */
export function localOrigin(host: string, port: number): string {
  const address = EVERYWHERE[host] ?? host;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/**
 * Makes sure that the public address leads here: webhooks of the simulated Zendesk and browsers use it.
 * @throws Error with what to do where it does not
 */
export async function requireReachable(publicUrl: string, local: string): Promise<void> {
  const remedy = `let it lead to ${local}, or remove LAZARET_PUBLIC_URL`;
  let status: number;
  try {
    status = (await fetch(`${publicUrl}/healthz`, { signal: AbortSignal.timeout(10_000) })).status;
  } catch {
    throw new Error(`LAZARET_PUBLIC_URL is ${publicUrl}, where nothing answers from this machine: ${remedy}.`);
  }
  if (status === 200) return;
  throw new Error(`LAZARET_PUBLIC_URL is ${publicUrl}, where not Lazaret answers (status ${status}): ${remedy}.`);
}
