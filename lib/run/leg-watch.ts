import type { FrozenPlan, Leg, ShardRef } from '../plan/frozen-plan.js';
import { shardRefs } from '../plan/split.js';
import type { Control } from '../store/control.js';
import type { RunFiles } from '../store/run-files.js';
import type { OrchestrateSetting } from './orchestrate.js';

const ATTEMPTS = 2;

interface Entry {
  ref: ShardRef;
  startedAtMs: number;
  claimed: boolean;
  ready: boolean;
  /** Has a manifest, or will never have one. */
  over: 'reported' | 'gone' | null;
}

/** How a shard stands, by its latest attempt. */
export interface ShardState {
  readonly ref: ShardRef;
  readonly ready: boolean;
  readonly over: 'reported' | 'gone' | null;
}

/** What others may know of a leg that is watched. */
export type WatchedLeg = Pick<LegWatch, 'leg' | 'shards'>;

/** One leg as the orchestrator sees it: armed, fired, watched until each shard is accounted for. */
export class LegWatch {
  readonly leg: Leg;
  readonly #frozen: FrozenPlan;
  readonly #files: RunFiles;
  readonly #setting: OrchestrateSetting;
  #entries: Entry[] = [];
  #armed = false;

  constructor(frozen: FrozenPlan, leg: Leg, files: RunFiles, setting: OrchestrateSetting) {
    this.#frozen = frozen;
    this.leg = leg;
    this.#files = files;
    this.#setting = setting;
  }

  /** Of all its shards, once it is armed. */
  get shards(): readonly ShardState[] {
    return this.#entries;
  }

  /** Nothing more will come of this leg. */
  settled(control: Control): boolean {
    if (!this.#armed) return control.stop !== null;
    if (control.legs[this.leg.index]?.state !== 'go') return control.stop !== null;
    return this.#entries.every((entry) => entry.over !== null);
  }

  /** Does what the time has come for; returns control as it is afterwards. */
  async tick(control: Control): Promise<Control> {
    if (control.legs[this.leg.index]?.state === 'go') {
      await this.#watch(control);
      return control;
    }
    if (control.stop || !this.#due(control)) return control;
    if (!this.#armed) await this.#arm();
    return this.#muster(control);
  }

  #startsAtMs(control: Control): number | null {
    return control.startAtMs === null ? null : control.startAtMs + this.leg.startUs / 1000;
  }

  #due(control: Control): boolean {
    if (this.leg.index === 0) return true;
    const startsAtMs = this.#startsAtMs(control);
    const { clock, timing } = this.#setting;
    return startsAtMs !== null && clock.nowMs() >= startsAtMs - timing.armMs;
  }

  async #arm(): Promise<void> {
    this.#armed = true;
    for (const ref of shardRefs(this.#frozen, this.leg.index)) {
      const entry = { ref, startedAtMs: 0, claimed: false, ready: false, over: null };
      this.#entries.push(entry);
      await this.#start(entry, ref);
    }
  }

  async #start(entry: Entry, ref: ShardRef): Promise<void> {
    entry.ref = ref;
    entry.startedAtMs = this.#setting.clock.nowMs();
    entry.claimed = false;
    entry.ready = false;
    await this.#setting.invoker.start(ref);
  }

  /** Counts who is ready; fires when all are, and replaces or gives up who never will be. */
  async #muster(control: Control): Promise<Control> {
    const { timing, clock, invoker } = this.#setting;
    const places = this.#frozen.regions.map(({ name }) => ({ region: name, leg: this.leg.index }));
    const claimed = await names(places, (place) => this.#files.claims.list(place));
    const ready = await names(places, (place) => this.#files.ready.list(place));
    const failed: [Entry, string][] = [];
    for (const entry of this.#entries) {
      entry.claimed ||= claimed.has(nameOf(entry.ref));
      entry.ready ||= ready.has(nameOf(entry.ref));
      if (entry.over) continue;
      const trouble = invoker.gone(entry.ref);
      const waitedMs = clock.nowMs() - entry.startedAtMs;
      if (trouble !== null) failed.push([entry, trouble]);
      else if (entry.ready) continue;
      else if (!entry.claimed && waitedMs > timing.claimMs)
        failed.push([entry, 'it never started']);
      else if (waitedMs > timing.readyMs) failed.push([entry, 'it was not ready in time']);
    }
    for (const [entry, why] of failed) {
      const after = await this.#replace(entry, why);
      if (after.stop) return after;
    }
    const missing = this.#entries.some((entry) => !entry.over && !entry.ready);
    const startsAtMs = this.#startsAtMs(control);
    // A later leg goes at its instant with whoever is there; the first one waits for all.
    if (missing && (startsAtMs === null || clock.nowMs() < startsAtMs)) return control;
    return this.#fire();
  }

  async #replace(entry: Entry, why: string): Promise<Control> {
    const { ref } = entry;
    const voided = `${ref.region}/${ref.n}.${ref.attempt}`;
    const cancel = ref.attempt >= ATTEMPTS && this.leg.index === 0;
    const control = await this.#files.control.update((now) => ({
      ...now,
      legs: now.legs.map((leg, index) =>
        index === this.leg.index ? { ...leg, void: [...leg.void, voided] } : leg,
      ),
      stop: cancel
        ? {
            atMs: this.#setting.clock.nowMs(),
            by: 'cancelled',
            cause: `worker ${ref.n} of ${ref.region} could not be started twice: ${why}`,
          }
        : now.stop,
    }));
    if (control.stop) return control;
    if (ref.attempt >= ATTEMPTS) entry.over = 'gone';
    else await this.#start(entry, { ...ref, attempt: ref.attempt + 1 });
    return control;
  }

  #fire(): Promise<Control> {
    const { clock, timing } = this.#setting;
    return this.#files.control.update((now) => ({
      ...now,
      startAtMs: now.startAtMs ?? clock.nowMs() + timing.leadMs,
      legs: now.legs.map((leg, index) =>
        index === this.leg.index ? { ...leg, state: 'go' as const } : leg,
      ),
    }));
  }

  async #watch(control: Control): Promise<void> {
    const open = this.#entries.filter((entry) => entry.over === null);
    if (open.length === 0) return;
    const places = this.#frozen.regions.map(({ name }) => ({ region: name, leg: this.leg.index }));
    const reported = await names(places, (place) => this.#files.manifests.list(place));
    const late = this.#setting.clock.nowMs() > this.#deadlineMs(control);
    for (const entry of open) {
      // In this order: a worker is known to be gone only after its last word was looked for.
      const gone = this.#setting.invoker.gone(entry.ref) !== null || late;
      if (reported.has(nameOf(entry.ref))) entry.over = 'reported';
      else if (gone && (await this.#files.manifests.read(entry.ref))) entry.over = 'reported';
      else if (gone) entry.over = 'gone';
    }
  }

  #deadlineMs(control: Control): number {
    const { timing } = this.#setting;
    const endsAtMs =
      (control.startAtMs ?? 0) + (this.leg.endUs + this.#frozen.graceUs) / 1000 + timing.uploadMs;
    return control.stop ? Math.min(endsAtMs, control.stop.atMs + timing.stopMs) : endsAtMs;
  }
}

function nameOf(ref: ShardRef): string {
  return `${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`;
}

async function names(
  places: readonly { region: string; leg: number }[],
  list: (place: { region: string; leg: number }) => Promise<ShardRef[]>,
): Promise<Set<string>> {
  const found = await Promise.all(places.map(list));
  return new Set(found.flat().map(nameOf));
}
