import { BlockList, isIP } from 'node:net';

/** What no load may go to unless somebody opens it; the narrower first, as it says more. */
const FORBIDDEN: readonly (readonly [network: string, what: string])[] = [
  ['0.0.0.0/8', 'of this host itself'],
  ['10.0.0.0/8', 'of a private network'],
  ['100.64.0.0/10', "of a carrier's own network"],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.169.254/32', 'where clouds keep metadata and credentials'],
  ['169.254.170.2/32', 'where clouds keep metadata and credentials'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'of a private network'],
  ['192.0.0.0/24', 'set apart for protocols'],
  ['192.0.2.0/24', 'for documentation'],
  ['192.88.99.0/24', 'of 6to4 relays'],
  ['192.168.0.0/16', 'of a private network'],
  ['198.18.0.0/15', 'for benchmarks of networks'],
  ['198.51.100.0/24', 'for documentation'],
  ['203.0.113.0/24', 'for documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'of this host itself'],
  ['::1/128', 'loopback'],
  ['::/96', 'an IPv4 address in an obsolete form'],
  ['::ffff:0:0/96', 'an IPv4 address in the form of IPv6'],
  ['::ffff:0:0:0/96', 'an IPv4 address translated'],
  ['64:ff9b::/96', 'an IPv4 address behind NAT64'],
  ['64:ff9b:1::/48', 'an IPv4 address behind NAT64'],
  ['2001::/32', 'an IPv4 address behind Teredo'],
  ['2001::/23', 'set apart for protocols'],
  ['2001:db8::/32', 'for documentation'],
  ['2002::/16', 'an IPv4 address behind 6to4'],
  ['3fff::/20', 'for documentation'],
  ['fd00:ec2::254/128', 'where clouds keep metadata and credentials'],
  ['fc00::/7', 'of a private network'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'of a private network'],
  ['ff00::/8', 'multicast'],
  // Of IPv6 only 2000::/3 is given to the public internet.
  ['::/3', 'not of the public internet'],
  ['4000::/2', 'not of the public internet'],
  ['8000::/1', 'not of the public internet'],
];

interface Network {
  readonly list: BlockList;
  readonly what: string;
}

/**
 * Which addresses load may go to. An IPv4 address that stands within one of IPv6 is judged, too:
 * whoever opens NAT64 has not opened the private networks behind it.
 */
export class AddressRules {
  // Kept apart: asked for an IPv4 address in IPv6's form, a BlockList also looks at IPv4 networks.
  readonly #opened4 = new BlockList();
  readonly #opened6 = new BlockList();

  /** `opened`: networks in CIDR notation; what is no network opens nothing. */
  constructor(opened: readonly string[]) {
    for (const text of opened) {
      const network = parseNetwork(text);
      if (!network) continue;
      const list = network.family === 4 ? this.#opened4 : this.#opened6;
      list.addSubnet(network.address, network.bits, nameOf(network.family));
    }
  }

  /** What is wrong with it: `127.0.0.1 is loopback`; null: nothing. */
  problem(address: string): string | null {
    const plain = address.replace(/%.*$/s, '');
    const family = isIP(plain);
    if (family === 0) return `${address} is no address`;
    const opened = family === 4 ? this.#opened4 : this.#opened6;
    if (!opened.check(plain, nameOf(family))) {
      const found = NETWORKS[family === 4 ? 4 : 6].find(({ list }) =>
        list.check(plain, nameOf(family)),
      );
      if (found) return `${address} is ${found.what}`;
    }
    if (family === 4) return null;
    for (const within of embedded(plain)) {
      const problem = this.problem(within);
      if (problem !== null) return `${address} stands for ${within}: ${problem}`;
    }
    return null;
  }
}

const NETWORKS: Readonly<Record<4 | 6, readonly Network[]>> = {
  4: networksOf(4),
  6: networksOf(6),
};

function networksOf(wanted: 4 | 6): Network[] {
  return FORBIDDEN.flatMap(([text, what]) => {
    const { address, bits, family } = parseNetwork(text)!;
    if (family !== wanted) return [];
    const list = new BlockList();
    list.addSubnet(address, bits, nameOf(family));
    return [{ list, what }];
  });
}

/** Reads `10.20.0.0/16`, `fd12::/48` or a single address; null for anything else. */
export function parseNetwork(
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 4 | 6 } | null {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return null;
  const most = family === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits > most ? null : { address, bits, family: family === 4 ? 4 : 6 };
}

function nameOf(family: number): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6';
}

/** The IPv4 addresses that an address of IPv6 may bring a packet to. */
function embedded(address: string): string[] {
  const groups = groupsOf(address);
  const at = (index: number) => groups[index]!;
  const last = dotted(at(6), at(7));
  const zero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0);
  if (zero(0, 6)) return zero(6, 7) && at(7) <= 1 ? [] : [last];
  if (zero(0, 5) && at(5) === 0xffff) return [last];
  if (zero(0, 4) && at(4) === 0xffff && at(5) === 0) return [last];
  if (at(0) === 0x64 && at(1) === 0xff9b) {
    // With a prefix of 48 bits the address stands around bits 64 to 71, which are zero.
    const around = dotted(at(3), ((at(4) & 0xff) << 8) | (at(5) >> 8));
    return at(2) === 1 ? [last, around] : [last];
  }
  if (at(0) === 0x2002) return [dotted(at(1), at(2))];
  if (at(0) === 0x2001 && at(1) === 0) {
    return [dotted(at(2), at(3)), dotted(at(6) ^ 0xffff, at(7) ^ 0xffff)];
  }
  // ISATAP, under whatever prefix.
  return (at(4) & 0xfdff) === 0 && at(5) === 0x5efe ? [last] : [];
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight numbers of an address of IPv6. */
function groupsOf(address: string): number[] {
  const text = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [left = [], right] = text
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))));
  if (!right) return left;
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}
