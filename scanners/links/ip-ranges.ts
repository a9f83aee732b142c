import { BlockList, isIP } from 'node:net';

/** Ranges that belong to nobody on the public internet (IANA special-purpose registries, RFC 6890 and its updates). */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure's and Alibaba's metadata services.
  '168.63.129.16/32',
  '100.100.100.200/32',
];

/** Of IPv6 only 2000::/3 is public; these parts of it are not, or carry an IPv4 address inside (6to4, Teredo). */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3ffe::/16', '3fff::/20', '2620:4f:8000::/48'];

const blocked = new BlockList();
for (const range of SPECIAL_V4) add(range, 'ipv4');
for (const range of SPECIAL_V6) add(range, 'ipv6');
const unicast = new BlockList();
unicast.addSubnet('2000::', 3, 'ipv6');

function add(range: string, family: 'ipv4' | 'ipv6'): void {
  const [network = '', prefix = '0'] = range.split('/');
  blocked.addSubnet(network, Number(prefix), family);
}

/**
 * Whether an IP address (IPv6 with or without brackets) is private, link-local, loopback, multicast, a metadata service or
 * otherwise not a machine on the public internet. IPv4-mapped, NAT64, 6to4 and Teredo addresses count as such, whatever
 * they hold: no public site needs them. A text that is no address counts as well.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/gu, '').replace(/%.*$/u, '');
  switch (isIP(bare)) {
    case 4:
      return blocked.check(bare, 'ipv4');
    case 6:
      return !unicast.check(bare, 'ipv6') || blocked.check(bare, 'ipv6');
    default:
      return true;
  }
}

const examples = new BlockList();
for (const range of ['192.0.2.0', '198.51.100.0', '203.0.113.0']) examples.addSubnet(range, 24, 'ipv4');
examples.addSubnet('2001:db8::', 32, 'ipv6');

/**
 * Whether an address lies inside somebody's house, as far as judging a link goes. Addresses for documentation are nobody's
 * and never asked, but a link to one leads into no house.
 */
export function isInsideAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/gu, '');
  const family = isIP(bare);
  const isExample = family !== 0 && examples.check(bare, family === 4 ? 'ipv4' : 'ipv6');
  return !isExample && isPrivateAddress(bare);
}
