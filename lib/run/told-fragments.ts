import { fragmentEveryUs, runTimeline } from '../load/run-timeline.js';
import { DamagedError } from '../measure/damaged-error.js';
import { decodeFragment } from '../measure/fragment.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Control } from '../store/control.js';
import { FragmentFeed } from '../store/fragment-feed.js';
import type { FragmentRef, RunFiles } from '../store/run-files.js';
import type { ToldMemory } from '../store/watch-memory.js';
import { lookBackUs } from './abort-watch.js';
import { atMostAtOnce } from './at-most-at-once.js';
import type { WatchedLeg } from './leg-watch.js';
import { RECENT_US } from './live-tally.js';
import { ToldUntil } from './told-until.js';

/** How long an upload may take: for so long a fragment may lag behind the newest. */
const UPLOAD_US = 60_000_000;
/** So long after its grace a leg's workers may still tell: a last sweep, a late timer. */
const LATE_US = 10_000_000;
const READ_AT_ONCE = 32;

/** The run at an instant, for whoever listens to its workers. */
export interface Moment {
  /** Since the start instant, µs. */
  readonly elapsedUs: number;
  readonly control: Control;
  /** All that are not over, in order. */
  readonly legs: readonly WatchedLeg[];
}

export interface Told {
  /** Were told to another before: all of them that were cut after `sinceUs`. null: none are asked for. */
  readonly recalled: {
    readonly contents: readonly FragmentContent[];
    readonly sinceUs: number;
  } | null;
  readonly fresh: readonly FragmentContent[];
}

/** How often new fragments are looked for, µs: listing costs. */
export function listEveryUs(frozen: FrozenPlan): number {
  return fragmentEveryUs(frozen) / 5;
}

/** How far one may lag behind the newest of its place and still be heard. */
export function lookBackFragments(frozen: FrozenPlan): number {
  return UPLOAD_US / fragmentEveryUs(frozen);
}

/** Length of the stretch before the latest known instant that whoever takes over reads again, µs. */
export function recallUs(frozen: FrozenPlan): number {
  const { windowUs } = runTimeline(frozen);
  // What is looked at are whole windows, and the first and last may be cut.
  return Math.max(RECENT_US, lookBackUs(frozen)) + 2 * windowUs;
}

/**
 * What workers tell while a run goes on: each fragment is heard once, however often another takes
 * over, who reads again only what the latest windows are of.
 */
export class ToldFragments {
  readonly #frozen: FrozenPlan;
  readonly #files: RunFiles;
  readonly #feed: FragmentFeed;
  readonly #until: ToldUntil;
  readonly #windowUs: number;
  /** Legs that were fired. */
  #opened: number;
  #recalled: boolean;
  #round = Number.NEGATIVE_INFINITY;

  constructor(frozen: FrozenPlan, files: RunFiles, memory: ToldMemory | null) {
    const past = memory?.regions.map(({ pastUs }, i) => [frozen.regions[i]!.name, pastUs]) ?? [];
    this.#frozen = frozen;
    this.#files = files;
    this.#windowUs = runTimeline(frozen).windowUs;
    this.#feed = new FragmentFeed(files.fragments, lookBackFragments(frozen), memory?.places);
    this.#until = new ToldUntil(
      frozen.legs,
      3 * fragmentEveryUs(frozen),
      memory?.tellers,
      Object.fromEntries(past),
    );
    this.#opened = memory?.opened ?? 0;
    this.#recalled = memory === null;
  }

  /** What has come since the last call; `now`: looked for whatever the time. All or, if it throws, nothing. */
  async hear(moment: Moment, now: boolean): Promise<Told> {
    const { elapsedUs, control, legs } = moment;
    const from = legs[0]?.leg.index ?? this.#frozen.legs.length;
    const started = legs.filter(({ leg }) => control.legs[leg.index]?.state === 'go');
    this.#until.look(elapsedUs, started, from);
    const recalled = this.#recalled ? null : await this.#recall();
    const fresh = await this.#next(moment, started, from, now);
    this.#recalled = true;
    this.#until.look(elapsedUs, started, from);
    return { recalled, fresh };
  }

  /** µs from the run's start. null: of all regions. */
  knownToUs(region: string | null): number {
    return this.#until.knownToUs(region);
  }

  silent(region: string): number {
    return this.#until.silent(region);
  }

  /** For whoever takes over. */
  memory(): Pick<ToldMemory, 'opened' | 'places' | 'tellers'> {
    return {
      opened: this.#opened,
      places: this.#feed.memory(),
      tellers: this.#until.memory(),
    };
  }

  pastUs(region: string): number {
    return this.#until.pastUs(region);
  }

  async #next(
    { elapsedUs, control }: Moment,
    started: readonly WatchedLeg[],
    from: number,
    now: boolean,
  ): Promise<FragmentContent[]> {
    const { legs, regions, graceUs } = this.#frozen;
    for (; control.legs[this.#opened]?.state === 'go'; this.#opened++) {
      for (const { name } of regions) this.#feed.open({ region: name, leg: this.#opened });
    }
    const round = Math.floor(elapsedUs / listEveryUs(this.#frozen));
    if (!now && round === this.#round) return [];
    const refs = await this.#feed.fresh((leg) => elapsedUs >= legs[leg]!.startUs);
    const contents = new Map<FragmentRef, FragmentContent | null>();
    await atMostAtOnce(READ_AT_ONCE, refs, async (ref) => {
      contents.set(ref, await this.#contentOf(ref));
    });
    for (const ref of refs) {
      this.#feed.take(ref);
      const content = contents.get(ref);
      if (content) this.#until.add(ref, content.cutAtUs, content.shard?.final ?? false);
    }
    const open = new Set(started.filter(isOpen).map(({ leg }) => leg.index));
    this.#feed.close((leg) => leg < from || !open.has(leg));
    this.#feed.forget(({ region, leg }) => {
      return legs[leg]!.endUs + graceUs + LATE_US < this.#sinceUs(region);
    });
    this.#round = round;
    return refs.flatMap((ref) => contents.get(ref) ?? []);
  }

  async #recall(): Promise<Told['recalled']> {
    const contents: FragmentContent[] = [];
    await atMostAtOnce(READ_AT_ONCE, this.#feed.taken(this.#frozen.run), async (refs) => {
      for (const ref of refs) {
        const content = await this.#contentOf(ref);
        if (content && content.cutAtUs <= this.#sinceUs(ref.region)) return;
        if (content) contents.push(content);
      }
    });
    return { contents, sinceUs: this.#sinceUs(null) };
  }

  /** Nobody looks at a window that began before. null: of all regions together. */
  #sinceUs(region: string | null): number {
    const knownToUs = (of: string | null) => {
      return Math.min(this.#until.knownToUs(of), this.#frozen.durationUs);
    };
    const sinceUs = knownToUs(null) - recallUs(this.#frozen);
    if (region === null) return sinceUs;
    return Math.min(sinceUs, knownToUs(region) - RECENT_US - 2 * this.#windowUs);
  }

  /** null: it is gone, or damaged; the report will name it. */
  async #contentOf(ref: FragmentRef): Promise<FragmentContent | null> {
    const bytes = await this.#files.fragments.read(ref);
    return bytes && readable(bytes);
  }
}

function isOpen({ shards }: WatchedLeg): boolean {
  return shards.some(({ over }) => over === null);
}

/** What is damaged the report will name: whoever only watches goes on. */
function readable(bytes: Uint8Array): FragmentContent | null {
  try {
    return decodeFragment(bytes);
  } catch (error) {
    if (error instanceof DamagedError) return null;
    throw error;
  }
}
