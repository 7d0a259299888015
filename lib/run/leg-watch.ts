import { UnavailableError } from '../errors.js';
import type { FrozenPlan, Leg, ShardRef } from '../plan/frozen-plan.js';
import type { Control } from '../store/control.js';
import type { Place, RunFiles } from '../store/run-files.js';
import type { LegMemory } from '../store/watch-memory.js';
import { atMostAtOnce } from './at-most-at-once.js';
import type { Clock, Invoker } from './ports.js';
import type { Timing } from './timing.js';
import {
  ATTEMPTS,
  attemptName,
  isOut,
  shardMemory,
  type WatchedShard,
  watchedShards,
} from './watched-shard.js';

const NONE: ReadonlySet<string> = new Set();
/** Workers that are asked for at a time. */
const AT_ONCE = 32;
/** Who is not ready by then may have refused. */
const SLOW_MS = 5_000;

/** How a shard stands, by its latest attempt. */
export interface ShardState {
  readonly ref: ShardRef;
  readonly ready: boolean;
  readonly over: 'reported' | 'gone' | null;
}

/** What others may know of a leg that is watched. */
export type WatchedLeg = Pick<LegWatch, 'leg' | 'shards'>;

export interface LegWatchSetting {
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly timing: Timing;
}

/**
 * One leg as the orchestrator sees it: armed, fired, watched until each shard is accounted for.
 * Whoever takes over from another orchestrator gives its memory; what that does not tell, the
 * store does: an attempt that is asked for twice is claimed once.
 */
export class LegWatch {
  readonly leg: Leg;
  /** Its places were handed to merge. */
  merging: boolean;
  readonly #frozen: FrozenPlan;
  readonly #files: RunFiles;
  readonly #setting: LegWatchSetting;
  readonly #memory: LegMemory | null;
  #entries: WatchedShard[] = [];
  #armed = false;

  constructor(
    frozen: FrozenPlan,
    leg: Leg,
    files: RunFiles,
    setting: LegWatchSetting,
    memory: LegMemory | null = null,
  ) {
    this.#frozen = frozen;
    this.leg = leg;
    this.#files = files;
    this.#setting = setting;
    this.#memory = memory;
    this.merging = memory?.merging ?? false;
  }

  /** Of all its shards, once it is armed. */
  get shards(): readonly ShardState[] {
    return this.#entries;
  }

  get places(): readonly Place[] {
    return this.#frozen.regions.map(({ name }) => ({ region: name, leg: this.leg.index }));
  }

  /** For whoever takes over; null before it is armed. */
  memory(): LegMemory | null {
    if (!this.#armed) return null;
    return {
      leg: this.leg.index,
      merging: this.merging,
      shards: this.#entries.map(shardMemory),
    };
  }

  /** Nothing more will come of this leg. */
  settled(control: Control): boolean {
    if (!this.#armed) return control.stop !== null;
    if (control.legs[this.leg.index]?.state !== 'go') return control.stop !== null;
    return this.#entries.every((entry) => entry.over !== null);
  }

  /** Its time to be armed has come. */
  due(control: Control): boolean {
    if (this.#armed || control.stop) return false;
    if (this.leg.index === 0) return true;
    const startsAtMs = this.#startsAtMs(control);
    const { clock, timing } = this.#setting;
    const before = this.#frozen.legs[this.leg.index - 1]!;
    // Not before the one that it relieves has begun: a function's life is short.
    const aheadMs = Math.min(timing.armMs, (before.endUs - before.startUs) / 1000);
    return startsAtMs !== null && clock.nowMs() >= startsAtMs - aheadMs;
  }

  /** Does what the time has come for; returns control as it is afterwards. */
  async tick(control: Control): Promise<Control> {
    const going = control.legs[this.leg.index]?.state === 'go';
    const wanted = going || (!control.stop && (this.#memory !== null || this.due(control)));
    if (!this.#armed && wanted) await this.#arm(control);
    if (going) {
      await this.#watch(control);
      return control;
    }
    return control.stop || !this.#armed ? control : this.#muster(control);
  }

  #startsAtMs(control: Control): number | null {
    return control.startAtMs === null ? null : control.startAtMs + this.leg.startUs / 1000;
  }

  async #arm(control: Control): Promise<void> {
    const nowMs = this.#setting.clock.nowMs();
    const own = control.legs[this.leg.index];
    const shards = watchedShards(this.#frozen, this.leg.index, own, this.#memory);
    const waiting = shards.filter((shard) => isOut(shard) && shard.startedAtMs === 0);
    if (own?.state === 'go') await this.#hearReady(shards.filter(isOut));
    // One that another orchestrator asked for need not be asked for again.
    else await this.#hearClaims(waiting);
    this.#entries = shards;
    this.#armed = true;
    if (own?.state === 'go') return;
    await atMostAtOnce(AT_ONCE, waiting, async (entry) => {
      if (entry.claimed) entry.startedAtMs = nowMs;
      else await this.#start(entry, entry.ref);
    });
  }

  async #start(entry: WatchedShard, ref: ShardRef): Promise<void> {
    entry.ref = ref;
    entry.startedAtMs = this.#setting.clock.nowMs();
    entry.claimed = false;
    entry.ready = false;
    entry.trouble = null;
    try {
      await this.#setting.invoker.start(ref);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      entry.trouble = error.message;
    }
  }

  /** Counts who is ready; fires when all are, and replaces or gives up who never will be. */
  async #muster(control: Control): Promise<Control> {
    const { timing, clock, invoker } = this.#setting;
    await this.#hearReady(this.#entries.filter(isOut));
    const nowMs = clock.nowMs();
    const overdue = (entry: WatchedShard) => nowMs - entry.startedAtMs > timing.claimMs;
    await this.#hearClaims(this.#entries.filter((entry) => isOut(entry) && overdue(entry)));
    const slow = (entry: WatchedShard) => isOut(entry) && nowMs - entry.startedAtMs > SLOW_MS;
    const refused = await this.#refusals(this.#entries.filter(slow));
    const failed: [WatchedShard, string][] = [];
    for (const entry of this.#entries) {
      if (entry.over) continue;
      const refusal = refused.get(attemptName(entry.ref)) ?? entry.trouble;
      const trouble = invoker.gone(entry.ref) ?? (entry.ready ? null : refusal);
      const waitedMs = nowMs - entry.startedAtMs;
      if (trouble !== null) failed.push([entry, trouble]);
      else if (entry.ready) continue;
      else if (!entry.claimed && overdue(entry)) failed.push([entry, 'it never started']);
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

  async #replace(entry: WatchedShard, why: string): Promise<Control> {
    const { ref } = entry;
    const voided = `${ref.region}/${ref.n}.${ref.attempt}`;
    const cancel = ref.attempt >= ATTEMPTS && this.leg.index === 0;
    const control = await this.#files.control.update((now) => ({
      ...now,
      legs: now.legs.map((leg, index) =>
        index === this.leg.index && !leg.void.includes(voided)
          ? { ...leg, void: [...leg.void, voided] }
          : leg,
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
    const nowMs = this.#setting.clock.nowMs();
    const late = nowMs > this.#deadlineMs(control);
    const reported = this.#expectsReports(control, nowMs)
      ? await this.#names(open, (place) => this.#files.manifests.list(place))
      : NONE;
    for (const entry of open) {
      // In this order: a worker is known to be gone only after its last word was looked for.
      const death = this.#setting.invoker.gone(entry.ref);
      if (reported.has(attemptName(entry.ref))) entry.over = 'reported';
      else if (death === null && !late) continue;
      else if (await this.#files.manifests.read(entry.ref)) entry.over = 'reported';
      else {
        entry.over = 'gone';
        // It can say nothing any more, and the report is to tell why.
        const end = death && { nonce: 'end', atMs: nowMs, reason: death, ended: true as const };
        if (end) await this.#files.refused.create(entry.ref, end);
      }
    }
  }

  /** Workers report when their leg is over; listing costs, so that nobody looks before. */
  #expectsReports(control: Control, nowMs: number): boolean {
    if (control.stop || this.#frozen.plan.load.kind === 'amount') return true;
    return nowMs >= (control.startAtMs ?? 0) + this.leg.endUs / 1000;
  }

  #deadlineMs(control: Control): number {
    const { timing } = this.#setting;
    const endsAtMs =
      (control.startAtMs ?? 0) + (this.leg.endUs + this.#frozen.graceUs) / 1000 + timing.uploadMs;
    return control.stop ? Math.min(endsAtMs, control.stop.atMs + timing.stopMs) : endsAtMs;
  }

  async #hearReady(entries: readonly WatchedShard[]): Promise<void> {
    const ready = await this.#names(entries, (place) => this.#files.ready.list(place));
    for (const entry of entries) entry.ready ||= ready.has(attemptName(entry.ref));
  }

  /** Why attempts will never be ready, by their own word. */
  async #refusals(entries: readonly WatchedShard[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const place of this.#placesOf(entries)) {
      for (const { ref, refusal } of await this.#files.refused.list(place)) {
        if (!entries.some((entry) => attemptName(entry.ref) === attemptName(ref))) continue;
        // A second delivery refuses what the first one has claimed.
        const claim = await this.#files.claims.read(ref);
        if (!claim || claim.nonce === refusal.nonce || refusal.ended)
          found.set(attemptName(ref), refusal.reason);
      }
    }
    return found;
  }

  async #hearClaims(entries: readonly WatchedShard[]): Promise<void> {
    const silent = entries.filter(({ claimed, ready }) => !claimed && !ready);
    const claimed = await this.#names(silent, (place) => this.#files.claims.list(place));
    for (const entry of silent) entry.claimed = claimed.has(attemptName(entry.ref));
  }

  /** Those that are listed in the places of these. */
  async #names(
    entries: readonly WatchedShard[],
    list: (place: Place) => Promise<ShardRef[]>,
  ): Promise<ReadonlySet<string>> {
    const found = await Promise.all(this.#placesOf(entries).map(list));
    return new Set(found.flat().map(attemptName));
  }

  #placesOf(entries: readonly WatchedShard[]): readonly Place[] {
    const regions = new Set(entries.map(({ ref }) => ref.region));
    return this.places.filter(({ region }) => regions.has(region));
  }
}
