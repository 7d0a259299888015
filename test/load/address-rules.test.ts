import { describe, expect, it } from 'vitest';
import { AddressRules, parseNetwork } from '../../lib/load/address-rules.js';
import { FORBIDDEN_SPELLINGS } from '../support/forbidden-addresses.js';

const closed = new AddressRules([]);
const addressIn = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '');

describe('an address', () => {
  it.each(FORBIDDEN_SPELLINGS)('%s is forbidden: %s', (url) => {
    expect(closed.problem(addressIn(url))).toMatch(/ is /);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2001:200::1',
    '2600:1f00::1',
    '2606:4700:4700::1111',
    '2a00:1450::200e',
    '3ffe::1',
  ])('%s of the public internet is not', (address) => {
    expect(closed.problem(address)).toBeNull();
  });

  it('says what it is', () => {
    expect(closed.problem('169.254.169.254')).toBe(
      '169.254.169.254 is where clouds keep metadata and credentials',
    );
    expect(closed.problem('fe80::1%eth0')).toBe('fe80::1%eth0 is link-local');
    expect(closed.problem('localhost')).toBe('localhost is no address');
  });
});

describe('a network that is opened', () => {
  it('lets in its own addresses, and none beside', () => {
    const rules = new AddressRules(['10.20.0.0/16', 'fd12:3456::/32', '127.0.0.2']);
    for (const address of ['10.20.0.1', '10.20.255.255', 'fd12:3456::1', '127.0.0.2']) {
      expect(rules.problem(address)).toBeNull();
    }
    for (const address of ['10.21.0.0', '10.19.255.255', 'fd12:3457::1', '127.0.0.1']) {
      expect(rules.problem(address)).not.toBeNull();
    }
  });

  it('of IPv4 opens no form of IPv6, and NAT64 nothing private behind it', () => {
    const loopback = new AddressRules(['127.0.0.0/8', '10.0.0.0/8']);
    for (const address of [
      '::ffff:127.0.0.1',
      '::127.0.0.1',
      '64:ff9b::10.0.0.1',
      '2002:a00:1::',
    ]) {
      expect(loopback.problem(address)).not.toBeNull();
    }
    const nat64 = new AddressRules(['64:ff9b::/96']);
    expect(nat64.problem('64:ff9b::8.8.8.8')).toBeNull();
    expect(nat64.problem('64:ff9b::169.254.169.254')).toContain(
      'stands for 169.254.169.254: 169.254.169.254 is where clouds keep metadata',
    );
    const all = new AddressRules(['::/0']);
    expect(all.problem('::ffff:169.254.169.254')).not.toBeNull();
    expect(all.problem('2001:0:4136:e378:8000:63bf:5601:5601')).toContain('169.254.169.254');
  });

  it('opens nothing when it is none', () => {
    for (const text of ['10.0.0.0/33', '10.0.0/8', 'private', '', '::/129', 'fe80::1%eth0/10']) {
      expect(parseNetwork(text)).toBeNull();
      expect(new AddressRules([text]).problem('10.0.0.1')).not.toBeNull();
    }
  });
});
