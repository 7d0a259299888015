import { UsageError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { guardPlace, guardRows } from '../run/guard.js';
import { guardBudget } from '../run/run-budget.js';
import { freezeOrder, type OrchestratorEvent, type RunOrder } from '../run/run-order.js';
import { orderOf } from './frozen.js';
import type { PlanOptions } from './plan-options.js';
import { type PlanInputs, planOf } from './plan-source.js';
import type { Terminal } from './terminal/terminal.js';

/** What a deployment is asked for, and what will come of it. */
interface AwsOrder {
  readonly run: string;
  readonly order: RunOrder;
  readonly frozen: FrozenPlan;
  readonly inputs: PlanInputs;
}

/** The largest event that Lambda takes, bytes. */
const LARGEST_EVENT = 1_048_576;

export async function awsOrderOf(
  argument: string | undefined,
  options: PlanOptions & { readonly label?: string },
  terminal: Terminal,
): Promise<AwsOrder> {
  if (options.emulate !== undefined) {
    throw new UsageError(
      'workers on AWS are where they are: --emulate is for runs of this machine',
    );
  }
  const inputs: PlanInputs = new Map();
  const { run, order } = orderOf(await planOf(argument, options, terminal, inputs), options);
  const frozen = freezeOrder(run, order);
  guardPlace(frozen);
  guardRows(frozen);
  guardBudget(frozen);
  return { run, order, frozen, inputs };
}

/** The event by which a run is started without this command line: one line of JSON. */
export function eventText({ run, order, inputs }: AwsOrder): string {
  if (inputs.size > 0) {
    throw new UsageError(
      'files or code of this plan cannot stand in an event: isochrone run --on aws puts them into the bucket',
    );
  }
  const event: OrchestratorEvent = { run, plan: order };
  const text = JSON.stringify(event);
  if (Buffer.byteLength(text) <= LARGEST_EVENT) return text;
  throw new UsageError(
    `the event would be ${Buffer.byteLength(text)} bytes, and Lambda takes ${LARGEST_EVENT}: isochrone run --on aws puts the plan into the bucket instead`,
  );
}
