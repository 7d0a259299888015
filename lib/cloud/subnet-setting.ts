import type { ContextValues } from './context-values.js';

/** Where workers of a region have their network interfaces. */
export interface WorkerNetwork {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/**
 * Reads `REGION:subnet-…` and `REGION:sg-…`. Nothing is looked up, so nothing but their ids is known
 * of them.
 */
export function readSubnets(
  values: ContextValues,
  regions: readonly string[],
): Readonly<Record<string, WorkerNetwork>> {
  const subnets: Record<string, string[]> = {};
  const groups: Record<string, string[]> = {};
  for (const text of values.list('subnets')) {
    const [, region = '', id = '', kind] =
      /^([\w-]+):((subnet|sg)-(?:[0-9a-f]{8}|[0-9a-f]{17}))$/.exec(text) ?? [];
    if (id === '') {
      values.problem(
        'subnets',
        `'${text}' is neither REGION:subnet-ID nor REGION:sg-ID, as in eu-west-1:subnet-0a1b2c3d,eu-west-1:sg-0e1f2a3b`,
      );
    } else if (!regions.includes(region)) {
      values.problem('subnets', `'${text}': there will be no workers in ${region}`);
    } else {
      const list = kind === 'subnet' ? subnets : groups;
      list[region] = [...(list[region] ?? []), id];
    }
  }
  for (const region of new Set([...Object.keys(subnets), ...Object.keys(groups)])) {
    if (!subnets[region]) values.problem('subnets', `${region} has security groups and no subnet`);
    if (!groups[region]) {
      values.problem(
        'subnets',
        `${region} has no security group: add ${region}:sg-ID, one that lets everything out`,
      );
    }
  }
  return Object.fromEntries(
    Object.entries(subnets).map(([region, subnetIds]) => [
      region,
      { subnetIds, securityGroupIds: groups[region] ?? [] },
    ]),
  );
}
