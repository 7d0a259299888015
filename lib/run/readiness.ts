import { ALIAS } from '../cloud/deployment.js';
import { OLDEST_BOOTSTRAP } from './bootstrap.js';
import type { CloudFacts, RegionFacts } from './cloud-facts.js';
import { bad, type Finding, good, unknown } from './finding.js';

/** Whether an account can be deployed into: what a deployment would fail for, all of it at once. */
export function readiness(facts: CloudFacts): readonly Finding[] {
  return [...regionFindings(facts), durableFinding(facts), ...bootstrapFindings(facts)];
}

function regionFindings({ states, wanted }: CloudFacts): Finding[] {
  const check = 'regions';
  if (!('value' in states)) {
    return [
      unknown(
        check,
        `whether ${wanted.join(', ')} are turned on is not told: ${states.trouble}`,
        'allow account:ListRegions',
      ),
    ];
  }
  const found = wanted.flatMap((region) => {
    const state = states.value.get(region);
    if (state === 'enabled') return [];
    if (state === undefined) {
      return bad(check, `this account has no region ${region}`, 'name another one in the plan');
    }
    return state === 'enabling'
      ? bad(check, `${region} is being turned on`, 'wait some minutes, and ask again')
      : bad(
          check,
          `${region} is turned off in this account`,
          `aws account enable-region --region-name ${region}`,
        );
  });
  return found.length > 0 ? found : [good(check, `${wanted.join(', ')}: turned on`)];
}

function durableFinding({ durable, orchestrator, home }: CloudFacts): Finding {
  const check = 'durable functions';
  if ('value' in orchestrator && orchestrator.value !== null && !orchestrator.value.durable) {
    return bad(
      check,
      `what ${ALIAS} of the orchestrator points to is no durable function, which only its creation can make it`,
      'isochrone destroy',
      'isochrone deploy',
    );
  }
  if (!('value' in durable)) {
    return unknown(
      check,
      `whether ${home} has them is not told: ${durable.trouble}`,
      'allow lambda:ListDurableExecutionsByFunction',
    );
  }
  return durable.value
    ? good(check, `${home} has them`)
    : bad(
        check,
        `${home} has none, and they lead the runs: home must be another region`,
        'export ISOCHRONE_HOME=us-east-2',
      );
}

function bootstrapFindings({ account, regions }: CloudFacts): Finding[] {
  const check = 'bootstrap';
  const versionOf = ({ bootstrap }: RegionFacts) =>
    'value' in bootstrap ? (bootstrap.value ?? 0) : null;
  const command = (of: readonly RegionFacts[]) =>
    `npx cdk bootstrap ${of.map(({ region }) => `aws://${account}/${region}`).join(' ')}`;
  const names = (of: readonly RegionFacts[]) => of.map(({ region }) => region).join(', ');

  const missing = regions.filter((one) => versionOf(one) === 0);
  const old = regions.filter((one) => {
    const version = versionOf(one);
    return version !== null && version > 0 && version < OLDEST_BOOTSTRAP;
  });
  const untold = regions.flatMap(({ region, bootstrap }) =>
    'trouble' in bootstrap ? [{ region, why: bootstrap.trouble }] : [],
  );
  const found = [
    ...(missing.length > 0
      ? [bad(check, `the CDK has never been set up in ${names(missing)}`, command(missing))]
      : []),
    ...(old.length > 0
      ? [
          bad(
            check,
            `the CDK was set up in ${names(old)} by a version before ${OLDEST_BOOTSTRAP} of its template`,
            command(old),
          ),
        ]
      : []),
    ...untold.map(({ region, why }) =>
      unknown(
        check,
        `whether the CDK is set up in ${region} is not told: ${why}`,
        'allow ssm:GetParameter on parameter/cdk-bootstrap/*, which whoever only runs does not need',
      ),
    ),
  ];
  if (found.length > 0) return found;
  return [good(check, `the CDK is set up in ${names(regions)}`)];
}
