import { expect, test } from 'vitest';
import { CLOUD_TIMING } from '../../lib/run/cloud-timing.js';
import { orchestrate } from '../../lib/run/orchestrate.js';
import { plainJournal } from '../../lib/run/ports.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { SimulatedCloud } from '../support/simulated-cloud.js';

const REASON = 'this deployment allows no load on shop.example.com';

/** Two regions of two workers; which of them are started, and what becomes of that, is ours. */
function cloud(): SimulatedCloud {
  const plan = planFor('https://shop.example.com', constantRate(10, 20), {
    regions: ['eu', 'us'].map((name) => ({ name, share: 1, workers: 2 })),
  });
  return new SimulatedCloud(frozenFor(plan, { where: 'aws' }));
}

const refuse = (of: SimulatedCloud, attempt: string, nonce: string) => {
  const key = `raw/${of.frozen.run}/refused/${attempt}.${nonce}`;
  const refusal = { nonce, atMs: of.time.nowMs(), reason: REASON };
  of.time.after(1_500, () => of.store.put(key, Buffer.from(JSON.stringify(refusal))));
};

const led = (of: SimulatedCloud, started: (attempt: string) => boolean) =>
  orchestrate(of.files, {
    freeze: async () => ({ frozen: of.frozen, refusal: null }),
    invoker: {
      start: async (ref) => {
        if (started(`${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`)) await of.start(ref);
      },
      gone: () => null,
    },
    merger: of,
    clock: of.clock,
    journal: plainJournal,
    timing: CLOUD_TIMING,
  });

test('a worker that refuses is replaced at once, and the cause is its own word', async () => {
  const of = cloud();
  const began = of.time.nowMs();
  const end = await led(of, (attempt) => {
    if (!attempt.startsWith('us/0/1.')) return true;
    refuse(of, attempt, 'n');
    return false;
  });
  expect(end).toEqual({
    kind: 'cancelled',
    cause: `worker 1 of us could not be started twice: ${REASON}`,
  });
  // Not after the twenty seconds, twice, in which one that is silent counts as not started.
  const { stop } = (await of.files.control.read())!;
  expect(stop!.atMs - began).toBeLessThan(2 * CLOUD_TIMING.claimMs);
});

test('a second delivery that refuses what the first one has claimed is no failure', async () => {
  const of = cloud();
  const claim = (attempt: string, nonce: string) =>
    of.time.after(900, () => {
      const key = `raw/${of.frozen.run}/claims/${attempt}`;
      of.store.put(key, Buffer.from(JSON.stringify({ nonce, atMs: of.time.nowMs() })));
    });
  const end = await led(of, (attempt) => {
    if (attempt !== 'eu/0/0.1') return true;
    // Slow to be ready, so that its refusals are looked for.
    claim(attempt, 'first');
    refuse(of, attempt, 'second');
    of.time.after(12_000, () => {
      void of.start({ run: of.frozen.run, region: 'eu', leg: 0, n: 0, attempt: 1 });
    });
    return false;
  });
  expect(end).toEqual({ kind: 'complete' });
  expect((await of.files.control.read())!.legs[0]!.void).toEqual([]);
});
