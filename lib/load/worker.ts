import { randomUUID } from 'node:crypto';
import type { FunctionUse } from '../measure/function-use.js';
import type { Manifest, WorkerFacts } from '../measure/manifest.js';
import { type FrozenPlan, PROTOCOL, type ShardRef } from '../plan/frozen-plan.js';
import type { Control } from '../store/control.js';
import { type RunFiles, runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import type { ControlWatch } from './control-watch.js';
import { FragmentUpload, patiently } from './fragment-upload.js';
import { InputFiles } from './input-files.js';
import { Forbidden, type LoadGuard } from './load-guard.js';
import type { Pacer } from './pacer.js';
import type { RunClock } from './run-clock.js';
import { fragmentEveryUs, runTimeline } from './run-timeline.js';
import { scenarioMeans } from './scenario.js';
import { type Secrets, SecretText } from './secret-text.js';
import { Shard } from './shard.js';
import { type Offset, offsetFrom } from './store-clock.js';
import { strangeCode } from './strange-code.js';
import type { ThreadHealth } from './thread-health.js';
import { warmUpFlows } from './warm-up.js';

/** What a worker is given by the place that it runs in. */
export interface WorkerSetting {
  readonly store: Store;
  readonly clock: RunClock;
  readonly pacer: Pacer;
  readonly health: ThreadHealth;
  readonly control: ControlWatch;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly facts: Omit<WorkerFacts, 'pacer'>;
  /** Absent where the machine is the user's own. */
  readonly terms?: WorkerTerms;
  /** Digests of code that the same command bundled. Absent: none, and no code is carried out. */
  readonly code?: readonly string[];
  /** What it has taken so far; absent where nobody charges for it. */
  readonly used?: () => FunctionUse;
}

/** On what terms a place that was lent lets a worker make load. */
export interface WorkerTerms {
  readonly guard: LoadGuard;
  /** Starts/s at the most where answers set the pace, and requests/s where code sends them. */
  readonly maxRate: number;
  /** Why it must not take up this plan; null: it may. */
  planProblem(frozen: FrozenPlan): string | null;
  /** Why it must not begin load that ends then, ms since the epoch; null: it may. */
  endProblem(endsAtMs: number): string | null;
  /** Those that the plan names. */
  readSecrets(frozen: FrozenPlan): Promise<Secrets>;
  /** Done once it is known that there is something to do. */
  warmUp(): Promise<void>;
  /** Whether code of plans may be carried out. */
  readonly runsCode: boolean;
}

/**
 * One attempt of a shard, from its claim to its manifest. A second delivery of the same attempt
 * finds the claim and leaves; everything that ends a worker early leaves a reason in the store.
 */
export async function work(ref: ShardRef, setting: WorkerSetting): Promise<void> {
  const files = runFiles(setting.store, ref.run);
  const nonce = randomUUID();
  const { clock } = setting;
  const refuse = (reason: string) =>
    files.refused
      .create(ref, {
        ...{ nonce, atMs: clock.wallMs(), reason },
        ...(setting.used && { used: setting.used() }),
      })
      .then(() => {});

  const frozen = await files.plan.read();
  if (!frozen) return refuse(`there is no plan.json for run ${ref.run}`);
  if (frozen.protocol !== PROTOCOL) {
    return refuse(`the plan speaks protocol ${frozen.protocol}, this worker ${PROTOCOL}`);
  }
  const problem = setting.terms?.planProblem(frozen) ?? strangeCode(frozen, setting);
  if (problem !== null) return refuse(problem);
  if (!(await files.claims.create(ref, { nonce, atMs: clock.wallMs() }))) {
    return refuse('this attempt is claimed already: a second delivery');
  }
  const inputs = new InputFiles(files.inputs);
  const armed = await arm(frozen, ref, setting, files, inputs);
  if (typeof armed === 'string') {
    await inputs.close();
    return refuse(armed);
  }
  const { shard } = armed;
  try {
    const order = await ordered(ref, setting.control);
    if (order.kind !== 'go') {
      await refuse(order.reason);
      return;
    }
    const endsAtMs = order.startAtMs + (frozen.legs[ref.leg]!.endUs + frozen.graceUs) / 1000;
    const late = setting.terms?.endProblem(endsAtMs) ?? null;
    if (late !== null) return await refuse(late);
    clock.startAt(order.startAtMs);
    await measure(shard, frozen, order.startAtMs, armed, files, setting);
  } finally {
    shard.close();
    await inputs.close();
  }
}

interface Armed {
  readonly shard: Shard;
  readonly atMs: number;
  readonly offset: Promise<Offset | null>;
}

/** Everything up to `ready`; what must not be done is told as text, and nothing has been sent. */
async function arm(
  frozen: FrozenPlan,
  ref: ShardRef,
  setting: WorkerSetting,
  files: RunFiles,
  inputs: InputFiles,
): Promise<Armed | string> {
  const { clock, pacer, env, userAgent, terms } = setting;
  let secrets: Secrets = {};
  let shard: Shard | null = null;
  try {
    if (terms) secrets = await terms.readSecrets(frozen);
    await inputs.bring(frozen.plan);
    const means = await scenarioMeans(frozen.plan, inputs);
    shard = new Shard({
      ...{ frozen, ref, clock, pacer, env, userAgent, means },
      timeline: runTimeline(frozen),
      bounds: terms && { guard: terms.guard, maxRate: terms.maxRate, secrets },
    });
    await terms?.warmUp();
    if (frozen.plan.flows) await warmUpFlows();
    await shard.arm();
    const atMs = clock.wallMs();
    await files.ready.create(ref, { atMs });
    return { shard, atMs, offset: offsetFrom(setting.store, clock) };
  } catch (error) {
    shard?.close();
    // Where the machine is the user's own, whoever started the worker is told.
    if (!terms) {
      await inputs.close();
      throw error;
    }
    const { message } = error as Error;
    return hidden(
      error instanceof Forbidden ? message : `it could not be armed: ${message}`,
      secrets,
    );
  }
}

/** What is said of a plan may hold what stood in its place. */
function hidden(text: string, secrets: Secrets): string {
  const taken = new SecretText({}, secrets);
  for (const name of Object.keys(secrets)) taken.reveal(`\${secret:${name}}`);
  return taken.hide(text);
}

type Order =
  | { readonly kind: 'go'; readonly startAtMs: number }
  | { readonly kind: 'leave'; readonly reason: string };

function ordered(ref: ShardRef, control: ControlWatch): Promise<Order> {
  return new Promise((resolve) => {
    let leave = () => {};
    const settle = (order: Order) => {
      queueMicrotask(() => leave());
      resolve(order);
    };
    leave = control.listen(
      (now) => {
        const order = orderFor(ref, now);
        if (order) settle(order);
      },
      () => settle({ kind: 'leave', reason: 'control.json could not be read before the start' }),
    );
  });
}

function orderFor(ref: ShardRef, control: Control): Order | null {
  const leg = control.legs[ref.leg];
  if (leg?.void.includes(`${ref.region}/${ref.n}.${ref.attempt}`)) {
    return { kind: 'leave', reason: 'declared void: another attempt took its place' };
  }
  // Stopped since: its share is counted from then on, and it must say that it did nothing of it.
  if (leg?.state === 'go' && control.startAtMs !== null) {
    return { kind: 'go', startAtMs: control.startAtMs };
  }
  if (control.stop) {
    return { kind: 'leave', reason: `stopped before the start: ${control.stop.cause}` };
  }
  return null;
}

async function measure(
  shard: Shard,
  frozen: FrozenPlan,
  startAtMs: number,
  armed: Armed,
  files: RunFiles,
  setting: WorkerSetting,
): Promise<void> {
  const { ref } = shard;
  const { clock } = setting;
  const { startUs, endUs } = frozen.legs[ref.leg]!;
  const startedAtMs = startAtMs + startUs / 1000;
  const healthOf = setting.health.watch(startedAtMs - clock.wallMs(), (endUs - startUs) / 1000);
  const unlisten = setting.control.listen(
    (now) => {
      if (now.stop) shard.stop();
    },
    () => shard.lapse(),
  );
  const upload = new FragmentUpload(shard, files);
  const flushing = setInterval(() => upload.cut(false), fragmentEveryUs(frozen) / 1000);
  try {
    await shard.run();
  } finally {
    clearInterval(flushing);
    unlisten();
  }
  const health = healthOf();
  const endedAtMs = clock.wallMs();
  upload.cut(true);
  // Beside the uploads: it takes a second or two where the store's clock ticks in seconds.
  const looking = armed.offset.then((near) => offsetFrom(setting.store, clock, near));
  const fragments = await upload.finished();
  const [first, last] = await Promise.all([armed.offset, looking]);
  const manifest: Manifest = {
    schema: 'isochrone.manifest/1',
    run: ref.run,
    region: ref.region,
    leg: ref.leg,
    n: ref.n,
    attempt: ref.attempt,
    worker: { ...setting.facts, pacer: setting.pacer.kind },
    armedAtMs: armed.atMs,
    startedAtMs,
    endedAtMs,
    stoppedAtUs: shard.stoppedAtUs,
    ...(shard.lapsedAtUs !== null && { lapsedAtUs: shard.lapsedAtUs }),
    fragments,
    ...shard.facts(),
    health,
    clock: first && { ...first, driftMs: last && last.offsetMs - first.offsetMs },
    ...(setting.used && { used: setting.used() }),
  };
  await patiently(() => files.manifests.create(ref, manifest));
}
