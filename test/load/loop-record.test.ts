import { describe, expect, it } from 'vitest';
import { LoopRecord } from '../../lib/load/loop-record.js';

const SECOND = 1_000_000;

/** A loop that is told what happened to it, second by second. */
class Told {
  readonly record = new LoopRecord();
  atUs = 0;
  busyUs = 0;

  get reading() {
    return { atUs: this.atUs, busyUs: this.busyUs };
  }

  /** `delaysUs` of the hundred instants of each second; those not given came in time. */
  seconds(n: number, busy: number, delaysUs: readonly number[] = []): void {
    for (let i = 0; i < n; i++) {
      for (let at = 0; at < 100; at++) this.record.instant(delaysUs[at] ?? 100);
      this.atUs += SECOND;
      this.busyUs += busy * SECOND;
      this.record.second(this.reading);
    }
  }
}

/** One second in which the loop stood still for so long. */
function standstill(ms: number): number[] {
  return Array.from({ length: ms / 10 }, (_, i) => (ms - 10 * i) * 1000);
}

describe('how late a loop came', () => {
  it('counts a standstill for every instant that it covers', () => {
    const told = new Told();
    const span = told.record.begin(told.reading);
    told.seconds(4, 0.1);
    told.seconds(1, 0.1, standstill(1_000));
    told.seconds(5, 0.1);
    told.record.judge(span, told.reading);
    // Of ten seconds one in a hundred: the tenth of a second in which it was longest.
    expect(span.worst.delay).toEqual({ p99Us: 900_000, fromUs: 0 });
  });

  it('forgets nothing of a window that has passed', () => {
    const told = new Told();
    const span = told.record.begin(told.reading);
    told.seconds(20, 0.1);
    told.seconds(1, 0.1, standstill(1_000));
    told.seconds(60, 0.1);
    told.record.judge(span, told.reading);
    expect(span.worst.delay?.p99Us).toBe(900_000);
    expect(span.worst.delay?.fromUs).toBeGreaterThanOrEqual(11 * SECOND);
    expect(span.worst.delay?.fromUs).toBeLessThanOrEqual(20 * SECOND);
  });

  it('does not mind a few instants that are late in ten seconds', () => {
    const told = new Told();
    const span = told.record.begin(told.reading);
    told.seconds(9, 0.1);
    told.seconds(1, 0.1, standstill(90));
    told.record.judge(span, told.reading);
    expect(span.worst.delay?.p99Us).toBe(100);
  });
});

describe('how busy it was', () => {
  it('is that of the busiest ten seconds, wherever they lie', () => {
    const told = new Told();
    const span = told.record.begin(told.reading);
    told.seconds(25, 0.1);
    told.seconds(10, 0.9);
    told.seconds(25, 0.1);
    told.record.judge(span, told.reading);
    expect(span.worst.busy?.share).toBeCloseTo(0.9, 6);
    expect(span.worst.busy?.fromUs).toBe(25 * SECOND);
  });

  it('counts a shorter span as one window, and nothing that lies outside of it', () => {
    const told = new Told();
    told.seconds(8, 1);
    const span = told.record.begin(told.reading);
    told.seconds(3, 0.4);
    told.record.judge(span, told.reading);
    told.seconds(6, 0);
    told.record.judge(span, told.reading);
    expect(span.worst.busy).toEqual({ share: expect.closeTo(0.4, 6), fromUs: 8 * SECOND });
  });

  it('tells nothing of less than a second', () => {
    const told = new Told();
    const span = told.record.begin(told.reading);
    for (let i = 0; i < 99; i++) told.record.instant(50_000);
    told.record.judge(span, { atUs: 990_000, busyUs: 990_000 });
    expect(span.worst).toEqual({ delay: null, busy: null });
  });
});

it('two shards of one thread each see their own time', () => {
  const told = new Told();
  const early = told.record.begin(told.reading);
  told.seconds(12, 0.8, standstill(200));
  told.record.judge(early, told.reading);
  told.record.end(early);
  const late = told.record.begin(told.reading);
  told.seconds(12, 0.2);
  told.record.judge(late, told.reading);
  expect(early.worst.busy?.share).toBeCloseTo(0.8, 6);
  expect(late.worst.busy?.share).toBeCloseTo(0.2, 6);
  expect(early.worst.delay?.p99Us).toBeGreaterThan(100_000);
  expect(late.worst.delay?.p99Us).toBe(100);
});
