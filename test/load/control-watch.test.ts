import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ControlWatch } from '../../lib/load/control-watch.js';
import type { Control } from '../../lib/store/control.js';

const EVERY_MS = 100;
const LEASE_MS = 1_000;

const ARMED: Control = {
  schema: 'isochrone.control/1',
  startAtMs: null,
  legs: [{ state: 'armed', void: [] }],
  stop: null,
};
const GO: Control = { ...ARMED, startAtMs: 5, legs: [{ state: 'go', void: [] }] };

/** What the next reading brings: a control, nothing, an error, or an answer that takes its time. */
let next: () => Promise<Control | null>;
let readings: number;
let watch: ControlWatch;
let phase: number;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'],
  });
  phase = 1;
  next = async () => ARMED;
  readings = 0;
  watch = new ControlWatch({
    read: () => {
      readings++;
      return next();
    },
    everyMs: EVERY_MS,
    leaseMs: LEASE_MS,
    phase: () => phase,
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const away = () => Promise.reject(new Error('the store is away'));

function listener() {
  const heard: Control[] = [];
  const state = { heard, losses: 0, leave: () => {} };
  state.leave = watch.listen(
    (control) => heard.push(control),
    () => {
      state.losses++;
    },
  );
  return state;
}

describe('who listens to control', () => {
  it('hears it at once, and then after every reading', async () => {
    const first = listener();
    await pass(0);
    expect(first.heard).toEqual([ARMED]);
    next = async () => GO;
    await pass(3 * EVERY_MS);
    expect(first.heard).toEqual([ARMED, GO, GO, GO]);
    // Who comes later need not wait for a reading, and costs none.
    const second = listener();
    expect(second.heard).toEqual([GO]);
    await pass(EVERY_MS);
    expect(second.heard).toEqual([GO, GO]);
    expect(readings).toBe(5);
  });

  it('hears nothing after leaving, and with the last one the readings end', async () => {
    const [first, second] = [listener(), listener()];
    await pass(0);
    first.leave();
    await pass(EVERY_MS);
    expect([first.heard.length, second.heard.length]).toEqual([1, 2]);
    second.leave();
    await pass(10 * EVERY_MS);
    expect(readings).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may leave while it is being told', async () => {
    const first = listener();
    const leaves = watch.listen(
      () => queueMicrotask(() => leaves()),
      () => {},
    );
    await pass(2 * EVERY_MS);
    expect(first.heard.length).toBe(3);
  });
});

describe('many who listen from the same instant on', () => {
  it('each read at a phase of their own, which is theirs for good', async () => {
    const readsAtMs: number[][] = [];
    const leaves = Array.from({ length: 100 }, (_, n) => {
      const times: number[] = [];
      readsAtMs.push(times);
      const one = new ControlWatch({
        read: async () => {
          times.push(performance.now());
          return ARMED;
        },
        everyMs: EVERY_MS,
        leaseMs: LEASE_MS,
        ...(n < 2 && { phase: () => n / 4 }),
      });
      return one.listen(
        () => {},
        () => {},
      );
    });
    await pass(3 * EVERY_MS);
    for (const leave of leaves) leave();
    const phases = readsAtMs.map(([first, second]) => second! - first!);
    // At once, and then after a part of the time that is between all further ones.
    expect(phases.slice(0, 2)).toEqual([0, EVERY_MS / 4]);
    for (const times of readsAtMs) expect(times[2]! - times[1]!).toBe(EVERY_MS);
    for (const [from, to] of [
      [0, 0.5],
      [0.5, 1],
    ] as const) {
      const within = phases.filter((ms) => ms >= from * EVERY_MS && ms <= to * EVERY_MS);
      expect(within.length).toBeGreaterThan(20);
    }
  });
});

describe('a store that is slow', () => {
  it('is not asked again before it has answered', async () => {
    next = () => new Promise((resolve) => setTimeout(resolve, 3.5 * EVERY_MS, GO));
    const { heard } = listener();
    await pass(3 * EVERY_MS);
    expect(readings).toBe(1);
    await pass(5 * EVERY_MS);
    expect(readings).toBe(2 + 1);
    expect(heard).toEqual([GO, GO]);
  });
});

describe('control that cannot be read', () => {
  it('is lost a whole lease after the last reading, wherever the next one would fall', async () => {
    phase = 0.3;
    const only = listener();
    await pass(0.5 * EVERY_MS);
    next = away;
    await pass((0.3 - 0.5) * EVERY_MS + LEASE_MS - 1);
    expect(only.losses).toBe(0);
    await pass(1);
    expect(only.losses).toBe(1);
  });

  it.each([
    ['fails', away],
    ['finds nothing', async () => null],
    ['never answers', () => new Promise<never>(() => {})],
  ])('is lost when every reading of a lease %s, not before, and told once', async (_, read) => {
    const [first, second] = [listener(), listener()];
    await pass(EVERY_MS);
    next = read;
    await pass(LEASE_MS - 1);
    expect([first.losses, second.losses]).toEqual([0, 0]);
    await pass(1);
    expect([first.losses, second.losses]).toEqual([1, 1]);
    await pass(5 * LEASE_MS);
    expect([first.losses, second.losses]).toEqual([1, 1]);
  });

  it('is lost too when it never could be', async () => {
    next = away;
    const only = listener();
    await pass(LEASE_MS);
    expect([only.losses, only.heard.length]).toEqual([1, 0]);
  });

  it('is not lost by trouble shorter than its lease, however often', async () => {
    const only = listener();
    for (let trouble = 0; trouble < 5; trouble++) {
      next = away;
      await pass(LEASE_MS - 2 * EVERY_MS);
      next = async () => ARMED;
      await pass(EVERY_MS);
    }
    expect(only.losses).toBe(0);
    expect(only.heard.length).toBe(1 + 5);
  });

  it('is lost anew for those who came when it was back', async () => {
    const first = listener();
    next = away;
    await pass(2 * LEASE_MS);
    expect(first.losses).toBe(1);
    next = async () => GO;
    await pass(EVERY_MS);
    const second = listener();
    first.leave();
    next = away;
    await pass(2 * LEASE_MS);
    expect([first.losses, second.losses]).toEqual([1, 1]);
  });

  it('gives a whole lease to who comes after all had left', async () => {
    next = away;
    const first = listener();
    await pass(2 * LEASE_MS);
    first.leave();
    await pass(5 * LEASE_MS);
    const second = listener();
    await pass(LEASE_MS - 1);
    expect(second.losses).toBe(0);
    await pass(EVERY_MS);
    expect(second.losses).toBe(1);
  });
});
