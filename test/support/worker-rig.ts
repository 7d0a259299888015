import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import { type Character, startTarget, type Target } from '../../bench/target-server.js';
import { ControlWatch } from '../../lib/load/control-watch.js';
import { Pacer } from '../../lib/load/pacer.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { ThreadHealth } from '../../lib/load/thread-health.js';
import type { WorkerSetting } from '../../lib/load/worker.js';
import { COUNTERS } from '../../lib/measure/counters.js';
import { decodeCounters } from '../../lib/measure/fragment.js';
import type { Manifest } from '../../lib/measure/manifest.js';
import type { FrozenPlan, ShardRef } from '../../lib/plan/frozen-plan.js';
import type { Load } from '../../lib/plan/plan.js';
import type { StopOrder } from '../../lib/store/control.js';
import { type RunFiles, runFiles } from '../../lib/store/run-files.js';
import type { Store } from '../../lib/store/store.js';
import { constantRate, frozenFor, planFor, requestOf } from './load-plans.js';

export const FACTS = { node: 'v20', arch: 'x64', cores: 2, threads: 1, thread: 0, engine: 'test' };
const CTRL_C: StopOrder = { atMs: 0, by: 'interrupt', cause: 'Ctrl-C' };

/** One run of one worker, and what an orchestrator would do with it. */
export interface WorkerRig {
  readonly server: Target;
  readonly files: RunFiles;
  readonly ref: ShardRef;
  go(): Promise<unknown>;
  stop(): Promise<unknown>;
  refusals(): Promise<string[]>;
}

export interface RigOptions {
  readonly load?: Load;
  readonly character?: Character;
  /** What differs in the plan that is in the store. */
  readonly frozen?: Partial<FrozenPlan>;
}

let runs = 0;
export async function workerRig(folder: Store, options: RigOptions): Promise<WorkerRig> {
  const { load = constantRate(100, 0.3), character } = options;
  const server = await startTarget(character);
  const run = `worker-${++runs}`;
  const files = runFiles(folder, run);
  const requests = [requestOf('GET /a', { weight: 2 }), requestOf('POST /b')];
  const frozen = frozenFor(planFor(server.url, load, { requests }), { run });
  await files.plan.write({ ...frozen, ...options.frozen });
  await files.control.create({
    schema: 'isochrone.control/1',
    startAtMs: null,
    legs: [{ state: 'armed', void: [] }],
    stop: null,
  });
  return {
    server,
    files,
    ref: { run, region: 'local', leg: 0, n: 0, attempt: 1 },
    go: () =>
      files.control.update((now) => ({
        ...now,
        startAtMs: Date.now() + 80,
        legs: [{ ...now.legs[0]!, state: 'go' }],
      })),
    stop: () => files.control.update((now) => ({ ...now, stop: CTRL_C })),
    refusals: async () => (await files.refused.list()).map(({ refusal }) => refusal.reason),
  };
}

/** What a worker is given by its thread; by default it never loses sight of control. */
export function settingFor(run: string, store: Store, leaseMs = 60_000): WorkerSetting {
  const clock = new RunClock();
  const pacer = new Pacer('timer', clock);
  const { control } = runFiles(store, run);
  return {
    store,
    clock,
    pacer,
    health: new ThreadHealth(clock, pacer),
    control: new ControlWatch({ read: () => control.read(), everyMs: 20, leaseMs }),
    env: {},
    userAgent: 'test',
    facts: FACTS,
  };
}

export const ready = ({ files }: WorkerRig, ref: ShardRef) =>
  vi.waitUntil(() => files.ready.read(ref));

/** The same store, but for some of what it does. */
export function storeBut(store: Store, change: Partial<Store>): Store {
  return {
    address: store.address,
    read: (key) => store.read(key),
    list: (prefix, after) => store.list(prefix, after),
    folders: (prefix) => store.folders(prefix),
    create: (key, bytes) => store.create(key, bytes),
    write: (key, bytes) => store.write(key, bytes),
    swap: (key, bytes, tag) => store.swap(key, bytes, tag),
    now: () => store.now(),
    ...change,
  };
}

/** The manifest is borne out by what lies in the store: every fragment, its digest, and the sums. */
export async function expectProven({ files, ref }: WorkerRig): Promise<Manifest> {
  const manifest = (await files.manifests.read(ref))!;
  const found = await files.fragments.list();
  expect(manifest.fragments.map(({ seq }) => seq)).toEqual(found.map(({ seq }) => seq));
  expect(found.map(({ seq }) => seq)).toEqual(found.map((_, at) => at));
  const sums = COUNTERS.map(() => 0);
  for (const [at, fragment] of found.entries()) {
    const bytes = (await files.fragments.read(fragment))!;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(manifest.fragments[at]!.sha256).toBe(sha256);
    const { rows, shard } = decodeCounters(bytes);
    expect(shard).toMatchObject({ n: ref.n, attempt: ref.attempt, final: at + 1 === found.length });
    for (const { values } of rows) {
      for (const [i, value] of values.entries()) sums[i]! += value;
    }
  }
  expect(COUNTERS.map((name) => manifest.totals[name])).toEqual(sums);
  const { scheduled, ok, failed, cutDeadline, cutStop, ...rest } = manifest.totals;
  const dropped = rest.droppedGenerator + rest.droppedTarget;
  expect(scheduled).toBe(ok + failed + cutDeadline + cutStop + dropped);
  return manifest;
}
