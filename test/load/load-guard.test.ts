import { describe, expect, it } from 'vitest';
import { LoadGuard } from '../../lib/load/load-guard.js';
import { FORBIDDEN_SPELLINGS } from '../support/forbidden-addresses.js';

const guardFor = (allowedHosts: readonly string[], allowedNetworks: readonly string[] = []) =>
  new LoadGuard({ allowedHosts, allowedNetworks, run: 'the-run' });
const shop = guardFor(['shop.example.com']);

describe('a target', () => {
  it('is refused when it is not on the list, with what would put it there', () => {
    expect(shop.targetProblem(new URL('https://evil.test/a'), undefined)).toBe(
      'the target is evil.test at port 443, and this deployment allows shop.example.com: deploy with -c allowedHosts=shop.example.com,evil.test',
    );
    expect(guardFor([]).targetProblem(new URL('https://evil.test'), undefined)).toContain(
      'allows no host at all: deploy with -c allowedHosts=evil.test',
    );
    expect(shop.targetProblem(new URL('https://shop.example.com'), undefined)).toBeNull();
    expect(shop.targetProblem(new URL('ftp://shop.example.com'), undefined)).toContain('ftp:');
  });

  it.each(FORBIDDEN_SPELLINGS)('%s is refused though its host is on the list', (url) => {
    const target = new URL(url);
    const guard = guardFor([target.hostname.replace(/^\[|\]$/g, '')]);
    expect(guard.targetProblem(target, undefined)).toMatch(/ is .*; only the public internet/);
  });

  it('is refused when its name is pinned to a forbidden address, or to no address', () => {
    const target = new URL('https://shop.example.com');
    expect(shop.targetProblem(target, '127.0.0.1')).toContain('127.0.0.1 is loopback');
    expect(shop.targetProblem(target, 'localhost')).toContain('no address');
    expect(shop.targetProblem(target, '1.1.1.1')).toBeNull();
  });
});

describe('a request', () => {
  const headed = (...headers: string[]) =>
    shop.headProblem({ method: 'GET', path: '/', headers }, 'https:');

  it('may be for the hosts of the list', () => {
    expect(headed('host', 'shop.example.com', 'accept', '*/*')).toBeNull();
    expect(headed('Host', 'SHOP.example.com:8443')).toBeNull();
  });

  it.each([
    ['host', 'evil.test'],
    ['HOST', '169.254.169.254'],
    ['host', 'shop.example.com@evil.test'],
    ['host', 'shop.example.com, evil.test'],
    ['host', 'shop.example.com', 'Host', 'shop.example.com'],
    ['transfer-encoding', 'chunked'],
    ['Content-Length', '0'],
    ['connection', 'upgrade'],
    ['a', 'b\r\nhost: evil.test'],
    ['a\r\nhost', 'evil.test'],
    ['a b', 'c'],
    ['', 'c'],
  ])('is refused that might be for another server, or two: %j', (...headers) => {
    expect(headed(...headers)).not.toBeNull();
  });

  it.each([
    ['GET', 'http://evil.test/'],
    ['GET', 'evil.test:80'],
    ['GET', '*'],
    ['GET', '/ HTTP/1.1\r\nhost: evil.test\r\n\r\nGET /'],
    ['GET', '/a b'],
    ['GET', '/\u00e4'],
    ['GET', ''],
    ['CONNECT', '/'],
    ['GET /evil HTTP/1.1\r\n\r\nGET', '/'],
    ['', '/'],
    ['get', '/'],
  ])('%j %j is no request line', (method, path) => {
    expect(shop.headProblem({ method, path, headers: [] }, 'https:')).not.toBeNull();
  });

  it('tells whose it is, whatever the plan makes it say', () => {
    const own = 'isochrone/1 (ops@example.com)';
    expect(shop.marked(['user-agent', own], own)).toEqual([
      ...['user-agent', own],
      ...['x-isochrone-run', 'the-run'],
    ]);
    expect(
      shop.marked(['User-Agent', 'curl', 'X-Isochrone-Run', 'another', 'accept', '*/*'], own),
    ).toEqual([
      ...['User-Agent', `curl ${own}`, 'accept', '*/*'],
      ...['x-isochrone-run', 'the-run'],
    ]);
  });
});

describe('an address', () => {
  it('that is forbidden makes a failure of class 1110, which says why and what to do', () => {
    const failure = shop.refusal('169.254.169.254');
    expect(failure?.code).toBe(1110);
    expect(failure?.message).toBe(
      '169.254.169.254 is where clouds keep metadata and credentials: a deployment loads the public internet, and networks that it was told to open',
    );
    expect(shop.refusal('1.1.1.1')).toBeNull();
    expect(guardFor([], ['169.254.0.0/16']).refusal('169.254.169.254')).toBeNull();
  });
});
