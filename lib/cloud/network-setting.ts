import { BlockList, isIP } from 'node:net';

/** What cannot be opened by any setting: there a worker finds itself, or its credentials. */
const NEVER: readonly (readonly [network: string, what: string])[] = [
  ['0.0.0.0/8', 'the worker itself'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local, where clouds keep metadata and credentials'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'the worker itself'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'an IPv4 address in the form of IPv6'],
  ['fd00:ec2::/32', 'where AWS keeps metadata and credentials'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
];

/** What is wrong with a network that is to be opened; null: nothing. */
export function networkProblem(text: string): string | null {
  const network = read(text);
  if (network === null) {
    return `'${text}' is no network: write one as in 10.20.0.0/16 or fd12:3456::/32`;
  }
  for (const [never, what] of NEVER) {
    const other = read(never)!;
    // Of two networks that overlap the larger one holds the other's first address.
    if (network.bits >= other.bits && holds(other, network.address)) {
      return `'${text}' is ${what}, and cannot be opened`;
    }
    if (network.bits < other.bits && holds(network, other.address)) {
      return `'${text}' holds ${never}, which is ${what} and cannot be opened: name smaller networks`;
    }
  }
  return null;
}

/** What an address is that no setting opens; null: it is none of those. */
export function neverOpened(address: string): string | null {
  return NEVER.find(([network]) => holds(read(network)!, address))?.[1] ?? null;
}

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

function read(text: string): Network | null {
  const [, address = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  if (version === 0 || bits > most) return null;
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function holds({ address, bits, family }: Network, other: string): boolean {
  const version = family === 'ipv4' ? 4 : 6;
  if (isIP(other) !== version) return false;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list.check(other, family);
}
