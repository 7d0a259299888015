import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FragmentContent } from '../../lib/measure/fragment-content.js';
import { Histogram } from '../../lib/measure/histogram.js';

const WANTED = 5;
const MOST = 10;
const LOOP_RESOLUTION_MS = 5;
/** Whatever disturbed one round may be over by then. */
const PAUSE_MS = 300;

/** What one round measured, and by what it is told whether the machine was quiet meanwhile. */
export interface Round {
  readonly value: number;
  /** What its shards recorded; their own lag judges the round. Absent: the event loop alone does. */
  readonly contents?: readonly FragmentContent[];
}

/**
 * The median of five rounds in which the machine did not disturb what was measured: for the few
 * tests that are about absolute times. It never passes on a machine that is too noisy to tell.
 * A round may say when its load begins: what the loop did before, opening connections, is then none
 * of the machine's noise.
 */
export async function quietMedian(round: (begin: () => void) => Promise<Round>): Promise<number> {
  const values: number[] = [];
  for (let n = 0; n < MOST && values.length < WANTED; n++) {
    const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
    loop.enable();
    const { value, contents = [] } = await round(() => loop.reset());
    loop.disable();
    const latency = merged(contents, 'latency', 'block');
    const medianUs = latency.count > 0 ? latency.percentileUs(5_000) : 0;
    const loopLateUs = loop.percentile(99) / 1_000 - LOOP_RESOLUTION_MS * 1_000;
    const lag = merged(contents, 'lag', 'long');
    const late = lag.countAbove(Math.max(5_000, medianUs / 10));
    if (loopLateUs <= Math.max(10_000, medianUs / 10) && late <= lag.count / 100) {
      values.push(value);
    } else {
      await sleep(PAUSE_MS);
    }
  }
  if (values.length < WANTED) {
    throw new Error(`machine too noisy: ${values.length} quiet rounds in ${MOST}`);
  }
  return values.sort((a, b) => a - b)[WANTED >> 1]!;
}

/** All that was recorded of one metric, of all requests or addresses. */
export function merged(
  contents: readonly FragmentContent[],
  metric: string,
  span: string,
): Histogram {
  const all = new Histogram();
  for (const { histograms } of contents) {
    for (const entry of histograms) {
      if (entry.metric === metric && entry.span === span) all.add(entry.histogram);
    }
  }
  return all;
}
