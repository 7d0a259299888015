import { describe, expect, it } from 'vitest';
import { HostRules, hostOfHeader, hostOfUrl } from '../../lib/load/host-rules.js';

const allows = (allowed: string[], url: string) =>
  new HostRules(allowed).allows(hostOfUrl(new URL(url)));

describe('a list of hosts', () => {
  it.each([
    ['shop.example.com', 'https://shop.example.com/a'],
    ['shop.example.com', 'https://SHOP.Example.COM.:8443/'],
    ['Shop.Example.com.', 'https://shop.example.com'],
    ['shop.example.com:8443', 'https://shop.example.com:8443'],
    ['shop.example.com:443', 'https://shop.example.com'],
    ['shop.example.com:80', 'http://shop.example.com'],
    ['*.example.com', 'https://shop.example.com'],
    ['*.example.com', 'https://a.b.example.com:8443'],
    ['*.example.com:8443', 'https://a.example.com:8443'],
    ['bücher.example', 'https://xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'https://BÜCHER.example'],
    ['10.20.0.7', 'http://10.20.0.7:8080'],
    ['[2600::7]:8080', 'http://[2600:0::7]:8080'],
    ['2600::7', 'http://[2600::7]'],
  ])('with %s allows %s', (allowed, url) => {
    expect(allows([allowed], url)).toBe(true);
  });

  it.each([
    ['shop.example.com', 'https://shop.example.com.evil.test'],
    ['shop.example.com', 'https://evil-shop.example.com'],
    ['shop.example.com', 'https://shop.example.com@evil.test'],
    ['shop.example.com', 'https://a.shop.example.com'],
    ['shop.example.com', 'https://shop.example.com..'],
    ['shop.example.com:8443', 'https://shop.example.com'],
    ['shop.example.com:443', 'http://shop.example.com'],
    ['*.example.com', 'https://example.com'],
    ['*.example.com', 'https://notexample.com'],
    ['*.0.0.1', 'http://127.0.0.1'],
    ['*', 'https://example.com'],
    ['*.com', 'https://example.com'],
    ['*.', 'https://example.com'],
    ['a.*.com', 'https://a.b.com'],
    ['', 'https://example.com'],
    ['example.com/path', 'https://example.com'],
    ['user@example.com', 'https://example.com'],
    ['bücher.example', 'https://bucher.example'],
  ])('with %s does not allow %s', (allowed, url) => {
    expect(allows([allowed], url)).toBe(false);
  });
});

describe('a Host header', () => {
  it('names a host and a port, that of the target where it names none', () => {
    expect(hostOfHeader('Shop.example.com', 'https:')).toEqual({
      name: 'shop.example.com',
      port: 443,
    });
    expect(hostOfHeader('shop.example.com:8080', 'http:')?.port).toBe(8080);
    expect(hostOfHeader('[2600::7]:81', 'http:')).toEqual({ name: '2600::7', port: 81 });
  });

  it.each([
    'shop.example.com evil.test',
    'shop.example.com,evil.test',
    'shop.example.com/evil',
    'evil.test#shop.example.com',
    'evil.test@shop.example.com',
    'shop.example.com\tevil',
    '%65vil.test',
    'b\xfccher.example',
    'shop.example.com:port',
    ':80',
    '',
  ])('that might be read in two ways names none: %j', (value) => {
    expect(hostOfHeader(value, 'https:')).toBeNull();
  });
});
