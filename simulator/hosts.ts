import type { Account, Brand } from './model';
import type { World } from './world';

/** What the Host header of a request names. */
export type Host =
  | { kind: 'account'; account: Account; brand: Brand | undefined; origin: string; realHost: boolean }
  | { kind: 'content' }
  | { kind: 'unknown'; name: string }
  | { kind: 'none' };

/**
 * `{subdomain}.zendesk.com`, a brand's host or mapped host, `{subdomain}.localhost:{port}`, or a bare loopback name, which
 * means the first account. `*.zdusercontent.com` is the content host.
 */
export function resolveHost(world: World, header: string | undefined, port: number): Host {
  const host = (header ?? '').toLowerCase();
  const name = host.replace(/:\d+$/, '');
  if (name.endsWith('.zdusercontent.com')) return { kind: 'content' };
  const real = /^([a-z0-9-]+)\.zendesk\.com$/.exec(name)?.[1];
  const local = /^([a-z0-9-]+)\.localhost$/.exec(name)?.[1];
  const subdomain = real ?? local;
  const origin = local === undefined ? `https://${name}` : `http://${host}`;
  if (subdomain !== undefined) {
    const brand = world.brands.all().find((row) => row.subdomain === subdomain);
    return (
      found(world, brand, origin, real !== undefined) ?? {
        kind: 'unknown',
        name: real === undefined ? subdomain : name,
      }
    );
  }
  const mapped = world.brands.all().find((row) => row.hostMapping === name);
  if (mapped !== undefined) return found(world, mapped, `https://${name}`, true) ?? { kind: 'none' };
  const account = world.accounts.all()[0];
  const bare = host === '' ? `http://127.0.0.1:${port}` : `http://${host}`;
  return account === undefined
    ? { kind: 'none' }
    : { kind: 'account', account, brand: undefined, origin: bare, realHost: false };
}

function found(world: World, brand: Brand | undefined, origin: string, realHost: boolean): Host | undefined {
  const account = brand === undefined ? undefined : world.accounts.get(brand.accountId);
  if (brand === undefined || account === undefined) return undefined;
  return { kind: 'account', account, brand: brand.default ? undefined : brand, origin, realHost };
}
