import { UsageTally } from '../cloud/bill.js';
import { LOG_BYTES, S3_ANSWER_BYTES, S3_REQUEST_BYTES } from '../cloud/overhead.js';
import { fragmentEveryUs } from '../load/run-timeline.js';
import type { OrchestratorUse } from '../measure/function-use.js';
import type { CloudSite, FrozenPlan } from '../plan/frozen-plan.js';
import { CLOCK_LOOKS, EXTRA_LOOKS, reportWrites, WORKER_WRITES } from './expected-requests.js';
import { INIT_S } from './expected-times.js';
import { bytesOfFragment, CONTROL_BYTES, MERGE_S } from './expected-usage.js';
import { DISTANT_CONTROL_MS } from './timing.js';

/** What is known of the workers of a region while a run goes on. */
interface RegionLife {
  readonly workers: number;
  /** How long all of them have lived, together. */
  readonly workerMs: number;
  /** Requests that they sent. */
  readonly sent: number;
}

/** What has been taken so far, reckoned from how long things lasted: who goes on tells it later. */
export interface RunLife {
  /** In the order of the plan. */
  readonly regions: readonly RegionLife[];
  readonly orchestrator: OrchestratorUse;
  /** Legs that merge has added up, or will: each is a call for every region. */
  readonly mergedLegs: number;
  /** The whole is merged, too. */
  readonly reported: boolean;
}

/** `bytesEach`: of a request to the target. */
export function spentUsage(
  frozen: FrozenPlan,
  site: CloudSite,
  { regions, orchestrator, mergedLegs, reported }: RunLife,
  bytesEach: number,
): UsageTally {
  const tally = new UsageTally();
  const { home, workerMb, mergeMb, nat } = site;
  const told = bytesOfFragment(frozen);
  const everyMs = fragmentEveryUs(frozen) / 1000;
  let fragments = 0;
  frozen.regions.forEach(({ name }, i) => {
    const { workers, workerMs, sent } = regions[i]!;
    const own = workerMs / everyMs;
    const writes = workers * WORKER_WRITES + own;
    const reads = workers * (1 + CLOCK_LOOKS.likely + EXTRA_LOOKS) + workerMs / DISTANT_CONTROL_MS;
    const out = own * told + (writes + reads) * S3_REQUEST_BYTES;
    const back = reads * CONTROL_BYTES + (writes + reads) * S3_ANSWER_BYTES;
    fragments += own;
    tally.add(name, 'gbSeconds', ((workerMs / 1000 + workers * INIT_S.likely) * workerMb) / 1024);
    tally.add(name, 'invocations', workers);
    tally.add(name, 'bytesLogged', workers * LOG_BYTES);
    tally.add(name, 'bytesToTarget', sent * bytesEach);
    tally.add(home, 's3Writes', writes);
    tally.add(home, 's3Reads', reads);
    if (nat) tally.add(name, 'bytesThroughNat', sent * bytesEach + out + back);
    if (name === home) return;
    tally.add(name, 'bytesBetweenRegions', out);
    tally.add(home, 'bytesBetweenRegions', back);
  });
  const places = mergedLegs * frozen.regions.length;
  const merges = places + (reported ? 1 : 0);
  const mergeS = places * MERGE_S.place + (reported ? MERGE_S.run : 0) + merges * INIT_S.likely;
  const { memoryMb, initMs, lifeMs, s3, invocations, operations } = orchestrator;
  tally.add(home, 'gbSeconds', ((initMs + lifeMs) * memoryMb) / 1024 / 1000);
  tally.add(home, 'gbSeconds', (mergeS * mergeMb) / 1024);
  tally.add(home, 'invocations', invocations + merges);
  tally.add(home, 'bytesLogged', (invocations + merges) * LOG_BYTES);
  tally.add(home, 'operations', operations);
  // Each fragment is read once more to be merged.
  tally.add(home, 's3Writes', s3.puts + 2 * places + (reported ? reportWrites(frozen) : 0));
  tally.add(home, 's3Reads', s3.gets + 5 * places + fragments);
  tally.add(home, 's3Lists', s3.lists + places + (reported ? 4 : 0));
  return tally;
}
