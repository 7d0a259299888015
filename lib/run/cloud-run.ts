import type { Progress } from '../store/progress.js';
import { runFiles } from '../store/run-files.js';
import type { Deployed } from './deployed.js';
import { type Followed, followRun } from './follow.js';
import { orchestratorState, startOrchestrator } from './lambda.js';
import type { RunOrder } from './run-order.js';
import { orderWhenPossible, type StopSwitch } from './stop-switch.js';
import { type Begun, untilBegun } from './until-begun.js';

/** Puts the order and what goes with it among the run's inputs, and asks for it to be led: its ARN. */
export async function orderInCloud(
  deployed: Deployed,
  run: string,
  order: RunOrder,
  beside: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<string> {
  const { inputs } = runFiles(deployed.store, run);
  for (const bytes of beside.values()) await inputs.put(bytes);
  const sha256 = await inputs.put(Buffer.from(JSON.stringify(order)));
  return startOrchestrator(deployed, { run, plan: { sha256 } });
}

interface FollowInCloudOptions {
  readonly stop: StopSwitch;
  readonly onProgress: (progress: Progress) => void;
  /** The stop has been written down. */
  readonly onStopped: () => void;
  /** It cannot be written down, told once. */
  readonly onTrouble: (message: string) => void;
}

/** From the order to the report, by looking into the store alone; the run needs nobody to look. */
export async function followInCloud(
  { store }: Deployed,
  run: string,
  execution: string,
  { stop, onProgress, onStopped, onTrouble }: FollowInCloudOptions,
): Promise<Followed | Exclude<Begun, { kind: 'begun' }>> {
  const files = runFiles(store, run);
  const begun = await untilBegun(files, { ask: () => orchestratorState(execution) });
  if (begun.kind !== 'begun') return begun;
  let over = false;
  let troubled = false;
  stop.listen((order) => {
    void orderWhenPossible(files, order, {
      over: () => over,
      onTrouble: (message) => {
        if (!troubled) onTrouble(message);
        troubled = true;
      },
    }).then(onStopped);
  });
  try {
    return await followRun(store, run, { onProgress });
  } finally {
    over = true;
  }
}
