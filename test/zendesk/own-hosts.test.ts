import { isContentHost, isOwnHost, mayCarryCredentials, ownHostsOf } from '../../zendesk/own-hosts';

const brands = [
  { subdomain: 'acme', host_mapping: null },
  { subdomain: 'Acme-Shop', host_mapping: 'Help.Acme.test' },
];

describe('own hosts', () => {
  const hosts = ownHostsOf('acme', brands);

  test("are the account's sub-domain, its brands' and their mapped domains", () => {
    expect(hosts).toEqual([
      { host: 'acme.zendesk.com', credentials: true },
      { host: 'acme-shop.zendesk.com', credentials: true },
      { host: 'help.acme.test', credentials: false },
    ]);
  });

  test('carry credentials only under zendesk.com', () => {
    expect(mayCarryCredentials(hosts, 'acme-shop.zendesk.com')).toBe(true);
    expect(mayCarryCredentials(hosts, 'help.acme.test')).toBe(false);
    expect(mayCarryCredentials(hosts, 'other.zendesk.com')).toBe(false);
    expect(mayCarryCredentials([{ host: 'help.acme.test', credentials: true }], 'help.acme.test')).toBe(false);
  });

  test.each([
    '127.0.0.1',
    '::1',
    'localhost',
    'victim.zendesk.com',
    'p1.zdusercontent.com',
    'a b.test',
    '1.2.3.4.5',
    '',
  ])('refuse %j as a mapped domain', (mapped) => {
    expect(ownHostsOf('acme', [{ subdomain: 'acme', host_mapping: mapped }])).toHaveLength(1);
  });

  test('refuse a brand whose sub-domain is none', () => {
    expect(ownHostsOf('acme', [{ subdomain: 'a.evil', host_mapping: null }])).toHaveLength(1);
  });

  test('know the content host from look-alikes', () => {
    expect(isContentHost('p1.zdusercontent.com')).toBe(true);
    expect(isContentHost('zdusercontent.com')).toBe(false);
    expect(isContentHost('p1.zdusercontent.com.evil.test')).toBe(false);
    expect(isContentHost('evilzdusercontent.com')).toBe(false);
    expect(isOwnHost(hosts, 'acme.zendesk.com.evil.test')).toBe(false);
  });
});
