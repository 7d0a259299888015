import type { CloudSettings } from '../cloud/settings.js';
import { type Reach, reachOf } from '../cloud/worst-case.js';
import { inProgress } from '../store/admission-object.js';
import { callerOf } from './caller.js';
import {
  type CloudFacts,
  cloudFacts,
  deployedRegions,
  known,
  USUAL_CONCURRENCY,
} from './cloud-facts.js';
import { type Finding, unknown } from './finding.js';
import { readiness } from './readiness.js';

/** An account as a deployment finds it. */
export interface DeployGround {
  readonly account: string;
  readonly settings: CloudSettings;
  /** What has to be mended first, and what could not be looked at. */
  readonly findings: readonly Finding[];
  /** Of runs in progress. */
  readonly running: readonly string[];
  /** How many workers may run at once, in each region. */
  readonly reaches: readonly Reach[];
  /** Regions that have workers already, and that nobody has asked for anew. */
  readonly kept: readonly string[];
  /** Regions that have workers which nobody wants any more: it was said which to have. */
  readonly dropped: readonly string[];
}

/** What is to be deployed, where. */
interface DeployOrder {
  /** null: the region in use. */
  readonly home: string | null;
  readonly settingsAt: (home: string) => CloudSettings;
  /** Regions that have workers are kept, unless it was said which to have: plans take none away. */
  readonly regionsSaid: boolean;
}

/** Looks at an account before anything is changed in it. */
export async function deployGround({
  home,
  settingsAt,
  regionsSaid,
}: DeployOrder): Promise<DeployGround> {
  const { account, region } = await callerOf(home);
  const asked = settingsAt(region);
  const facts = await cloudFacts({
    prefix: asked.deployment.prefix,
    account,
    home: region,
    regions: asked.deployment.regions,
    subnets: Object.fromEntries(
      Object.entries(asked.networks).map(([name, { subnetIds }]) => [name, subnetIds]),
    ),
  });
  const others = otherRegions(facts, asked);
  const kept = regionsSaid ? [] : others;
  const regions = [...asked.deployment.regions, ...kept];
  const settings = { ...asked, deployment: { ...asked.deployment, regions } };
  const { maxWorkers } = settings.deployment.limits;
  return {
    account,
    settings,
    findings: [...readiness(facts).filter(({ level }) => level !== 'good'), ...untold(facts)],
    running: runningIn(facts, Date.now()),
    reaches: facts.regions
      .filter((one) => regions.includes(one.region))
      .map(({ region: name, concurrency, worker }) => {
        const told = known(concurrency);
        if (told === null) {
          return { region: name, workers: USUAL_CONCURRENCY, reserved: false, told: false };
        }
        return reachOf(name, maxWorkers, told, known(worker)?.reserved ?? null);
      }),
    kept,
    dropped: regionsSaid ? others : [],
  };
}

/** Runs that hold a part of what is deployed, by their ids. */
export function runningIn({ admitted }: Pick<CloudFacts, 'admitted'>, nowMs: number): string[] {
  return inProgress(known(admitted) ?? [], nowMs).map(({ run }) => run);
}

function untold({ admitted }: CloudFacts): Finding[] {
  if ('value' in admitted) return [];
  return [unknown('deployed', `whether runs are in progress is not told: ${admitted.trouble}`)];
}

/** Where there are workers besides what is asked for. */
function otherRegions({ orchestrator }: CloudFacts, { deployment }: CloudSettings): string[] {
  return deployedRegions(orchestrator).filter((region) => !deployment.regions.includes(region));
}
