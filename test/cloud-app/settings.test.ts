import { describe, expect, test } from 'vitest';
import { readSettings, SETTINGS } from '../../lib/cloud/settings.js';
import { UsageError } from '../../lib/errors.js';

const read = (context: Record<string, unknown>) => readSettings(context, 'eu-west-1');

/** What is said of a mistake. */
function said(context: Record<string, unknown>): string {
  try {
    read(context);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return 'nothing';
}

test('with no settings there is one region, the one in use, and no target may be loaded', () => {
  expect(read({})).toMatchInlineSnapshot(`
    {
      "accessLogs": null,
      "deployment": {
        "allowCode": false,
        "allowedHosts": [],
        "allowedNetworks": [],
        "contact": null,
        "home": "eu-west-1",
        "limits": {
          "maxCost": 10,
          "maxMinutes": 60,
          "maxRate": 1000,
          "maxWorkerRate": 1000,
          "maxWorkers": 10,
        },
        "memoryMb": 1769,
        "nat": false,
        "prefix": "isochrone",
        "regions": [
          "eu-west-1",
        ],
        "secrets": [],
      },
      "kmsKey": null,
      "networks": {},
      "reserve": [],
      "retentionDays": 30,
    }
  `);
});

test('settings are texts of a command line, or what JSON holds', () => {
  const typed = {
    regions: 'us-east-1, eu-west-1,us-east-1',
    home: 'us-east-1',
    allowedHosts: 'shop.example.com:8443,*.example.org',
    maxRate: '5000',
    maxCost: 'none',
    allowCode: 'false',
    subnets: 'eu-west-1:subnet-0a1b2c3d,eu-west-1:subnet-0b1b2c3d,eu-west-1:sg-0c1b2c3d',
    reserve: 'us-east-1',
  };
  const written = {
    ...typed,
    regions: ['us-east-1', 'eu-west-1'],
    allowedHosts: ['shop.example.com:8443', '*.example.org'],
    maxRate: 5000,
    allowCode: false,
    subnets: typed.subnets.split(','),
    reserve: ['us-east-1'],
  };
  expect(read(typed)).toEqual(read(written));
  expect(read(typed)).toMatchObject({
    deployment: { nat: true, limits: { maxRate: 5000, maxCost: null } },
    networks: {
      'eu-west-1': {
        subnetIds: ['subnet-0a1b2c3d', 'subnet-0b1b2c3d'],
        securityGroupIds: ['sg-0c1b2c3d'],
      },
    },
  });
});

test('what is CDK’s own in the context is let be', () => {
  const own = { '@aws-cdk/core:x': true, 'aws:cdk:y': 1, 'cli-telemetry': false };
  expect(read(own)).toEqual(read({}));
});

describe('hosts that may be allowed', () => {
  test.each([
    'shop.example.com',
    'shop.example.com:8443',
    'SHOP.example.com.',
    '*.example.com',
    '*.shop.example.co.uk',
    '*.staging.internal',
    'bücher.example',
    '203.0.113.7',
    '10.20.0.7:8080',
    '[2001:db8::1]:443',
    '2001:db8::1',
    'internal',
  ])('%s', (host) => {
    expect(said({ allowedHosts: [host] })).toBe('nothing');
  });
});

describe('what is refused, and what is said', () => {
  test.each<[context: Record<string, unknown>, said: RegExp]>([
    [{ allowedHosts: '*' }, /'\*' would allow the whole internet: name the hosts/],
    [{ allowedHosts: 'a.example.com,*' }, /would allow the whole internet/],
    [{ allowedHosts: '*.com' }, /wildcard over a public suffix: names below com belong to anybody/],
    [{ allowedHosts: '*.CO.UK.' }, /names below co\.uk belong to anybody/],
    [{ allowedHosts: '*.github.io' }, /public suffix/],
    [{ allowedHosts: '*.s3.amazonaws.com' }, /public suffix/],
    [{ allowedHosts: '*.vercel.app:443' }, /public suffix/],
    [{ allowedHosts: '*.internal' }, /public suffix/],
    [{ allowedHosts: '*.xn--p1ai' }, /public suffix/],
    [{ allowedHosts: '*.рф' }, /public suffix/],
    [{ allowedHosts: 'shop.*.com' }, /a \* stands at the beginning/],
    [{ allowedHosts: '*shop.example.com' }, /a \* stands at the beginning/],
    [{ allowedHosts: '*.10.0.0.1' }, /no names below an address/],
    [{ allowedHosts: 'https://shop.example.com/a' }, /write shop\.example\.com alone/],
    [{ allowedHosts: 'shop.example.com/a' }, /is no host: write its name alone/],
    [{ allowedHosts: 'shop example' }, /is no host/],
    [{ allowedHosts: 'shop.example.com:99999' }, /is no host/],
    [{ allowedHosts: 'localhost:8080' }, /is the worker itself/],
    [{ allowedHosts: '127.1' }, /is loopback/],
    [{ allowedHosts: '0x7f000001' }, /is loopback/],
    [{ allowedHosts: '169.254.169.254' }, /is link-local, where clouds keep metadata/],
    [{ allowedHosts: '[::1]:80' }, /is loopback/],
    [{ allowedHosts: '[::ffff:127.0.0.1]' }, /IPv4 address in the form of IPv6/],
    [{ allowedNetworks: '10.20' }, /is no network: write one as in 10\.20\.0\.0\/16/],
    [{ allowedNetworks: '10.20.0.0/33' }, /is no network/],
    [{ allowedNetworks: '127.0.0.0/8' }, /'127\.0\.0\.0\/8' is loopback, and cannot be opened/],
    [{ allowedNetworks: '127.0.0.1' }, /is loopback, and cannot be opened/],
    [{ allowedNetworks: '169.254.169.254/32' }, /is link-local/],
    [{ allowedNetworks: '0.0.0.0/0' }, /holds 0\.0\.0\.0\/8, which is the worker itself/],
    [{ allowedNetworks: '126.0.0.0/7' }, /holds 127\.0\.0\.0\/8, which is loopback/],
    [{ allowedNetworks: '::/0' }, /holds ::\/128/],
    [{ allowedNetworks: '::1' }, /is loopback/],
    [{ allowedNetworks: 'fe80::/64' }, /is link-local/],
    [{ allowedNetworks: 'fd00::/8' }, /holds fd00:ec2::\/32, which is where AWS keeps metadata/],
    [{ allowedNetworks: '::ffff:127.0.0.0/104' }, /IPv4 address in the form of IPv6/],
    [{ regions: 'ireland' }, /-c regions: 'ireland' is no region/],
    [{ home: 'Ireland' }, /-c home: 'Ireland' is no region/],
    [{ regions: 'us-gov-west-1' }, /us-gov-west-1 is in aws-us-gov and home, eu-west-1, in aws/],
    [{ home: 'us-gov-west-1', regions: 'us-gov-west-1,eu-west-1' }, /eu-west-1 is in aws and home/],
    [{ home: 'cn-north-1' }, /no durable functions in cn-north-1/],
    [{ home: 'us-iso-east-1' }, /no durable functions in us-iso-east-1/],
    [{ maxRate: 'fast' }, /-c maxRate: 'fast' must be a number from 1 to/],
    [{ maxRate: 0 }, /maxRate: '0' must be/],
    [{ maxWorkerRate: '-1' }, /maxWorkerRate: '-1' must be/],
    [{ maxWorkers: 1.5 }, /'1\.5' must be a whole number from 1 to 2500/],
    [{ maxMinutes: 2041 }, /'2041' must be a number from 1 to 2040/],
    [{ maxCost: 'much' }, /from 0\.01 to 1000000 US dollars, or none/],
    [{ memory: 64 }, /'64' must be a whole number from 128 to 10240 MB/],
    [{ prefix: 'Isochrone' }, /prefix: 'Isochrone' begins the names/],
    [{ prefix: 'a-name-that-is-far-too-long' }, /at most 20/],
    [{ prefix: 'ends-' }, /prefix: 'ends-'/],
    [{ prefix: 'aws-load' }, /and not aws/],
    [{ retentionDays: 0 }, /from 1 to 3650 days/],
    [{ retentionDays: 2, maxMinutes: 1500 }, /a run of 1500 minutes .* for 3 days/],
    [{ retentionDays: 1 }, /a run of 60 minutes .* for 2 days/],
    [{ secrets: 'TOKEN,a b' }, /'a b' names no secret/],
    [{ secrets: 'prod/*' }, /'prod\/\*' names no secret/],
    [{ allowCode: 'yes' }, /'yes' must be true or false/],
    [{ contact: 'ops (at) example' }, /without parentheses/],
    [{ contact: 'ops@example.com\r\nX: y' }, /goes into a header/],
    [{ contact: 'größe' }, /ASCII/],
    [{ subnets: 'eu-west-1:subnet-0a' }, /neither REGION:subnet-ID/],
    [{ subnets: 'subnet-0a1b2c3d' }, /neither REGION:subnet-ID nor REGION:sg-ID/],
    [{ subnets: 'us-east-1:subnet-0a1b2c3d' }, /there will be no workers in us-east-1/],
    [{ subnets: 'eu-west-1:subnet-0a1b2c3d' }, /no security group: add eu-west-1:sg-ID/],
    [{ subnets: 'eu-west-1:sg-0a1b2c3d' }, /has security groups and no subnet/],
    [{ kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/mine' }, /is no key's ARN/],
    [{ kmsKey: 'alias/mine' }, /is no key's ARN: arn:aws:kms:eu-west-1:ACCOUNT:key\/ID/],
    [
      { kmsKey: 'arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab' },
      /key is in us-east-1/,
    ],
    [
      {
        kmsKey:
          'arn:aws-us-gov:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab',
      },
      /the bucket will be in/,
    ],
    [{ accessLogs: 's3://logs' }, /'s3:\/\/logs' is no bucket/],
    [{ reserve: 'us-east-1' }, /reserve: there will be no workers in us-east-1/],
    [
      { allowedHost: 'a.example' },
      /-c allowedHost: there is no such setting: did you mean allowedHosts/,
    ],
    [{ colour: 'red' }, /there is no such setting: regions, home/],
    [{ regions: [1] }, /\[1\] is no list of texts/],
    [{ home: { eu: 1 } }, /\{"eu":1\} is no text/],
  ])('%j', (context, message) => {
    expect(said(context)).toMatch(message);
  });

  test('all at once', () => {
    const lines = said({ prefix: 'X', memory: 1, allowedHosts: '*,*.com' }).split('\n');
    expect(lines.map((line) => line.replace(/:.*/s, ''))).toEqual([
      '-c prefix',
      '-c allowedHosts',
      '-c allowedHosts',
      '-c memory',
    ]);
  });

  test('more than a function can be told', () => {
    const allowedHosts = Array.from({ length: 200 }, (_, i) => `shop-${i}.staging.example.com`);
    expect(said({ allowedHosts })).toMatch(/all settings together are \d+ bytes, and Lambda gives/);
  });
});

test('every setting is one that is known, and none stands twice', () => {
  expect(new Set(SETTINGS).size).toBe(SETTINGS.length);
  const values = Object.fromEntries(SETTINGS.map((name) => [name, '']));
  expect(read(values)).toEqual(read({}));
});
