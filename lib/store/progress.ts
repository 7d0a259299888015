/**
 * `progress.json`: the one small object that every live view reads. Its orchestrator tells it anew
 * about once a second, for as long as it lives.
 */
export interface Progress extends LiveFigures {
  readonly schema: 'isochrone.progress/1';
  readonly run: string;
  /** When this was told, ms since the epoch, by the orchestrator's clock. */
  readonly toldAtMs: number;
  readonly phase: 'arming' | 'running' | 'finishing' | 'merging' | 'ended';
  /** µs since the run's start instant; negative before it, and -1 as long as it has none. */
  readonly elapsedUs: number;
  readonly durationUs: number;
  /** How long after its end what was begun may still be answered. */
  readonly graceUs: number;
  /** Title of the stage now running. */
  readonly stage: string | null;
  /** Of a fixed amount, how many requests there are to do: `durationUs` is then the longest. */
  readonly amount: number | null;
  /** Why it is being stopped; null: it is not. */
  readonly stopping: string | null;
  readonly validity: LiveValidity;
  /** How long a point of every `series` is; the first begins with the run. */
  readonly seriesStepUs: number;
  /** In the order of the plan. */
  readonly regions: readonly LiveRegion[];
  /** Absent where nobody charges for it, or a price is not known. */
  readonly cost?: LiveCost;
}

/** What a run on AWS costs, US dollars. */
export interface LiveCost {
  readonly spentUsd: number;
  /** What the rest will cost, if it goes on to its end. */
  readonly leftUsd: number;
  /** It is stopped before it costs more; null: nobody set a limit. */
  readonly limitUsd: number | null;
}

export interface LiveRegion extends LiveFigures {
  readonly region: string;
}

/** What is known so far of one region, or of all together. */
export interface LiveFigures {
  readonly workers: LiveWorkers;
  /** How far every worker that still sends has told, µs from the start; 0 before any has. */
  readonly knownToUs: number;
  /** Since the start, warm-up included. */
  readonly scheduled: number;
  readonly ended: number;
  readonly failed: number;
  // The rest is about [fromUs, toUs): the last seconds before `knownToUs`, in whole windows. It is
  // null where nothing is known of them.
  readonly fromUs: number;
  readonly toUs: number;
  /** Requests per second that the plan wanted; null, too, where users or code set the pace. */
  readonly rateAsked: number | null;
  /** Good answers per second, by when they ended. */
  readonly rateAchieved: number | null;
  /** Failed answers ÷ answers. */
  readonly errorShare: number | null;
  /** Latency of good answers, µs, and how many there were: with few, p99 is a guess. */
  readonly answers: number;
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  /** p99 of good answers over the whole run, at most 60 points, µs; null: there was no answer. */
  readonly series: readonly (number | null)[];
}

export interface LiveWorkers {
  readonly planned: number;
  /** Were ready to send, whatever became of them. */
  readonly ready: number;
  readonly reported: number;
  readonly lost: number;
  /** Should be sending, and have told nothing for three times as long as they may. */
  readonly silent: number;
}

/** Whether the measurement can be trusted, as far as can be told before its end. */
export interface LiveValidity {
  readonly level: LiveLevel;
  /** The report's own checks of these names, over what is known so far. */
  readonly checks: readonly LiveCheck[];
}

export type LiveLevel = 'good' | 'doubtful' | 'invalid';

export interface LiveCheck {
  readonly check: 'lag' | 'offered' | 'fragments';
  readonly level: LiveLevel;
  /** A share of requests, of `fragments` a number of workers; null: nothing is known of it yet. */
  readonly measured: number | null;
  /** Where it is worst. */
  readonly region: string | null;
  /** Up to which instant of the run it is known, where that lies before `knownToUs`. */
  readonly untilUs: number | null;
}
