import { describe, expect, test } from 'vitest';
import type { CloudSite, FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Load, Plan } from '../../lib/plan/plan.js';
import { priceOf } from '../../lib/regions/prices.js';
import { longestLegUs } from '../../lib/run/cloud-timing.js';
import {
  costNotes,
  type Estimate,
  estimateOf,
  guardCost,
  supposedSite,
} from '../../lib/run/cost-estimate.js';
import { expectedUsage } from '../../lib/run/expected-usage.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';

const SITE: CloudSite = {
  home: 'eu-west-1',
  workerMb: 1769,
  orchestratorMb: 1024,
  mergeMb: 3008,
  nat: false,
  contact: null,
  mostUsd: null,
};

interface Sketch {
  readonly minutes?: number;
  readonly regions?: readonly string[];
  readonly workers?: number;
  readonly load?: Load;
  readonly change?: Partial<Plan>;
}

function frozenOf(sketch: Sketch = {}): FrozenPlan {
  const { minutes = 5, regions = ['eu-west-1'], workers = 1, load, change } = sketch;
  const plan = planFor('https://shop.example.com', load ?? constantRate(100, minutes * 60), {
    regions: regions.map((name) => ({ name, share: 1, workers })),
    ...change,
  });
  return frozenFor(plan, { where: 'aws', legUs: longestLegUs(2e6) });
}

const estimated = (sketch?: Sketch, site: Partial<CloudSite> = {}): Estimate =>
  estimateOf(frozenOf(sketch), { ...SITE, ...site });

const line = ({ lines }: Estimate, item: string) => lines.find((one) => one.item === item)!;

describe('an estimate', () => {
  test('of a plan with code is a guess: likely each of its requests once, at most all that workers may', () => {
    const code = { sha256: 'a'.repeat(64), bytes: 1, file: 'search.ts' };
    const change = {
      requests: [
        requestOf('GET /'),
        ...['GET /a', 'GET /b'].map((name) => requestOf(name, { weight: 0 })),
      ],
      flows: [{ kind: 'code', name: 'search', weight: 1, code, requests: [1, 2] }],
    } as const;
    const frozen = frozenOf({ change });
    const likely = expectedUsage(frozen, SITE, 'likely');
    // Half of 30,000 starts are of one request, the others of two.
    expect([likely.requests, likely.guessed]).toEqual([45_000, true]);
    expect(expectedUsage(frozen, SITE, 'most').requests).toBe(1_000 * 300);
    expect(estimated({ change }).guessed).toBe(true);
    expect(estimated().guessed).toBe(false);
  });

  test('has every line, and their sum', () => {
    const { lines, usd } = estimated({ regions: ['eu-west-1', 'us-east-1'] });
    expect(lines.map(({ item }) => item)).toEqual([
      'gbSeconds',
      'invocations',
      'operations',
      's3Writes',
      's3Lists',
      's3Reads',
      'bytesToTarget',
      'bytesBetweenRegions',
      'bytesThroughNat',
      'bytesLogged',
    ]);
    expect(lines.reduce((sum, one) => sum + one.usd!, 0)).toBeCloseTo(usd!, 10);
  });

  test('is never above what it comes to at most, line by line', () => {
    for (const minutes of [0.1, 1, 5, 30, 240]) {
      for (const regions of [['eu-west-1'], ['us-east-1', 'sa-east-1', 'ap-south-1']]) {
        const { lines, usd, mostUsd } = estimated({ minutes, regions, workers: 3 });
        for (const one of lines) {
          expect(one.usd, `${one.item}, ${minutes} min`).toBeLessThanOrEqual(one.mostUsd! + 1e-12);
        }
        expect(usd).toBeLessThan(mostUsd!);
      }
    }
  });

  test('says where the time of functions goes: an overlap only where legs relieve each other', () => {
    const { time: one } = estimated({ minutes: 5, workers: 4 });
    expect(one.load).toBeCloseTo((4 * 300 * 1769) / 1024, 6);
    expect(one.overlap).toBe(0);
    const { time: three } = estimated({ minutes: 27, workers: 4 });
    expect(three.load).toBeCloseTo((4 * 27 * 60 * 1769) / 1024, 6);
    // 130 s ahead, twice.
    expect(three.overlap).toBeCloseTo((4 * 260 * 1769) / 1024, 6);
    expect(three.ending).toBeGreaterThan(2 * one.ending);
    expect(three.arming).toBe(one.arming);
  });

  test('charges each region by its own prices, and requests to the bucket where that is', () => {
    const there = estimated({ regions: ['af-south-1'] }, { home: 'sa-east-1' });
    const time = line(there, 'gbSeconds');
    const { time: parts } = there;
    const atHome = (parts.orchestrator + parts.merge) * priceOf('sa-east-1', 'gbSeconds')!;
    const away =
      (time.quantity - parts.orchestrator - parts.merge) * priceOf('af-south-1', 'gbSeconds')!;
    expect(time.usd).toBeCloseTo(atHome + away, 10);
    const reads = line(there, 's3Reads');
    expect(reads.usd).toBeCloseTo(reads.quantity * priceOf('sa-east-1', 's3Reads')!, 12);
    expect(line(there, 'bytesBetweenRegions').quantity).toBeGreaterThan(0);
    expect(line(estimated(), 'bytesBetweenRegions').quantity).toBe(0);
  });

  test('knows the bytes of a request as they go on the wire', () => {
    const body = { encoding: 'utf8', data: 'x'.repeat(10_000) } as const;
    const small = estimated({ minutes: 1 });
    const requests = [requestOf('GET /'), requestOf('POST /a', { weight: 3, body })];
    const large = estimated({ minutes: 1, change: { requests } });
    const each = line(small, 'bytesToTarget').quantity / 6_000;
    expect(each).toBeGreaterThan(80);
    expect(each).toBeLessThan(250);
    const mean = line(large, 'bytesToTarget').quantity / 6_000;
    expect(mean).toBeGreaterThan(7_500 + each);
    expect(mean).toBeLessThan(7_600 + each);
  });

  test('adds what passes through NAT where workers have no other way out', () => {
    expect(line(estimated(), 'bytesThroughNat').usd).toBe(0);
    const through = line(estimated({}, { nat: true }), 'bytesThroughNat');
    expect(through.quantity).toBeGreaterThan(line(estimated(), 'bytesToTarget').quantity);
    expect(through.usd).toBeGreaterThan(0);
  });

  test('costs more for more time, workers, memory', () => {
    const base = estimated().usd!;
    expect(estimated({ minutes: 8 }).usd).toBeGreaterThan(base);
    expect(estimated({ workers: 2 }).usd).toBeGreaterThan(base);
    expect(estimated({}, { workerMb: 3538 }).usd).toBeGreaterThan(base);
  });

  test('says that it guesses where answers set the pace, and how much there may be at most', () => {
    const users = { kind: 'closed', pace: { kind: 'none' } } as const;
    const stage = { name: null, warmup: false, durationUs: 60e6, fromUsers: 10, toUsers: 10 };
    const waiting = estimated({ load: { ...users, stages: [stage] } });
    expect(waiting.guessed).toBe(true);
    const sent = line(waiting, 'bytesToTarget');
    // A tenth of a second each, and a thousand a second a worker.
    expect(sent.mostUsd! / sent.usd!).toBeCloseTo(10, 6);
    const paced = { ...users, pace: { kind: 'every', everyUs: 2e6 } } as const;
    const steady = estimated({ load: { ...paced, stages: [stage] } });
    expect(steady).toMatchObject({ guessed: false, answers: { count: 300 } });
  });

  test('a day from 30 regions costs what its workers do, and little beside', () => {
    const regions = Array.from({ length: 30 }, () => 'us-east-1');
    const frozen = frozenFor(
      planFor('https://shop.example.com', constantRate(300, 86_400), {
        regions: regions.map((_, i) => ({ name: `region-${i}`, share: 1, workers: 1 })),
      }),
      { where: 'aws', legUs: longestLegUs(2e6) },
    );
    const { tally, time } = expectedUsage(frozen, SITE, 'likely');
    expect(time.load).toBeCloseTo((30 * 86_400 * 1769) / 1024, 0);
    expect(time.overlap / time.load).toBeLessThan(0.25);
    expect(tally.of('s3Reads')).toBeLessThan(6_000_000);
    expect(tally.of('operations')).toBeLessThan(1_100);
  });
});

describe('a price that is missing', () => {
  const far = { regions: ['eu-west-1', 'mx-central-1'] };

  test('is named, and nothing is put in its place', () => {
    const estimate = estimated(far);
    expect(estimate.missing).toEqual([
      'Lambda time in mx-central-1',
      'Lambda invocations in mx-central-1',
      'data sent to the target in mx-central-1',
      'data between regions in mx-central-1',
      'logs in mx-central-1',
    ]);
    expect(estimate).toMatchObject({ usd: null, mostUsd: null });
    expect(line(estimate, 'gbSeconds').usd).toBeNull();
    expect(line(estimate, 's3Reads').usd).toBeGreaterThan(0);
    expect(costNotes(frozenOf(far), estimate).join()).toContain('no price is known of Lambda time');
  });

  test('is refused where the plan sets a limit, which could not be kept', () => {
    const limited = frozenOf({ ...far, change: { limits: { costUsd: 2 } } });
    const estimate = estimateOf(limited, SITE);
    expect(() => guardCost(limited, estimate)).toThrow(
      /cannot be held to \$2: .*\n {2}Lambda time in mx-central-1\n[\s\S]*leave out `limits\.cost`/,
    );
    expect(() => guardCost(frozenOf(far), estimate)).not.toThrow();
  });
});

test('a limit that is below what the run will cost is told before it begins', () => {
  const limited = (costUsd: number) => frozenOf({ change: { limits: { costUsd } } });
  const note = (costUsd: number) => costNotes(limited(costUsd), estimateOf(limited(costUsd), SITE));
  expect(note(0.01)).toEqual([
    expect.stringMatching(
      /^it would cost about \$0\.0\d+, and is stopped before .* than \$0\.010 \(limits\.cost\)$/,
    ),
  ]);
  expect(note(10)).toEqual([]);
});

test('whoever asks for a run takes a deployment for what its variables say, or for the usual one', () => {
  const frozen = frozenOf({ regions: ['us-west-2'] });
  expect(supposedSite(frozen, {})).toMatchObject({ home: 'us-west-2', workerMb: 1769, nat: false });
  const env = { AWS_REGION: 'eu-north-1', ISOCHRONE_MEMORY: '3008', ISOCHRONE_NAT: 'true' };
  expect(supposedSite(frozen, env)).toMatchObject({
    home: 'eu-north-1',
    workerMb: 3008,
    nat: true,
  });
  expect(supposedSite(frozen, { ...env, ISOCHRONE_HOME: 'eu-west-3' }).home).toBe('eu-west-3');
});
