import { callerOf } from './caller.js';
import { cloudFacts, deployedRegions } from './cloud-facts.js';
import { runningIn } from './deploy-ground.js';

/** What there is to take away. */
export interface DestroyGround {
  readonly account: string;
  readonly home: string;
  /** Where the deployment has workers; home alone where nobody tells. */
  readonly regions: readonly string[];
  /** Of runs in progress. */
  readonly running: readonly string[];
  /** Nothing of a deployment is there, not even its bucket. */
  readonly empty: boolean;
}

/** `home` null: the region in use. */
export async function destroyGround(named: {
  readonly prefix: string;
  readonly home: string | null;
}): Promise<DestroyGround> {
  const { account, region: home } = await callerOf(named.home);
  const facts = await cloudFacts({ prefix: named.prefix, account, home, regions: [] });
  const regions = deployedRegions(facts.orchestrator);
  return {
    account,
    home,
    regions: regions.length > 0 ? regions : [home],
    running: runningIn(facts, Date.now()),
    empty: [facts.orchestrator, facts.merge, facts.admitted].every(
      (part) => 'value' in part && part.value === null,
    ),
  };
}
