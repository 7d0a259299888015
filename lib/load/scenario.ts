import type { Recorder } from '../measure/recorder.js';
import type { Timeline } from '../measure/timeline.js';
import { decodeRows } from '../plan/data-rows.js';
import { drawKey } from '../plan/draws.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import type { Input, Plan } from '../plan/plan.js';
import { startsOf } from '../plan/starts.js';
import { flowOf } from './flow.js';
import { type JsonEngine, jsonEngineFor } from './json-query.js';
import type { Pacer } from './pacer.js';
import type { Pool } from './pool.js';
import { type PublicSuffix, publicSuffixes } from './public-suffix.js';
import type { Hide } from './record-job.js';
import { notHere } from './request-template.js';
import { Rows, type Table } from './rows.js';
import type { RunClock } from './run-clock.js';
import { ScenarioStarter } from './scenario-starter.js';
import { PlainStarter, type Starter } from './starter.js';
import type { Steps } from './steps.js';

/** What a plan needs besides itself, brought before a shard is made. */
export interface ScenarioMeans {
  readonly engine: JsonEngine | null;
  /** null: it has no flows, and nobody keeps cookies. */
  readonly isPublicSuffix: PublicSuffix | null;
  /** By data set. */
  readonly tables: readonly Table[];
  /** Where the bytes of an input are on this machine. */
  readonly fileOf: (input: Input) => string;
  /** Bundles of flows in code, by the flow's name. */
  readonly code: ReadonlyMap<string, string>;
}

/** Of plans that need nothing. */
export const NO_MEANS: ScenarioMeans = {
  engine: null,
  isPublicSuffix: null,
  tables: [],
  fileOf: notHere,
  code: new Map(),
};

/** How inputs are got at: their bytes, or a file that holds them. */
export interface Inputs {
  read(input: Input): Promise<Uint8Array>;
  fileOf(input: Input): string;
}

export async function scenarioMeans(plan: Plan, inputs: Inputs | null): Promise<ScenarioMeans> {
  const code = new Map<string, string>();
  for (const flow of plan.flows ?? []) {
    if (flow.kind !== 'code') continue;
    if (!inputs) throw new Error(`the code of flow '${flow.name}' is not here`);
    code.set(flow.name, Buffer.from(await inputs.read(flow.code)).toString('utf8'));
  }
  const [engine, isPublicSuffix, ...tables] = await Promise.all([
    jsonEngineFor(plan),
    plan.flows ? publicSuffixes() : null,
    ...(plan.data ?? []).map(async (set): Promise<Table> => {
      if (!('sha256' in set.rows)) return set.rows;
      if (!inputs) throw new Error(`the rows of '${set.name}' are not here`);
      return decodeRows(await inputs.read(set.rows), set);
    }),
  ]);
  const fileOf = inputs ? (input: Input) => inputs.fileOf(input) : NO_MEANS.fileOf;
  return { engine, isPublicSuffix, tables, fileOf, code };
}

export interface StarterSetting {
  readonly frozen: FrozenPlan;
  readonly ref: ShardRef;
  readonly means: ScenarioMeans;
  readonly steps: Steps;
  readonly timeline: Timeline;
  readonly clock: RunClock;
  readonly pacer: Pacer;
  readonly pool: Pool;
  readonly recorder: Recorder;
  readonly hide: Hide;
  /** Requests/s of a plan with code at the most; null: nobody sets a limit. */
  readonly maxRate: number | null;
  /** A variable of the environment, whose value is hidden from then on. */
  readonly readEnv: (name: string) => string | undefined;
}

/** Plans of plain requests take the way that costs nothing besides. */
export function starterOf(setting: StarterSetting): Starter {
  const { frozen, ref, means, pool, recorder } = setting;
  const { plan } = frozen;
  const starts = startsOf(plan);
  const flows = starts.map((start) =>
    flowOf(start, plan.requests[start.subject]?.templated === true),
  );
  if (flows.every((flow) => flow === null)) return new PlainStarter(pool, recorder);
  const region = frozen.regions.findIndex(({ name }) => name === ref.region);
  return new ScenarioStarter({
    ...setting,
    flows,
    plan,
    code: means.code,
    subjects: starts.map(({ subject }) => subject),
    rows: new Rows(frozen, ref, means.tables),
    isPublicSuffix: means.isPublicSuffix,
    ownConnections: ownConnections(plan),
    drawKey: drawKey(frozen.seed, region, ref.n, ref.leg),
    endUs: frozen.durationUs,
  });
}

/** Users bring a connection each, and use no other. */
function ownConnections({ load, http, flows }: Plan): boolean {
  if (http.reuse !== undefined) return http.reuse === 'iteration';
  return load.kind !== 'open' && http.connections === 'auto' && flows !== undefined;
}
