import { afterAll, expect, test } from 'vitest';
import { renderText } from '../../lib/report/render/text.js';
import { type Report, reportSchema } from '../../lib/report/report-schema.js';
import { runLocally } from '../../lib/run/local-run.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { type RemoteTarget, remoteTarget } from '../support/remote-target.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const store = FolderStore.open(folder);
const entry = new URL('../../dist/lib/run/load-thread.js', import.meta.url);
const targets: RemoteTarget[] = [];
afterAll(() => {
  for (const target of targets) target.close();
});

/** By distance from Frankfurt, the nearest last: the order is not that of the plan. */
const PLACES = ['sydney', 'ap-northeast-1', 'us-east-1', 'eu-west-1', 'paris'];

async function fiveRegions(): Promise<Report> {
  const server = await remoteTarget({ delayMs: 5 });
  targets.push(server);
  const plan = planFor(server.url, constantRate(150, 2), {
    targetAt: 'frankfurt',
    regions: PLACES.map((name) => ({ name, share: 1, workers: null })),
  });
  const frozen = frozenFor(plan, { run: 'five', createdAtMs: Date.now(), where: 'emulated' });
  return runLocally(frozen, { store, folder, entry });
}

test('five emulated regions: their medians are ordered as their distances, and all says emulated', async () => {
  const report = await fiveRegions();
  expect(reportSchema.parse(report)).toEqual(report);
  expect(report.run.where).toBe('emulated');
  expect(report.run.emulated.map(({ region }) => region)).toEqual(PLACES);

  const trips = report.run.emulated.map(({ roundTrip }) => roundTrip);
  const slices = PLACES.map(
    (name) => report.slices.find((s) => s.region === name && !s.request && !s.stage)!,
  );
  const medians = slices.map(({ latency }) => latency.p50!);
  const sorted = (list: readonly number[]) => [...list].sort((a, b) => b - a);
  expect(trips).toEqual(sorted(trips));
  expect(medians).toEqual(sorted(medians));
  slices.forEach(({ latency, service, distance }, i) => {
    for (const { min } of [latency, service, distance!])
      expect(min).toBeGreaterThanOrEqual(trips[i]!);
  });

  const text = renderText(report, { width: 100, color: false });
  // A verdict that is longer, as on a busy machine, takes a second line.
  expect(text.replace(/\n +/g, ' ')).toMatch(/^.* \(emulated, .* ms to .* ms away\)/);
  expect(text).toContain('TCP slow start was not emulated');
});
