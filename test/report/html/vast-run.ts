import { writeFileSync } from 'node:fs';
import { Random } from '../../../bench/random.js';
import { COUNTERS } from '../../../lib/measure/counters.js';
import type { FragmentContent, HistogramEntry } from '../../../lib/measure/fragment-content.js';
import { Histogram } from '../../../lib/measure/histogram.js';
import { buildReport } from '../../../lib/report/build-report.js';
import { renderHtml } from '../../../lib/report/html/html.js';
import { frozenPlan, openLoad, S, START_MS } from '../simulated-run.js';
import { vastReport } from './vast-report.js';

/**
 * A process of its own that makes the page of a run of ten hours, thirty regions and a hundred
 * requests, and tells what that took: `merge` from merged measurements, `page` from a report of
 * which everything is there.
 */
const METRICS = [
  'latency',
  'service',
  'ttfb',
  'lag',
  'blocked',
  'firstByte',
  'body',
  'processing',
] as const;
const SAMPLES = 200;
const WINDOWS = 60;

const [what = '', out = ''] = process.argv.slice(2);
const make = what === 'merge' ? merged() : whole();
globalThis.gc?.();
const restingMb = process.memoryUsage().rss / 1e6;
const before = process.cpuUsage();
const html = make();
const { user, system } = process.cpuUsage(before);
writeFileSync(out, html);
const peakMb = process.resourceUsage().maxRSS / 1e3;
process.stdout.write(
  JSON.stringify({
    cpuSeconds: (user + system) / 1e6,
    aboveMb: peakMb - restingMb,
    megabytes: Buffer.byteLength(html) / 1e6,
  }),
);

function whole(): () => string {
  const report = vastReport();
  return () => renderHtml(report);
}

function merged(): () => string {
  const random = new Random(1);
  const requests = Array.from({ length: 100 }, (_, i) => `GET /resources/${i}`);
  const frozen = frozenPlan({
    regions: Array.from({ length: 30 }, (_, i) => `region-${i}`),
    requests,
    load: openLoad(
      { rate: 20, s: 600, warmup: true },
      { rate: 30, s: 9_000, name: 'morning' },
      { rate: 60, s: 14_400, name: 'noon' },
      { rate: 30, s: 12_000, name: 'evening' },
    ),
  });
  const windowUs = 600 * S;
  const timeline = {
    stages: frozen.stages.map(({ startUs, endUs }) => ({ startUs, endUs })),
    ...{ windowUs, blockUs: windowUs, longUs: windowUs, tailUs: windowUs },
  };
  const sampled = (): Histogram => {
    const histogram = new Histogram();
    for (let i = 0; i < SAMPLES; i++) histogram.record(Math.round(20_000 * random.lognormal(0.5)));
    return histogram;
  };
  const contents = frozen.regions.map(({ name }): FragmentContent => {
    const stages = [...frozen.stages.keys()];
    const ofRequests = requests.flatMap((_, subject) =>
      stages.flatMap((index) =>
        METRICS.map(
          (metric): HistogramEntry => ({
            ...{ span: 'stage', index, subject, metric, histogram: sampled() },
          }),
        ),
      ),
    );
    const windows = Array.from({ length: WINDOWS }, (_, window) => window);
    const ofWindows = windows.flatMap((index) =>
      (['latency', 'service'] as const).map(
        (metric): HistogramEntry => ({
          ...{ span: 'window', index, subject: -1, metric, histogram: sampled() },
        }),
      ),
    );
    const values = COUNTERS.map((_, i) => (i < 2 ? 10 : 0));
    return {
      run: frozen.run,
      region: name,
      shard: null,
      covers: [],
      cutAtUs: 0,
      timeline,
      requests,
      addresses: [],
      rows: windows.flatMap((window) =>
        requests.map((_, request) => ({ window, request, values })),
      ),
      histograms: [...ofRequests, ...ofWindows],
      errors: [],
    };
  });
  const record = {
    frozen,
    startAtMs: START_MS,
    endedAtMs: START_MS + 36_000_000,
    end: { kind: 'complete' },
    shards: [],
    fragments: [],
    refused: [],
  } as const;
  return () => renderHtml(buildReport(record, contents));
}
