import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Claims by login name. */
export type OidcAccounts = Record<string, Record<string, unknown>>;

/** Starts the real provider with one client, which comes back to this address. */
export async function startOidcProvider(redirectUri: string, accounts: OidcAccounts) {
  const script = join(__dirname, 'oidc-provider-process.mjs');
  const child = spawn(process.execPath, [script, JSON.stringify({ redirectUri, accounts })], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const issuer = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)));
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill();
    });
  return { issuer, stop };
}

/** Signs in at the provider as a person would; returns the address that it sends the browser back to. */
export async function signInAtProvider(start: string, login: string, back: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | undefined;
  for (let steps = 0; steps < 12; steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    form = undefined;
    if (location?.startsWith(back)) return new URL(location);
    if (location !== null) url = new URL(location, url).href;
    else {
      const prompt = /name="prompt" value="(\w+)"/u.exec(await response.text())?.[1];
      if (prompt === undefined) throw new Error(`the provider answered ${response.status} without a form`);
      form = new URLSearchParams({ prompt, login, password: 'any' });
    }
  }
  throw new Error('the provider goes round in circles');
}
