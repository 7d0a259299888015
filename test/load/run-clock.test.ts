import { describe, expect, it } from 'vitest';
import { RunClock } from '../../lib/load/run-clock.js';

describe('the clock of a run', () => {
  it('is before everything in the run until the start instant is known', () => {
    const clock = new RunClock();
    expect(clock.nowUs()).toBeLessThan(-3_600_000_000);
    clock.startAt(clock.wallMs() - 5_000);
    expect(clock.nowUs()).toBeGreaterThanOrEqual(5_000_000);
  });

  it.each([-540_000, 0, 130_000])('goes over to the monotonic clock and back (%i ms)', (inMs) => {
    const clock = new RunClock();
    clock.startAt(clock.wallMs() + inMs);
    const before = performance.now() * 1_000;
    const monotonicUs = clock.monotonicAt(clock.nowUs());
    // Instants of the run are floored.
    expect(monotonicUs).toBeGreaterThanOrEqual(before - 2);
    expect(monotonicUs).toBeLessThanOrEqual(performance.now() * 1_000);
    expect(clock.atMonotonic(clock.monotonicAt(1_234_567) + 0.5)).toBe(1_234_567);
  });

  it('leaves spans on the monotonic clock alone when the start instant becomes known', () => {
    const clock = new RunClock();
    const fromUs = clock.monotonicAt(clock.nowUs());
    clock.startAt(clock.wallMs() + 60_000);
    const spanUs = clock.monotonicAt(clock.nowUs()) - fromUs;
    expect(spanUs).toBeGreaterThanOrEqual(-2);
    expect(spanUs).toBeLessThan(10_000_000);
  });
});
