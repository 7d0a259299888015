import type { LiveFigures, LiveRegion, Progress } from '../../lib/store/progress.js';

const WORKERS = { planned: 1, ready: 1, reported: 0, lost: 0, silent: 0 };

function figures(over: Partial<LiveFigures> = {}): LiveFigures {
  return {
    workers: WORKERS,
    knownToUs: 40_000_000,
    fromUs: 30_000_000,
    toUs: 40_000_000,
    scheduled: 25_000,
    ended: 24_800,
    failed: 62,
    rateAsked: 600,
    rateAchieved: 598.2,
    errorShare: 0.0025,
    answers: 5_980,
    p50Us: 12_340,
    p99Us: 88_000,
    series: Array.from({ length: 20 }, (_, i) => 40_000 + 30_000 * Math.round(Math.sin(i) ** 2)),
    ...over,
  };
}

export function regionOf(region: string, over: Partial<LiveFigures> = {}): LiveRegion {
  return { region, ...figures(over) };
}

/** A run of two minutes after 42 seconds, in which all is well unless a part says otherwise. */
export function progressOf(over: Partial<Progress> = {}): Progress {
  return {
    schema: 'isochrone.progress/1',
    run: '20261121-141503-checkout-7f3a',
    toldAtMs: Date.UTC(2026, 10, 21, 14, 15, 45),
    phase: 'running',
    elapsedUs: 42_300_000,
    durationUs: 120_000_000,
    graceUs: 10_000_000,
    stage: 'peak',
    amount: null,
    stopping: null,
    validity: {
      level: 'good',
      checks: [
        { check: 'lag', level: 'good', measured: null, region: null, untilUs: null },
        { check: 'offered', level: 'good', measured: 0, region: null, untilUs: null },
        { check: 'fragments', level: 'good', measured: 0, region: null, untilUs: null },
      ],
    },
    seriesStepUs: 2_000_000,
    ...figures(),
    regions: [regionOf('local')],
    ...over,
  };
}
