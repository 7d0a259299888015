import type { Bill, BillLine } from '../cloud/bill.js';
import {
  type Deployment,
  MERGE_MEMORY_MB,
  ORCHESTRATOR_MEMORY_MB,
  WORKER_MEMORY_MB,
} from '../cloud/deployment.js';
import { UsageError } from '../errors.js';
import type { CloudSite, FrozenPlan } from '../plan/frozen-plan.js';
import { answerPrice, pricesAsOf } from '../regions/prices.js';
import { usd } from '../report/render/figures.js';
import { expectedUsage, type TimeParts } from './expected-usage.js';

/** What a run on AWS will cost, line by line, before it begins. */
export interface Estimate {
  readonly lines: readonly EstimateLine[];
  /** null: a price is missing. */
  readonly usd: number | null;
  /** If all takes as long as it may. */
  readonly mostUsd: number | null;
  readonly missing: readonly string[];
  /** Answers or code decide how many requests there will be. */
  readonly guessed: boolean;
  readonly time: TimeParts;
  /** Day of the oldest price. */
  readonly asOf: string;
  readonly answers: TargetAnswers;
}

interface EstimateLine extends BillLine {
  readonly mostUsd: number | null;
}

/** What whoever owns the target pays: how large its answers are, nobody knows before. */
interface TargetAnswers {
  readonly count: number;
  /** For a GB that leaves it, where it stands in a region of AWS. */
  readonly usdPerGb: number;
}

export function estimateOf(frozen: FrozenPlan, site: CloudSite): Estimate {
  const likely = expectedUsage(frozen, site, 'likely');
  const bill = likely.tally.bill();
  const most = expectedUsage(frozen, site, 'most').tally.bill();
  return {
    lines: bill.lines.map((line, i) => ({ ...line, mostUsd: most.lines[i]!.usd })),
    usd: bill.usd,
    mostUsd: most.usd,
    missing: bill.missing,
    guessed: likely.guessed,
    time: likely.time,
    asOf: pricesAsOf(),
    answers: {
      count: Math.round(likely.requests),
      usdPerGb: answerPrice(frozen.plan.targetAt) * 1e9,
    },
  };
}

/** For people, and for a report: what was expected of a run that has ended. */
export function estimatedBill(frozen: FrozenPlan): Bill | null {
  return frozen.site ? expectedUsage(frozen, frozen.site, 'likely').tally.bill() : null;
}

/** What is to carry a run out, as a deployment knows itself. */
export function siteOf(
  deployment: Deployment,
  orchestratorMb: number = ORCHESTRATOR_MEMORY_MB,
): CloudSite {
  const { home, memoryMb, nat, contact } = deployment;
  return {
    home,
    workerMb: memoryMb,
    orchestratorMb,
    mergeMb: MERGE_MEMORY_MB,
    nat,
    contact,
    mostUsd: null,
  };
}

/** The same as whoever asks for a run takes it to be: nobody wrote down what is deployed. */
export function supposedSite(
  frozen: FrozenPlan,
  env: Readonly<Record<string, string | undefined>>,
): CloudSite {
  return {
    home: env.ISOCHRONE_HOME || env.AWS_REGION || frozen.regions[0]!.name,
    workerMb: Number(env.ISOCHRONE_MEMORY) || WORKER_MEMORY_MB,
    orchestratorMb: ORCHESTRATOR_MEMORY_MB,
    mergeMb: MERGE_MEMORY_MB,
    nat: env.ISOCHRONE_NAT === 'true',
    contact: env.ISOCHRONE_CONTACT || null,
    mostUsd: null,
  };
}

/** Refuses to hold a run to a limit that cannot be reckoned with. */
export function guardCost({ plan }: FrozenPlan, { missing }: Estimate): void {
  if (plan.limits === undefined || missing.length === 0) return;
  throw new UsageError(
    [
      `the cost of this run cannot be held to ${usd(plan.limits.costUsd)}: this version knows no price of`,
      ...missing.map((what) => `  ${what}`),
      'measure from other regions, or leave out `limits.cost`',
    ].join('\n'),
  );
}

/** To be told before a run of this machine: AWS charges nothing for it. */
export function localCostNotes({ plan }: FrozenPlan): string[] {
  if (plan.limits === undefined) return [];
  return [
    `limits.cost of ${usd(plan.limits.costUsd)} is about runs on AWS: this one costs nothing there`,
  ];
}

/** To be told before the run: it will not be carried through. */
export function costNotes({ plan }: FrozenPlan, estimate: Estimate): string[] {
  const { missing, guessed, usd: likelyUsd } = estimate;
  const limitUsd = plan.limits?.costUsd;
  const unknown = missing.length === 0 ? [] : [`no price is known of ${missing.join(', ')}`];
  if (limitUsd === undefined || likelyUsd === null || likelyUsd <= limitUsd) return unknown;
  const about = `${usd(likelyUsd)}${guessed ? ' or so' : ''}`;
  return [
    ...unknown,
    `it would cost about ${about}, and is stopped before it costs more than ${usd(limitUsd)} (limits.cost)`,
  ];
}
