import { expect, test } from 'vitest';
import { Random } from '../../bench/random.js';
import { LegWatch } from '../../lib/run/leg-watch.js';
import { freeze, orderStop } from '../../lib/run/orchestrate.js';
import type { Invoker } from '../../lib/run/ports.js';
import { LOCAL_TIMING } from '../../lib/run/timing.js';
import type { Control } from '../../lib/store/control.js';
import { backwardStep } from '../../lib/store/control-order.js';
import { type RunFiles, runFiles } from '../../lib/store/run-files.js';
import type { Store } from '../../lib/store/store.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';

const RUN = 'race';
const CONTROL = `runs/${RUN}/control.json`;
const FROZEN = frozenFor(planFor('http://127.0.0.1:9', constantRate(10, 10)), {
  run: RUN,
  workers: 2,
});

/**
 * Where many call at once, one call at a time is carried out, and which one is drawn: a seed is an
 * interleaving. Remembers all that control ever was.
 */
class DrawnStore implements Store {
  readonly address = 'memory';
  readonly history: Control[] = [];
  readonly #objects = new Map<string, Buffer>();
  readonly #random: Random;
  #waiting: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Carries out calls for as long as somebody calls. */
  async carryOut(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = this.#waiting.splice(this.#random.below(this.#waiting.length), 1);
      if (!next) return;
      next();
    }
  }

  read = (key: string) =>
    this.#turn(() => {
      const bytes = this.#objects.get(key);
      return bytes ? { bytes, tag: bytes.toString() } : null;
    });

  list = (prefix: string) =>
    this.#turn(() => [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort());

  create = (key: string, bytes: Uint8Array) =>
    this.#turn(() => {
      if (this.#objects.has(key)) return false;
      this.#put(key, bytes);
      return true;
    });

  write = (key: string, bytes: Uint8Array) => this.#turn(() => this.#put(key, bytes));

  swap = (key: string, bytes: Uint8Array, tag: string) =>
    this.#turn(() => {
      if (this.#objects.get(key)?.toString() !== tag) return null;
      this.#put(key, bytes);
      return Buffer.from(bytes).toString();
    });

  folders = () => Promise.reject(new Error('nobody asks'));
  now = () => Promise.reject(new Error('nobody asks'));

  #turn<T>(call: () => T): Promise<T> {
    return new Promise((resolve) => this.#waiting.push(() => resolve(call())));
  }

  #put(key: string, bytes: Uint8Array): void {
    this.#objects.set(key, Buffer.from(bytes));
    if (key === CONTROL) this.history.push(JSON.parse(Buffer.from(bytes).toString()));
  }
}

/** One of those who lead the run: there may be two for a while, where one was taken for dead. */
async function lead(files: RunFiles, ticks: number): Promise<void> {
  const invoker: Invoker = {
    start: async (ref) => {
      const nonce = `${ref.n}.${ref.attempt}`;
      if (await files.claims.create(ref, { nonce, atMs: 0 })) {
        await files.ready.create(ref, { atMs: 0 });
      }
    },
    gone: () => null,
  };
  const setting = { invoker, clock: { nowMs: () => 1_000 }, timing: LOCAL_TIMING };
  const leg = new LegWatch(FROZEN, FROZEN.legs[0]!, files, setting);
  for (let tick = 0; tick < ticks; tick++) await leg.tick(await files.control.update(() => null));
}

const atMs = (n: number) => ({ atMs: n, by: 'user', cause: `stop ${n}` }) as const;

test('whichever way stop and go come between each other, stop is the last word', async () => {
  const outcomes = { beforeGo: 0, afterGo: 0 };
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const store = new DrawnStore(random);
    const files = runFiles(store, RUN);
    const frozen = freeze(FROZEN, files);
    await store.carryOut();
    await frozen;

    const pause = random.below(40);
    const seen: Control[][] = [[], []];
    const actors = [
      lead(files, 6),
      ...(random.below(2) ? [lead(files, 6)] : []),
      ...[1, 2].map(async (n) => {
        for (let read = 0; read < pause; read++) await files.state.read();
        return orderStop(files, atMs(n));
      }),
      ...seen.map(async (mine) => {
        for (let read = 0; read < 40; read++) mine.push((await files.control.read())!);
      }),
    ];
    await store.carryOut();
    const told = await Promise.all(actors);

    const last = store.history.at(-1)!;
    const stops = store.history.filter(({ stop }) => stop !== null);
    expect(stops, `seed ${seed}`).toEqual([last]);
    for (const [index, control] of store.history.entries()) {
      expect(index === 0 ? null : backwardStep(store.history[index - 1]!, control)).toBeNull();
    }
    // Whoever asks for a stop is told of the one that stands, be it another's.
    for (const control of told) if (control) expect(control).toEqual(last);
    // To none who reads it is a stop ever taken back, and none who reads later misses it.
    for (const mine of seen) {
      const from = mine.findIndex(({ stop }) => stop !== null);
      if (from >= 0) for (const control of mine.slice(from)) expect(control).toEqual(last);
    }
    expect(await drawn(store, () => files.control.read())).toEqual(last);
    outcomes[last.startAtMs === null ? 'beforeGo' : 'afterGo']++;
    // A go that lost leaves no trace.
    expect(last.legs[0]!.state).toBe(last.startAtMs === null ? 'armed' : 'go');
  }
  // Both races were run, or this shows nothing.
  expect(Math.min(outcomes.beforeGo, outcomes.afterGo)).toBeGreaterThan(30);
});

async function drawn<T>(store: DrawnStore, call: () => Promise<T>): Promise<T> {
  const result = call();
  await store.carryOut();
  return result;
}
