/** How the run's time is cut; the same in every shard, so that windows and blocks can be added. */
export interface TimelineSpec {
  /** Contiguous stages of the whole schedule, warm-up included, µs from the run's start. */
  readonly stages: readonly { readonly startUs: number; readonly endUs: number }[];
  readonly windowUs: number;
  /** A whole number of windows. */
  readonly blockUs: number;
  /** At least 60 s, a whole number of blocks. */
  readonly longUs: number;
  /** Windows go on past the last stage for this long, for what ends late; their stage is -1. */
  readonly tailUs: number;
}

/** A stretch of time [startUs, endUs); stage -1 lies after the last one. */
export interface Span {
  readonly startUs: number;
  readonly endUs: number;
  readonly stage: number;
}

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const BLOCKS = 60;

function up(valueUs: number, stepUs: number): number {
  return Math.max(1, Math.ceil(valueUs / stepUs)) * stepUs;
}

/**
 * Windows of 1 s for runs up to 10 min, 5 s up to 1 h, 10 s beyond; blocks of 1/60 of the measured
 * time; both in whole numbers of what they are made of.
 *
 * A block longer than a leg is sent in pieces, one a leg, and legs that straddle blocks would send
 * twice as many histograms. Where `legUs` is given such a block is rounded up to whole legs.
 */
export function timelineOf(
  stages: readonly { readonly startUs: number; readonly endUs: number; readonly warmup: boolean }[],
  tailUs: number,
  legUs: number = Number.POSITIVE_INFINITY,
): TimelineSpec {
  let measuredUs = 0;
  for (const { startUs, endUs, warmup } of stages) if (!warmup) measuredUs += endUs - startUs;
  const windowUs =
    SECOND_US * (measuredUs <= 10 * MINUTE_US ? 1 : measuredUs <= 60 * MINUTE_US ? 5 : 10);
  const share = up(measuredUs / BLOCKS, windowUs);
  const blockUs = share > legUs ? up(share, up(legUs, windowUs)) : share;
  return {
    stages: stages.map(({ startUs, endUs }) => ({ startUs, endUs })),
    windowUs,
    blockUs,
    longUs: up(MINUTE_US, blockUs),
    tailUs,
  };
}

/**
 * The spans of a time line. They are cut from the run's start and at stage boundaries, so a window
 * on a boundary stands once on each side; each lies in one block, each block in one long block.
 */
export class Timeline {
  readonly spec: TimelineSpec;
  readonly windows: readonly Span[];
  readonly blocks: readonly Span[];
  readonly longs: readonly Span[];
  readonly blockOfWindow: Int32Array;
  readonly longOfWindow: Int32Array;
  /** -1 in the tail. */
  readonly stageOfWindow: Int32Array;
  readonly #startsUs: Float64Array;
  /** Most questions are about the window of the last one, or the next. */
  #last = 0;

  constructor(spec: TimelineSpec) {
    check(spec);
    this.spec = spec;
    this.windows = cut(spec, spec.windowUs);
    this.blocks = cut(spec, spec.blockUs);
    this.longs = cut(spec, spec.longUs);
    this.blockOfWindow = places(this.windows, this.blocks);
    this.longOfWindow = places(this.windows, this.longs);
    this.stageOfWindow = Int32Array.from(this.windows, (window) => window.stage);
    this.#startsUs = Float64Array.from(this.windows, (window) => window.startUs);
  }

  /** The window that holds an instant; before the first one the first, after the last the last. */
  windowAt(us: number): number {
    const starts = this.#startsUs;
    const last = this.#last;
    if (us >= starts[last]!) {
      if (last + 1 === starts.length || us < starts[last + 1]!) return last;
      if (last + 2 === starts.length || us < starts[last + 2]!) {
        this.#last = last + 1;
        return last + 1;
      }
    }
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle]! <= us) low = middle;
      else high = middle - 1;
    }
    this.#last = low;
    return low;
  }
}

function check({ stages, windowUs, blockUs, longUs, tailUs }: TimelineSpec): void {
  let atUs = 0;
  for (const { startUs, endUs } of stages) {
    if (startUs !== atUs || !Number.isSafeInteger(endUs) || endUs < startUs) {
      throw new RangeError(`a stage from ${startUs} to ${endUs} µs does not follow ${atUs} µs`);
    }
    atUs = endUs;
  }
  const whole = Number.isSafeInteger(windowUs) && windowUs > 0 && Number.isSafeInteger(tailUs);
  if (!whole || tailUs < 0 || blockUs % windowUs !== 0 || longUs % blockUs !== 0) {
    throw new RangeError(
      `a time line of ${windowUs} µs windows, ${blockUs} µs blocks, ${longUs} µs long blocks and a ` +
        `tail of ${tailUs} µs: each must be a whole number of the one before`,
    );
  }
  if (atUs + tailUs === 0) throw new RangeError('a time line without any time');
}

function cut({ stages, tailUs }: TimelineSpec, stepUs: number): Span[] {
  const endUs = stages.at(-1)?.endUs ?? 0;
  const spans: Span[] = [];
  const slice = (stage: number, fromUs: number, toUs: number): void => {
    for (let startUs = fromUs; startUs < toUs; ) {
      const next = Math.min(toUs, (Math.floor(startUs / stepUs) + 1) * stepUs);
      spans.push({ startUs, endUs: next, stage });
      startUs = next;
    }
  };
  stages.forEach((stage, index) => {
    slice(index, stage.startUs, stage.endUs);
  });
  slice(-1, endUs, endUs + tailUs);
  return spans;
}

/** For each fine span the coarse one that it lies in. */
function places(fine: readonly Span[], coarse: readonly Span[]): Int32Array {
  let at = 0;
  return Int32Array.from(fine, (span) => {
    while (coarse[at]!.endUs < span.endUs) at++;
    return at;
  });
}
