import { DEFAULT_PREFIX } from '../cloud/deployment.js';
import { UnavailableError } from '../errors.js';
import { type Caller, callerOf } from './caller.js';
import { checkup } from './checkup.js';
import { cloudFacts } from './cloud-facts.js';
import type { Measure } from './deployed-findings.js';
import { bad, type Finding, good } from './finding.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A region that everybody has, to tell keys that are wrong from a region that is turned off. */
const ALWAYS_ON = 'us-east-1';

/** Looks at all that a run on AWS needs, and says what it found. */
export async function examine(
  env: Environment,
  measure: Omit<Measure, 'nowMs'>,
): Promise<readonly Finding[]> {
  const prefix = env.ISOCHRONE_PREFIX || DEFAULT_PREFIX;
  const caller = await callerOf(env.ISOCHRONE_HOME || null).catch((error: unknown) => {
    if (error instanceof UnavailableError) return error;
    throw error;
  });
  if (caller instanceof UnavailableError) return withoutCaller(env, caller);
  const { account, region: home } = caller;
  const regions = measure.frozen?.regions.map(({ name }) => name) ?? [];
  const facts = await cloudFacts({ prefix, account, home, regions });
  return checkup(facts, { ...measure, nowMs: Date.now() });
}

/** Nothing else can be looked at without credentials. */
async function withoutCaller(
  env: Environment,
  trouble: UnavailableError,
): Promise<readonly Finding[]> {
  const home = env.ISOCHRONE_HOME || env.AWS_REGION || env.AWS_DEFAULT_REGION;
  const elsewhere = home ? await callerElsewhere(home) : null;
  if (home && elsewhere) {
    return [
      good('credentials', `account ${elsewhere.account}, but not in ${home}`),
      bad(
        'regions',
        `${home} is turned off in this account, or none of its regions`,
        `aws account enable-region --region-name ${home}`,
        'or choose another home: export ISOCHRONE_HOME=us-east-2',
      ),
    ];
  }
  const at = trouble.message.lastIndexOf(': ');
  return [bad('credentials', trouble.message.slice(0, at), trouble.message.slice(at + 2))];
}

async function callerElsewhere(home: string): Promise<Caller | null> {
  if (home === ALWAYS_ON) return null;
  return callerOf(ALWAYS_ON).catch(() => null);
}
