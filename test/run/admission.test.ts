// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../lib/cloud/deployment.js';
import type { Load, Plan } from '../../lib/plan/plan.js';
import { release } from '../../lib/run/admission.js';
import { freezeInCloud } from '../../lib/run/cloud-orchestrator.js';
import { admissionObject } from '../../lib/store/admission-object.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { makePlan, makeRequest, rates, userStages } from '../support/schedule-plans.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const NOW_MS = Date.UTC(2026, 0, 21);
const DEPLOYMENT: Deployment = {
  prefix: 'isochrone',
  home: 'eu-west-1',
  bucket: 'isochrone-111122223333-eu-west-1',
  regions: ['eu-west-1', 'us-east-1'],
  limits: { maxRate: 1_000, maxWorkerRate: 300, maxWorkers: 3, maxMinutes: 10, maxCost: null },
  allowedHosts: ['shop.example.com'],
  allowedNetworks: [],
  secrets: [],
  contact: null,
  memoryMb: 1769,
  nat: false,
  allowCode: false,
};

function planWith(load: Load, workers: number, change: Partial<Plan> = {}): Plan {
  const regions = ['eu-west-1', 'us-east-1'].map((name) => ({ name, share: 1, workers }));
  return makePlan({ target: 'https://shop.example.com', load, regions, ...change });
}

function deployed(change: Partial<Deployment['limits']> = {}, base = DEPLOYMENT) {
  const deployment = { ...base, limits: { ...base.limits, ...change } };
  const store = FolderStore.open(temporaryFolder());
  let nowMs = NOW_MS;
  /** Why the run is refused; null: it goes on. */
  const ask = async (run: string, plan: Plan) => {
    const order = {
      schema: 'isochrone.order/1' as const,
      ...{ plan, label: null, createdAtMs: nowMs, seed: 7, workers: null },
      ...{ allowUndecided: true, accepted: [] },
    };
    const clock = { nowMs: () => nowMs };
    const options = { clock, legUs: null, execution: 'arn' };
    return (await freezeInCloud({ run, plan: order }, store, deployment, options)())?.refusal;
  };
  return {
    ask,
    leave: (run: string) => release(admissionObject(store), run),
    later: (ms: number) => {
      nowMs += ms;
    },
  };
}

const at = (perSecond: number, seconds = 10) => rates([perSecond, perSecond, seconds]);

describe('an orchestrator', () => {
  it('refuses a run that is too much for all runs together, alone or beside another', async () => {
    const { ask } = deployed();
    expect(await ask('too-much', planWith(at(1_001), 3))).toBe(
      'the run would start up to 1001/s, and this deployment allows 1000/s for all runs together: ask for less, wait, or deploy with -c maxRate=1001',
    );
    expect(await ask('one', planWith(at(600), 1))).toBeNull();
    expect(await ask('two', planWith(at(500), 1))).toBe(
      'the run would start up to 500/s, and this deployment allows 1000/s for all runs together, of which one hold 600/s: ask for less, wait, or deploy with -c maxRate=1100',
    );
    expect(await ask('three', planWith(at(400), 1))).toBeNull();
  });

  it('refuses workers beyond those of a region, together with the runs beside it', async () => {
    const { ask } = deployed();
    expect(await ask('four', planWith(at(10), 4))).toContain('needs 4 workers in eu-west-1');
    expect(await ask('one', planWith(at(10), 2))).toBeNull();
    expect(await ask('two', planWith(at(10), 2))).toContain('of which one hold 2');
    expect(await ask('three', planWith(at(10), 1))).toBeNull();
  });

  it('admits only so many of those who ask at the same instant as there is room for', async () => {
    const { ask } = deployed();
    const asked = Array.from({ length: 8 }, (_, i) => ask(`run-${i}`, planWith(at(300), 1)));
    const answers = await Promise.all(asked);
    expect(answers.filter((refusal) => refusal === null)).toHaveLength(3);
  });

  it('asked again for the same run takes no more than it has', async () => {
    const { ask } = deployed();
    for (let i = 0; i < 3; i++) expect(await ask('one', planWith(at(600), 1))).toBeNull();
    expect(await ask('two', planWith(at(400), 1))).toBeNull();
  });

  it('has room again when a run has ended, or should have long ago', async () => {
    const { ask, leave, later } = deployed();
    const all = planWith(at(600), 3);
    expect(await ask('one', all)).toBeNull();
    expect(await ask('two', all)).not.toBeNull();
    await leave('one');
    await leave('one');
    expect(await ask('two', all)).toBeNull();
    later(60 * 60_000);
    expect(await ask('three', all)).toBeNull();
  });

  it('refuses a run that may come to more money than is left, alone or beside another', async () => {
    const { ask, leave } = deployed({ maxCost: 0.05 });
    const minutes = (n: number) => planWith(at(10, n * 60), 1);
    expect(await ask('dear', minutes(9))).toMatch(
      /^the run may come to \$0\.0\d+, and this deployment allows \$0\.05\d* for all runs together: .* -c maxCost=0\.\d+$/,
    );
    expect(await ask('one', minutes(2))).toBeNull();
    expect(await ask('two', minutes(2))).toMatch(/together, of which one hold \$0\.0\d+: /);
    await leave('one');
    expect(await ask('two', minutes(2))).toBeNull();
  });

  it('admits a run that is dearer for no more than its plan allows it to come to', async () => {
    const { ask } = deployed({ maxCost: 0.05 });
    const capped = (costUsd: number) => planWith(at(10, 540), 1, { limits: { costUsd } });
    expect(await ask('one', capped(0.03))).toBeNull();
    expect(await ask('two', capped(0.03))).toContain('of which one hold $0.030');
    expect(await ask('three', capped(0.02))).toBeNull();
  });

  it('refuses what it cannot reckon, where money is counted or the plan wants it to be', async () => {
    const regions = [{ name: 'mx-central-1', share: 1, workers: 1 }];
    const far = { ...DEPLOYMENT, regions: ['mx-central-1'] };
    const plan = (change: Partial<Plan> = {}) => planWith(at(10), 1, { regions, ...change });
    expect(await deployed({ maxCost: 5 }, far).ask('one', plan())).toMatch(
      /cannot be reckoned, .*no price is known of\n {2}Lambda time in mx-central-1\n[\s\S]*-c maxCost=none$/,
    );
    expect(await deployed({}, far).ask('two', plan({ limits: { costUsd: 2 } }))).toMatch(
      /cannot be held to \$2: .*\n {2}Lambda time in mx-central-1\n/,
    );
    expect(await deployed({}, far).ask('three', plan())).toBeNull();
  });

  it('counts users whose pace answers set by what their workers may do', async () => {
    const { ask } = deployed();
    const users: Load = {
      kind: 'closed',
      stages: userStages([100, 100, 10]),
      pace: { kind: 'none' },
    };
    expect(await ask('one', planWith(users, 2))).toContain('up to 1200/s');
    expect(await ask('two', planWith(users, 1))).toBeNull();
  });

  it('refuses at once what its workers would, all of it in the same words', async () => {
    const { ask } = deployed();
    const refusal = await ask(
      'all-wrong',
      planWith(at(1_000, 700), 1, {
        target: 'http://127.0.0.1:8080',
        regions: [{ name: 'ap-south-1', share: 1, workers: 1 }],
        requests: [
          {
            ...makeRequest('GET /', 1),
            headers: [
              ['authorization', 'Bearer abc'],
              ['a', '${env:AWS_SESSION_TOKEN}${secret:TOKEN}'],
            ],
          },
        ],
      }),
    );
    expect(refusal?.split('\n')).toEqual([
      expect.stringContaining('there are no workers in ap-south-1'),
      expect.stringContaining('lasts 12 minutes, and this deployment allows 10'),
      expect.stringContaining(
        'would start 1000/s, and this deployment allows 300/s: use 4 workers',
      ),
      expect.stringContaining('the target is 127.0.0.1 at port 8080, and this deployment allows'),
      expect.stringContaining('${env:AWS_SESSION_TOKEN} is of this machine'),
      expect.stringContaining('secret TOKEN is not among those'),
      expect.stringContaining('write authorization: "Bearer ${secret:TOKEN}"'),
    ]);
  });
});
