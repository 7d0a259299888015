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
  /** All that reports know by name: plain ones, and the steps of flows, which have no weight. */
  readonly requests: readonly PlanRequest[];
  /** Absent: none. */
  readonly flows?: readonly PlanFlow[];
  /** Rows that iterations work with. Absent: none. */
  readonly data?: readonly DataSet[];
  readonly objectives: readonly Objective[];
  /** Any of them ends the run early. */
  readonly abort: readonly AbortRule[];
  /** Absent: the plan sets none. */
  readonly limits?: PlanLimits;
  readonly http: HttpOptions;
}

/** What ends the run where it is reached. */
interface PlanLimits {
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
  /**
   * What reports call it: `GET /` or the name that the plan gives. Unique within the plan: a step
   * whose request line is taken already, and that has no name, is called `FLOW › GET /`.
   */
  readonly name: string;
  readonly method: string;
  /**
   * Path and query, appended to the target's prefix: `/hospital?x=1`. One that begins with
   * `{{ name }}` stands for itself: it follows the target's origin, or is a URL there.
   */
  readonly path: string;
  /** 0: a step of a flow, or of its code. */
  readonly weight: number;
  /** Name and value pairs; values may hold `${env:NAME}`, which is never stored resolved. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Body | null;
  readonly expect: Expect | null;
  readonly timeoutUs: number;
  /** Path, headers or body hold `{{ name }}`, and are put together anew for each iteration. */
  readonly templated?: true;
  /** Absent: none. Only steps have any. */
  readonly captures?: readonly Capture[];
  /** Absent: as `http` says. */
  readonly followRedirects?: number;
  /** Name and password of the header `authorization`. Absent: `headers` alone say who asks. */
  readonly basicAuth?: { readonly user: string; readonly password: string };
  /** Waits for `100 Continue` before the body is sent. */
  readonly expectContinue?: true;
}

export interface Body {
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
  /** What a value that is put in for `{{ name }}` must be written as. Absent: as it is. */
  readonly escape?: 'json' | 'form';
  /** What the file is called that the bytes are of. Absent: they are of none, or `input` says it. */
  readonly file?: string;
  /** The bytes are those of this input; `data` is empty. */
  readonly input?: Input;
  /** Parts of a multipart/form-data body; `data` is empty. The engine draws the boundary. */
  readonly parts?: readonly BodyPart[];
}

/** One part of a form: a text, or a file. */
export interface BodyPart {
  readonly name: string;
  readonly fileName: string | null;
  readonly contentType: string | null;
  /** Its text or bytes. */
  readonly body: Body;
}

/** Bytes too many for a plan, that travel beside it: kept in the store under their digest. */
export interface Input {
  readonly sha256: string;
  readonly bytes: number;
  /** What its file is called. */
  readonly file: string;
}

/** Several steps with state: one start of it is one iteration. */
export type PlanFlow = StepFlow | CodeFlow;

interface FlowHead {
  /** Unique among flows; reports call its iterations `flow NAME`. */
  readonly name: string;
  readonly weight: number;
}

export interface StepFlow extends FlowHead {
  readonly kind: 'steps';
  readonly steps: readonly FlowStep[];
}

/** A flow in TypeScript, bundled when the plan is read. */
export interface CodeFlow extends FlowHead {
  readonly kind: 'code';
  /** The bundle: JavaScript of one file. */
  readonly code: Input;
  /** All that it may send: indices into the plan's requests. */
  readonly requests: readonly number[];
}

export type FlowStep =
  /** Index into the plan's requests; each of them belongs to one step. */
  | { readonly kind: 'request'; readonly request: number }
  | { readonly kind: 'pause'; readonly minUs: number; readonly maxUs: number }
  | { readonly kind: 'repeat'; readonly times: number; readonly steps: readonly FlowStep[] };

/** A value taken out of an answer, for the steps that follow; where it is missing, the step failed. */
export type Capture = { readonly name: string } & (
  | { readonly from: 'json'; readonly path: string }
  | { readonly from: 'header'; readonly header: string }
  | { readonly from: 'cookie'; readonly cookie: string }
  /** Of the body: the first group, else all that matched. */
  | { readonly from: 'regex'; readonly source: string; readonly flags: string }
);

/** A table; iterations see one row of it, `{{ name.column }}`. */
export interface DataSet {
  readonly name: string;
  /** `unique`: each row once. `sequential`: in turn, again from the first. `random`: any. */
  readonly pick: 'unique' | 'sequential' | 'random';
  readonly columns: readonly string[];
  readonly count: number;
  /** What they were read from. Absent: nobody knows. */
  readonly source?: { readonly format: 'csv' | 'json'; readonly file: string };
  /** The rows themselves, or where they are: JSON of the same kind, an array of arrays of text. */
  readonly rows: readonly (readonly string[])[] | Input;
}

/** All of it must hold for a response to be good. */
export interface Expect {
  /** Inclusive ranges of which one must hold; null: any status. */
  readonly status: readonly (readonly [number, number])[] | null;
  readonly headers: readonly { readonly name: string; readonly value: Match }[];
  readonly body: readonly Match[];
  /** Of the body as JSON. Absent: nothing. */
  readonly json?: readonly JsonExpect[];
  /** Bytes of the body, both limits included; null: none. Absent: any size. */
  readonly size?: { readonly least: number | null; readonly most: number | null };
  /** The most that the answer may take, written to last byte. Absent: any time. */
  readonly timeUs?: number;
}

/** The values that a path finds: at least one, and each of them as asked. */
export interface JsonExpect {
  readonly path: string;
  readonly test:
    | { readonly kind: 'equals'; readonly value: string | number | boolean | null }
    | {
        readonly kind: 'compares';
        readonly comparison: '<' | '<=' | '>' | '>=' | '!=';
        readonly value: string | number | boolean | null;
      }
    | { readonly kind: 'exists'; readonly exists: boolean }
    | { readonly kind: 'matches'; readonly match: Match };
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
  /** Absent: connections are shared. `iteration`: each is a new visitor; `none`: each request is. */
  readonly reuse?: 'iteration' | 'none';
  /** Absent: 0. */
  readonly followRedirects?: number;
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
