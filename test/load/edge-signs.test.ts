import { expect, test } from 'vitest';
import { edgeSign } from '../../lib/load/edge-signs.js';

const OWN = 'server: nginx\r\ndate: Sat, 21 Nov 2026 09:00:00 GMT\r\ncontent-length: 2\r\n';

test.each([
  ['CF-RAY: 8f1c\r\nserver: cloudflare', 'Cloudflare', 'cf-ray'],
  ['Server: cloudflare', 'Cloudflare', 'server'],
  [
    'via: 1.1 abc.cloudfront.net (CloudFront)\r\nx-amz-cf-pop: FRA56-P5',
    'CloudFront',
    'x-amz-cf-pop',
  ],
  [
    'x-cache: Miss from cloudfront\r\nvia: 1.1 abc.cloudfront.net (CloudFront)',
    'CloudFront',
    'via',
  ],
  ['x-served-by: cache-fra-eddf8230020-FRA\r\nvia: 1.1 varnish', 'Fastly', 'x-served-by'],
  ['server: AkamaiGHost', 'Akamai', 'server'],
  ['via: 1.1 google', 'Google', 'via'],
  ['via: 1.1 varnish (Varnish/7.1)', 'Varnish', 'via'],
  ['Via: 1.1 proxy-3', 'a proxy', 'via'],
  ['age: 17', 'a cache', 'age'],
  ['x-cache: HIT', 'a cache', 'x-cache'],
])('%j tells of %s', (headers, name, sign) => {
  expect(edgeSign(`HTTP/1.1 200 OK\r\n${OWN}${headers}\r\n`)).toEqual({ name, sign });
});

test.each([
  '',
  'x-via: 1.1 proxy\r\n',
  'page: 7\r\n',
  'age:\r\n',
  'server: my-cloudflare-like thing\r\n',
])('an answer with %j is, as far as it tells, that of the target', (headers) => {
  expect(edgeSign(`HTTP/1.1 200 via: x\r\n${OWN}${headers}`)).toBeNull();
});
