import type { Objective } from './objective.js';

/**
 * A checked plan: plain data with every default filled in and every unit in its name.
 * It is what `read-plan` yields, what `plan.json` keeps, and what a worker obeys.
 */
export interface Plan {
  readonly name: string;
  /** Origin and optional path prefix, without a slash at the end: `https://shop.example.com/api`. */
  readonly target: string;
  /** A place near which the target stands: emulated distances are to there. Absent: not said. */
  readonly targetAt?: string;
  readonly regions: readonly PlanRegion[];
  readonly load: Load;
  readonly arrivals: 'even' | 'poisson';
  readonly requests: readonly PlanRequest[];
  readonly objectives: readonly Objective[];
  /** Any of them ends the run early. */
  readonly abort: readonly AbortRule[];
  /** Absent: the plan sets none. */
  readonly limits?: PlanLimits;
  readonly http: HttpOptions;
}

/** What ends the run where it is reached. */
export interface PlanLimits {
  /** US dollars that a run on AWS may come to. */
  readonly costUsd: number;
}

export interface PlanRegion {
  readonly name: string;
  /** Whole number of a unit common to all regions. */
  readonly share: number;
  /** Asked for by the plan; null lets `split` decide. */
  readonly workers: number | null;
  /** What the plan says of the place's own distance. Absent: nothing. */
  readonly emulation?: PlanEmulation;
}

export interface PlanEmulation {
  /** null: by the distance between the place and the target. */
  readonly rttUs: number | null;
  readonly jitterUs: number;
  /** A fraction. */
  readonly loss: number;
}

export type Load = OpenLoad | ClosedLoad | AmountLoad;

/** Open model: arrivals that do not wait for answers. */
export interface OpenLoad {
  readonly kind: 'open';
  readonly stages: readonly RateStage[];
}

export interface RateStage extends StageHead {
  /** Starts per second at the stage's first and last instant; a straight line between. */
  readonly fromRate: number;
  readonly toRate: number;
}

/** Closed model: users that send again once they have their answer. */
export interface ClosedLoad {
  readonly kind: 'closed';
  readonly stages: readonly UserStage[];
  readonly pace: Pace;
  /** Where a leg ends while they stay, users begin anew in the next one. Absent: they may not. */
  readonly relog?: true;
}

export interface UserStage extends StageHead {
  readonly fromUsers: number;
  readonly toUsers: number;
}

/** A fixed number of iterations, worked off by a fixed number of users. */
export interface AmountLoad {
  readonly kind: 'amount';
  readonly name: string | null;
  readonly requests: number;
  readonly users: number;
  /** What is not begun by then is dropped. */
  readonly capUs: number;
  readonly pace: Pace;
}

export interface StageHead {
  readonly name: string | null;
  readonly warmup: boolean;
  readonly durationUs: number;
}

export type Pace =
  | { readonly kind: 'none' }
  | { readonly kind: 'think'; readonly minUs: number; readonly maxUs: number }
  | { readonly kind: 'every'; readonly everyUs: number };

export interface PlanRequest {
  /** What reports call it: `GET /` or the name that the plan gives. Unique within the plan. */
  readonly name: string;
  readonly method: string;
  /** Path and query, appended to the target's prefix: `/hospital?x=1`. */
  readonly path: string;
  readonly weight: number;
  /** Name and value pairs; values may hold `${env:NAME}`, which is never stored resolved. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Body | null;
  readonly expect: Expect | null;
  readonly timeoutUs: number;
}

export interface Body {
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
}

/** All of it must hold for a response to be good. */
export interface Expect {
  /** Inclusive ranges of which one must hold; null: any status. */
  readonly status: readonly (readonly [number, number])[] | null;
  readonly headers: readonly { readonly name: string; readonly value: Match }[];
  readonly body: readonly Match[];
}

export type Match =
  | { readonly kind: 'contains'; readonly text: string }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string };

/** Ends the run when its condition holds over the latest stretch that workers have told of. */
export interface AbortRule {
  /** Its text is the whole rule, as the user wrote it; it names no stage. */
  readonly condition: Objective;
  readonly overUs: number;
}

export interface HttpOptions {
  readonly timeoutUs: number;
  readonly connectTimeoutUs: number;
  readonly connections: 'auto' | number;
  /** How long an exchange is expected to take; sizes the connections opened ahead. */
  readonly expectUs: number | null;
  readonly insecure: boolean;
  /** Host name → address that is used instead of asking DNS. */
  readonly resolve: Readonly<Record<string, string>>;
  /** A lone connection every two seconds that tells the round trip and sends nothing. */
  readonly probe: boolean;
  /** Header in which answers say how long the server took, in small letters; null: `Server-Timing`. */
  readonly serverTime: string | null;
}

/** A plan's stages on the run's time line, in integer microseconds from the run's start. */
export interface StageSpan {
  readonly name: string | null;
  /** What reports call it: its name, or what it asks for (`600/s`, `50..600/s`, `100 users`). */
  readonly title: string;
  readonly warmup: boolean;
  readonly constant: boolean;
  readonly startUs: number;
  readonly endUs: number;
}
