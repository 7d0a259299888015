import { Random } from '../../../bench/random.js';
import type { Report } from '../../../lib/report/report-schema.js';
import { sampleCost } from '../../support/sample-cost.js';
import { MS, openLoad, S, SimulatedRun } from '../simulated-run.js';

/** Round trips to a target in us-east-1, ms. */
const ROUND_TRIPS: Readonly<Record<string, number>> = {
  'us-east-1': 3.1,
  'us-west-2': 61,
  'eu-west-1': 74,
  'eu-central-1': 90,
  'sa-east-1': 116,
  'ap-northeast-1': 148,
  'ap-southeast-2': 198,
  'ap-south-1': 189,
};
const REQUESTS = ['GET /', 'GET /items/1', 'POST /cart', 'POST /payments'];

/** Eight regions round a shop that stands still for a while; one promise is missed. */
export function shopReport(seed = 7): Report {
  const random = new Random(seed);
  const run = new SimulatedRun({
    regions: Object.keys(ROUND_TRIPS),
    requests: REQUESTS,
    targetAt: 'us-east-1',
    load: openLoad(
      { rate: 60, s: 10, warmup: true },
      { rate: 160, s: 30, name: 'rise' },
      { rate: 240, s: 80, name: 'peak' },
    ),
    legs: [60],
    objectives: [
      'p99 < 1.5s in every region during peak',
      'p50 < 300ms',
      'errors < 1%',
      'rate > 100/s',
    ],
  });
  const { stages } = run.frozen;
  for (const worker of run.workers) {
    const { region, leg } = worker;
    const roundTrip = ROUND_TRIPS[region]! * MS;
    const address = '203.0.113.7:443';
    const { startUs, endUs } = run.frozen.legs[leg]!;
    for (let i = 0; i < 12; i++) {
      const tcpUs = Math.round(roundTrip * (1 + 0.1 * random.next()));
      const took = { dnsUs: 2_000 + random.below(4_000), tcpUs, tlsUs: 2 * tcpUs + 3_000 };
      worker.recorder.connection({ address, ahead: i < 8, ...took }, startUs);
      worker.recorder.roundTrip(address, tcpUs, startUs + i * S);
      worker.recorder.firstAnswer(address, tcpUs + 9_000, startUs);
    }
    for (const [stage, { startUs: from, endUs: to }] of stages.entries()) {
      const begin = Math.max(from, startUs);
      const end = Math.min(to, endUs);
      const perSecond = [60, 160, 240][stage]! / 8;
      const count = Math.max(0, Math.round(((end - begin) / S) * perSecond));
      for (let i = 0; i < count; i++) {
        const dueUs = begin + Math.floor(((i + 0.5) * (end - begin)) / count);
        const stalled = dueUs > 70 * S && dueUs < 76 * S;
        const request = i % REQUESTS.length;
        const cold = stage === 0 ? 2 : 1;
        const server = (6 + 9 * request) * MS * random.lognormal(0.55) * cold;
        const blockedUs = stalled ? Math.floor(random.next() * 900 * MS) : random.below(60);
        const lagUs = random.below(200);
        const failed = request === 3 && (stalled ? random.next() < 0.25 : random.next() < 0.01);
        worker.exchange({
          dueUs,
          request,
          lagUs,
          blockedUs,
          roundTripUs: Math.round(roundTrip),
          latencyUs: Math.round(lagUs + blockedUs + roundTrip + server + 300),
          ...(failed
            ? ({
                outcome: 'failed',
                code: 1503,
                message: 'HTTP 503: the target is overloaded, restarting or not ready',
              } as const)
            : {}),
        });
      }
    }
  }
  return run.report();
}

/** One region, no errors, fifty requests. */
export function tinyReport(): Report {
  const random = new Random(3);
  return new SimulatedRun({
    load: openLoad({ rate: 5, s: 10 }),
    objectives: ['p50 < 100ms'],
  })
    .fill(50, () => ({ latencyUs: Math.round(20 * MS * random.lognormal(0.4)), lagUs: 40 }))
    .report();
}

/** Broken off, with a worker lost, and so little measured that a third of percentiles is withheld. */
export function troubledReport(): Report {
  const random = new Random(5);
  const run = new SimulatedRun({
    regions: ['us-east-1', 'eu-west-1', 'ap-northeast-1'],
    workers: 2,
    requests: ['GET /', 'POST /hospital'],
    targetAt: 'us-east-1',
    load: openLoad({ rate: 20, s: 5, warmup: true }, { rate: 90, s: 60, name: 'peak' }),
    objectives: ['p99 < 400ms in every region', 'errors < 5%', 'p99.9 < 2s'],
  });
  run.fill(350, (i, { region }) => ({
    request: i % 4 === 0 ? 1 : 0,
    lagUs: i % 50 === 0 ? 20 * MS : 100,
    latencyUs: Math.round(
      (region === 'us-east-1' ? 30 : 130) * MS * random.lognormal(0.5) + 20 * MS,
    ),
    ...(i % 150 === 7
      ? ({
          outcome: 'failed',
          code: 1050,
          message: 'no complete answer within 10 s',
        } as const)
      : {}),
  }));
  const lost = run.worker('ap-northeast-1', 1);
  lost.flush(21 * S);
  lost.vanished = true;
  run.troubled.set('eu-west-1/0/0/0', 'missing');
  run.end = { kind: 'broken', cause: 'the orchestrator could not write its checkpoint' };
  return run.report();
}

/** More regions than there are colours. */
export function thirtyRegions(): Report {
  const random = new Random(11);
  const regions = [
    ...['af-south-1', 'ap-east-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
    ...['ap-south-1', 'ap-south-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3'],
    ...['ap-southeast-4', 'ca-central-1', 'ca-west-1', 'eu-central-1', 'eu-central-2'],
    ...['eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
    ...['il-central-1', 'me-central-1', 'me-south-1', 'mx-central-1', 'sa-east-1'],
    ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
  ];
  const away = (region: string) => (10 + ((regions.indexOf(region) * 37) % 240)) * MS;
  const run = new SimulatedRun({
    regions,
    targetAt: 'eu-central-1',
    load: openLoad({ rate: 300, s: 30 }),
    objectives: ['p95 < 400ms in every region'],
  });
  for (const { recorder, region } of run.workers) {
    for (let i = 0; i < 24; i++) recorder.roundTrip('203.0.113.7:443', away(region), i * S);
  }
  return run
    .fill(300, (_, { region }) => {
      const roundTripUs = away(region);
      return {
        roundTripUs,
        latencyUs: Math.round(roundTripUs + 12 * MS * random.lognormal(0.6)),
      };
    })
    .report();
}

/** Users who wait for their answers, on AWS: there is an estimate, and a cost. */
export function usersReport(): Report {
  const random = new Random(23);
  const run = new SimulatedRun({
    regions: ['eu-west-1', 'us-east-1'],
    workers: 2,
    load: {
      kind: 'closed',
      stages: [{ name: null, warmup: false, durationUs: 20 * S, fromUsers: 20, toUsers: 20 }],
      pace: { kind: 'think', minUs: S, maxUs: 3 * S },
    },
    objectives: ['errors < 1%'],
  }).fill(500, () => ({ latencyUs: Math.round(40 * MS * random.lognormal(0.6)) }));
  return { ...run.report(), cost: sampleCost(['eu-west-1', 'mx-central-1']) };
}
