import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../lib/load/cookie-jar.js';
import { publicSuffixes } from '../../lib/load/public-suffix.js';
import { parseSetCookie } from '../../lib/load/set-cookie.js';

const isPublicSuffix = await publicSuffixes();

/** A jar, and a clock that is set by hand, ms since the epoch. */
function newJar() {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const jar = new CookieJar(isPublicSuffix, () => clock.nowMs);
  return {
    clock,
    jar,
    set(from: string, ...cookies: string[]) {
      const lines = cookies.map((cookie) => `Set-Cookie: ${cookie}`);
      jar.keep(['HTTP/1.1 200 OK', 'x: y', ...lines, ''].join('\r\n'), new URL(from));
    },
    sent: (to: string) => jar.header(new URL(to)),
  };
}

const SHOP = 'https://shop.example.com/account/login';

describe('a cookie', () => {
  it('goes back to the host that set it, as it was', () => {
    const { set, sent } = newJar();
    set(SHOP, 'session=a=b; HttpOnly; SameSite=Lax; Path=/', 'theme="dark"; path=/');
    expect(sent('https://shop.example.com/')).toBe('session=a=b; theme="dark"');
    expect(sent('https://shop.example.com:8443/any?x=1')).toBe('session=a=b; theme="dark"');
    expect(sent('https://example.com/')).toBe('');
    expect(sent('https://a.shop.example.com/')).toBe('');
    expect(sent('https://other.example/')).toBe('');
  });

  it('that is set again has its new value, in its old place', () => {
    const { set, sent, jar } = newJar();
    set(SHOP, 'a=1; Path=/', 'b=2; Path=/');
    set(SHOP, 'a=3; Path=/');
    expect(sent(SHOP)).toBe('a=3; b=2');
    expect(jar.get('a')).toBe('3');
    expect(jar.get('A')).toBeNull();
  });

  it.each<[string, string, readonly [url: string, isSent: boolean][]]>([
    [
      'without a path: below where it was set',
      'a=1',
      [
        ['https://shop.example.com/account', true],
        ['https://shop.example.com/account/pay', true],
        ['https://shop.example.com/accounts', false],
        ['https://shop.example.com/', false],
      ],
    ],
    [
      'with a path',
      'a=1; Path=/api/',
      [
        ['https://shop.example.com/api/x', true],
        ['https://shop.example.com/api', false],
        ['https://shop.example.com/apis', false],
      ],
    ],
    [
      'with what is no path: as without one',
      'a=1; Path=api',
      [
        ['https://shop.example.com/account/', true],
        ['https://shop.example.com/api', false],
      ],
    ],
    [
      'for all hosts of a domain',
      'a=1; Path=/; Domain=.Example.com',
      [
        ['https://shop.example.com/', true],
        ['https://example.com/', true],
        ['https://a.b.example.com/', true],
        ['https://badexample.com/', false],
      ],
    ],
    [
      'for the domain that set it, and those below',
      'a=1; Path=/; Domain=shop.example.com',
      [
        ['https://shop.example.com/', true],
        ['https://a.shop.example.com/', true],
        ['https://example.com/', false],
      ],
    ],
    [
      'for safe connections only',
      'a=1; Path=/; Secure',
      [
        ['https://shop.example.com/', true],
        ['http://shop.example.com/', false],
      ],
    ],
    [
      'for a public suffix: not kept',
      'a=1; Path=/; Domain=com',
      [['https://shop.example.com/', false]],
    ],
    [
      'for another host: not kept',
      'a=1; Path=/; Domain=other.example',
      [['https://other.example/', false]],
    ],
    [
      'for a host below: not kept',
      'a=1; Path=/; Domain=a.shop.example.com',
      [['https://a.shop.example.com/', false]],
    ],
  ])('%s', (_, cookie, cases) => {
    const { set, sent } = newJar();
    set(SHOP, cookie);
    for (const [url, isSent] of cases) expect(sent(url), url).toBe(isSent ? 'a=1' : '');
  });

  it.each([
    ['https://a.github.io/', 'github.io'],
    ['https://shop.co.uk/', 'co.uk'],
    ['http://app.internal/', 'internal'],
  ])('of %s is not for all of %s', (from, domain) => {
    const { set, sent } = newJar();
    set(from, `a=1; Domain=${domain}`);
    expect(sent(from)).toBe('');
  });

  it('may name the host itself, though that is a public suffix', () => {
    const { set, sent } = newJar();
    set('http://localhost:8080/', 'a=1; Domain=localhost');
    expect(sent('http://localhost:9090/')).toBe('a=1');
    expect(sent('http://a.localhost:8080/')).toBe('');
  });

  it('of an address is for that address', () => {
    const { set, sent } = newJar();
    set('http://127.0.0.1:8080/', 'a=1', 'b=2; Domain=127.0.0.1', 'c=3; Domain=0.0.1');
    expect(sent('http://127.0.0.1:9090/')).toBe('a=1; b=2');
    set('http://[::1]/', 'd=4');
    expect(sent('http://[::1]/')).toBe('d=4');
  });

  it('with a longer path goes first, then the one set first', () => {
    const { set, sent } = newJar();
    set(
      SHOP,
      'a=root; Path=/',
      'b=1; Path=/account',
      'a=deep; Path=/account/login',
      'c=1; Path=/account',
    );
    expect(sent(SHOP)).toBe('a=deep; b=1; c=1; a=root');
  });
});

describe('the end of a cookie', () => {
  it('comes when its time is over', () => {
    const { set, sent, clock, jar } = newJar();
    set(
      SHOP,
      'a=1; Max-Age=60; Path=/',
      'b=2; Expires=Thu, 01 Jan 2026 00:02:00 GMT; Path=/',
      'c=3; Path=/',
    );
    expect(sent(SHOP)).toBe('a=1; b=2; c=3');
    clock.nowMs += 59_999;
    expect(sent(SHOP)).toBe('a=1; b=2; c=3');
    clock.nowMs += 1;
    expect(sent(SHOP)).toBe('b=2; c=3');
    expect(jar.get('a')).toBeNull();
    clock.nowMs += 60_000;
    expect(sent(SHOP)).toBe('c=3');
  });

  it.each([
    ['Max-Age=0'],
    ['Max-Age=-5'],
    ['Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    ['expires=Thu, 01-Jan-1970 00:00:00 GMT'],
    ['Expires=Thu, 01 Jan 2099 00:00:00 GMT; Max-Age=0'],
  ])('comes at once by %s', (attributes) => {
    const { set, sent } = newJar();
    set(SHOP, 'a=1; Path=/', 'b=2; Path=/');
    set(SHOP, `a=; Path=/; ${attributes}`);
    expect(sent(SHOP)).toBe('b=2');
  });

  it('is not brought by what is no time, nor by another cookie of its name', () => {
    const { set, sent } = newJar();
    set(SHOP, 'a=1; Path=/; Max-Age=soon; Expires=later');
    set(SHOP, 'a=; Path=/account; Max-Age=0');
    expect(sent(SHOP)).toBe('a=1');
  });

  it('is put off where Max-Age says more than Expires', () => {
    const { set, sent } = newJar();
    set(SHOP, 'a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9');
    expect(sent(SHOP)).toBe('a=1');
  });
});

describe('a server cannot', () => {
  it('set or change a safe cookie over a connection that is none', () => {
    const { set, sent } = newJar();
    set('http://shop.example.com/', 'a=plain; Path=/; Secure');
    expect(sent('https://shop.example.com/')).toBe('');
    set('https://shop.example.com/', 'a=safe; Path=/; Secure');
    set('http://shop.example.com/', 'a=forged; Path=/');
    expect(sent('https://shop.example.com/')).toBe('a=safe');
  });

  it.each([
    '__Host-a=1; Path=/',
    '__Host-a=1; Secure',
    '__Host-a=1; Secure; Path=/; Domain=shop.example.com',
    '__Secure-a=1; Path=/',
  ])('break the promise of a name: %s', (cookie) => {
    const { set, sent } = newJar();
    set(SHOP, cookie);
    expect(sent(SHOP)).toBe('');
    set(SHOP, '__Host-a=1; Secure; Path=/', '__Secure-b=2; Secure; Path=/');
    expect(sent(SHOP)).toBe('__Host-a=1; __Secure-b=2');
  });

  it('flood the jar: of many cookies the last fifty are kept, of long ones as many as can be sent', () => {
    const { set, sent } = newJar();
    for (let i = 0; i < 100_000; i += 500) {
      set(SHOP, ...Array.from({ length: 500 }, (_, j) => `c${i + j}=${i + j}; Path=/`));
    }
    expect(sent(SHOP).split('; ')).toHaveLength(50);
    expect(sent(SHOP)).toMatch(/^c99950=99950; .*; c99999=99999$/);
    for (let i = 0; i < 20; i++) set(SHOP, `long${i}=${'x'.repeat(4_000)}; Path=/`);
    expect(sent(SHOP)).toMatch(/^long18=x+; long19=x+$/);
    set(SHOP, `toolong=${'x'.repeat(4_096)}; Path=/`);
    expect(sent(SHOP)).not.toContain('toolong');
  });

  it('fill it with what is over already', () => {
    const { set, sent, clock } = newJar();
    set(SHOP, 'keep=1; Path=/');
    set(SHOP, ...Array.from({ length: 49 }, (_, i) => `c${i}=1; Path=/; Max-Age=1`));
    clock.nowMs += 2_000;
    set(SHOP, 'new=1; Path=/');
    expect(sent(SHOP)).toBe('keep=1; new=1');
  });
});

describe('a header set-cookie', () => {
  const nothing = { domain: null, path: null, lifeMs: null, expiresAtMs: null, secure: false };
  it.each([
    ['a=1', { ...nothing, name: 'a', value: '1' }],
    [' a = 1 ; secure ', { ...nothing, name: 'a', value: '1', secure: true }],
    ['a=', { ...nothing, name: 'a', value: '' }],
    ['value', { ...nothing, name: '', value: 'value' }],
    ['a=b=c; PATH=/x; path=/y', { ...nothing, name: 'a', value: 'b=c', path: '/y' }],
    ['a=1; Domain=; Path=; Max-Age=', { ...nothing, name: 'a', value: '1' }],
    ['a=1; Domain=..x', { ...nothing, name: 'a', value: '1', domain: '.x' }],
    ['a=1; Max-Age=1.5; unknown=2', { ...nothing, name: 'a', value: '1' }],
    [`a=1; Path=/${'x'.repeat(1_024)}`, { ...nothing, name: 'a', value: '1' }],
  ])('%.40s', (line, cookie) => {
    expect(parseSetCookie(line)).toEqual(cookie);
  });

  it.each(['', '=', ' ; Path=/', 'a=\x00', 'a\x7f=1', `a=${'x'.repeat(4_096)}`])(
    '%.20j is none',
    (line) => {
      expect(parseSetCookie(line)).toBeNull();
    },
  );
});
