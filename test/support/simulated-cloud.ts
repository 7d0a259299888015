import { fragmentEveryUs, runTimeline } from '../../lib/load/run-timeline.js';
import { COUNTERS } from '../../lib/measure/counters.js';
import { encodeFragment } from '../../lib/measure/fragment.js';
import type { FragmentContent } from '../../lib/measure/fragment-content.js';
import { fragmentId } from '../../lib/measure/fragment-content.js';
import { Histogram } from '../../lib/measure/histogram.js';
import { Timeline } from '../../lib/measure/timeline.js';
import type { FrozenPlan, ShardRef } from '../../lib/plan/frozen-plan.js';
import type { Invoker, Merger, Timekeeper } from '../../lib/run/ports.js';
import type { Control, RunEnd } from '../../lib/store/control.js';
import { fragmentKey, type Place, type RunFiles, runFiles } from '../../lib/store/run-files.js';
import { MemoryStore } from './memory-store.js';
import { SimulatedTime } from './simulated-time.js';

const AT = Object.fromEntries(COUNTERS.map((name, index) => [name, index])) as Record<
  (typeof COUNTERS)[number],
  number
>;

/** What a worker does that nothing befalls, ms. */
const WORKER = { claimsAfter: 900, readyAfter: 4_200, lastAnswerAfter: 700, uploads: 250 };

/**
 * Functions and a bucket as an orchestrator sees them, by a clock that only moves when it waits:
 * workers are objects that appear in the store at their time.
 */
export class SimulatedCloud implements Invoker, Merger {
  readonly time: SimulatedTime;
  readonly store = new MemoryStore();
  readonly files: RunFiles;
  readonly frozen: FrozenPlan;
  /** Attempts that were asked for, in order: `region/leg/n.attempt`. */
  readonly started: string[] = [];
  readonly merged: string[] = [];
  /** When each leg was fired, ms since the epoch, as often as it was. */
  readonly fired: number[][];
  /** Good answers that were told, by region. */
  readonly answers = new Map<string, number>();
  /** Of these attempts nothing is ever heard. */
  readonly dead = new Set<string>();
  /** The largest `state.json` that was written, bytes. */
  largestState = 0;
  /** Which of an interval's requests fail, by the second in which they are due. */
  fails: (second: number, ref: ShardRef) => boolean = () => false;
  readonly #timeline: Timeline;
  readonly #everyMs: number;
  readonly #perSecond: number;
  #control: Control | null = null;
  readonly #ready: ShardRef[] = [];
  readonly #sending = new Set<string>();

  constructor(frozen: FrozenPlan, perSecond: number = 3) {
    this.frozen = frozen;
    this.time = new SimulatedTime(frozen.createdAtMs);
    this.files = runFiles(this.store, frozen.run);
    this.fired = frozen.legs.map(() => []);
    this.#timeline = new Timeline(runTimeline(frozen));
    this.#everyMs = fragmentEveryUs(frozen) / 1000;
    this.#perSecond = perSecond;
    const controlKey = `runs/${frozen.run}/control.json`;
    const stateKey = `runs/${frozen.run}/state.json`;
    this.store.onWrite = (key, bytes) => {
      if (key === stateKey) this.largestState = Math.max(this.largestState, bytes.length);
      if (key === controlKey) this.#heard(JSON.parse(Buffer.from(bytes).toString()) as Control);
    };
  }

  get clock(): Timekeeper {
    return this.time;
  }

  async start(ref: ShardRef): Promise<void> {
    const name = nameOf(ref);
    // A second delivery finds the claim, and leaves.
    const again = this.started.includes(name);
    this.started.push(name);
    if (again || this.dead.has(name)) return;
    const { run } = this.frozen;
    const path = `${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`;
    const note = Buffer.from('{}');
    this.time.after(WORKER.claimsAfter, () => {
      this.store.put(`raw/${run}/claims/${path}`, note);
    });
    this.time.after(WORKER.readyAfter + 137 * ref.n, () => {
      this.store.put(`raw/${run}/ready/${path}`, note);
      this.#ready.push(ref);
      this.#send();
    });
  }

  gone(): string | null {
    return null;
  }

  async place({ region, leg }: Place): Promise<void> {
    this.merged.push(`${region}/${leg}`);
    this.time.after(3_000, () => {
      this.store.put(`raw/${this.frozen.run}/partials/${region}.${leg}.json`, Buffer.from('{}'));
    });
  }

  async run(end: RunEnd): Promise<void> {
    this.time.after(5_000, () => {
      const state = { schema: 'isochrone.state/1', run: this.frozen.run, phase: 'ended', end };
      this.store.put(`runs/${this.frozen.run}/state.json`, Buffer.from(JSON.stringify(state)));
    });
  }

  #heard(control: Control): void {
    control.legs.forEach(({ state }, leg) => {
      const before = this.#control?.legs[leg]?.state;
      if (state === 'go' && before !== 'go') this.fired[leg]!.push(this.time.nowMs());
    });
    this.#control = control;
    this.#send();
  }

  /** Those that are ready and have their go begin to tell. */
  #send(): void {
    const { legs, startAtMs } = this.#control ?? { legs: [], startAtMs: null };
    for (const ref of this.#ready) {
      const { state, void: voided } = legs[ref.leg] ?? { state: 'armed', void: [] };
      if (startAtMs === null || state !== 'go' || this.#sending.has(nameOf(ref))) continue;
      if (voided.includes(`${ref.region}/${ref.n}.${ref.attempt}`)) continue;
      this.#sending.add(nameOf(ref));
      // By the leg's beginning, not by the go: so that two runs can be compared that were led apart.
      const beginsMs = startAtMs + this.frozen.legs[ref.leg]!.startUs / 1000;
      const phaseMs = (ref.n * 173 + 11) % 1_000;
      const waitMs = Math.max(0, beginsMs - this.time.nowMs()) + phaseMs;
      this.time.after(waitMs, () => this.#tell(ref, startAtMs, 0, 0));
    }
  }

  /** The seq-th fragment, cut an interval after the one before, until the leg is over. */
  #tell(ref: ShardRef, startAtMs: number, seq: number, fromUs: number): void {
    const { startUs, endUs } = this.frozen.legs[ref.leg]!;
    const overAtMs = startAtMs + endUs / 1000 + WORKER.lastAnswerAfter;
    const stopAtMs = (this.#control?.stop?.atMs ?? Number.POSITIVE_INFINITY) + 1_000;
    const endAtMs = Math.min(overAtMs, stopAtMs);
    const final = this.time.nowMs() + this.#everyMs >= endAtMs;
    const waitMs = Math.max(0, Math.min(this.#everyMs, endAtMs - this.time.nowMs()));
    this.time.after(waitMs, () => {
      const cutAtUs = Math.round((this.time.nowMs() - startAtMs) * 1000);
      const untilUs = Math.min(cutAtUs, endUs);
      const firstUs = Math.max(fromUs, startUs);
      const content = this.#content(ref, seq, final, [firstUs, untilUs], cutAtUs);
      if (this.dead.has(`${nameOf(ref)}/${seq}`)) return;
      this.time.after(WORKER.uploads, () => {
        this.store.put(fragmentKey(ref, seq), encodeFragment(content));
        const region = this.answers.get(ref.region) ?? 0;
        this.answers.set(
          ref.region,
          region + content.rows.reduce((n, r) => n + r.values[AT.ended]!, 0),
        );
        if (!final) return;
        const path = `${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`;
        const key = `runs/${this.frozen.run}/manifests/${path}.json`;
        const manifest = { schema: 'isochrone.manifest/1', run: ref.run };
        this.store.put(key, Buffer.from(JSON.stringify(manifest)));
      });
      if (!final) this.#tell(ref, startAtMs, seq + 1, untilUs);
    });
  }

  /** So many requests a second, each answered at once, and slower ones now and then. */
  #content(
    ref: ShardRef,
    seq: number,
    final: boolean,
    [fromUs, toUs]: readonly [number, number],
    cutAtUs: number,
  ): FragmentContent {
    const { run, plan } = this.frozen;
    const rows = new Map<number, number[]>();
    const latencies = new Map<number, Histogram>();
    for (let dueUs = Math.ceil(fromUs / 1e6) * 1e6; dueUs < toUs; dueUs += 1e6) {
      const window = this.#timeline.windowAt(dueUs);
      const values = rows.get(window) ?? COUNTERS.map(() => 0);
      rows.set(window, values);
      const failed = this.fails(dueUs / 1e6, ref) ? this.#perSecond : 0;
      values[AT.scheduled]! += this.#perSecond;
      values[AT.ended]! += this.#perSecond;
      values[AT.endedFailed]! += failed;
      values[AT.failed]! += failed;
      values[AT.ok]! += this.#perSecond - failed;
      if (failed > 0) continue;
      const latency = latencies.get(window) ?? new Histogram();
      latencies.set(window, latency);
      for (let i = 0; i < this.#perSecond; i++) {
        // A few octaves, as real ones have.
        latency.record(8_000 + ((dueUs / 1e6 + 7 * i + 13 * ref.n) % 97) ** 2 * 11);
      }
    }
    const { leg, n, attempt } = ref;
    return {
      run,
      region: ref.region,
      shard: { leg, n, attempt, seq, final },
      covers: [fragmentId({ ...ref, seq })],
      cutAtUs,
      timeline: this.#timeline.spec,
      requests: plan.requests.map(({ name }) => name),
      addresses: [],
      rows: [...rows].map(([window, values]) => ({ window, request: 0, values })),
      histograms: [...latencies].map(([index, histogram]) => ({
        span: 'window' as const,
        index,
        subject: -1,
        metric: 'latency' as const,
        histogram,
      })),
      errors: [],
    };
  }
}

function nameOf({ region, leg, n, attempt }: ShardRef): string {
  return `${region}/${leg}/${n}.${attempt}`;
}
