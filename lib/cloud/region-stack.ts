import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { workerName } from './deployment.js';
import { regionStackName, workerRoleName } from './part-names.js';
import { workerRights } from './rights.js';
import { reservedConcurrency } from './settings.js';
import { LiveFunction, type StackInput } from './stack-function.js';
import { groundOf } from './stack-policy.js';

/** The workers of one region. */
export class RegionStack extends Stack {
  constructor(scope: Construct, input: StackInput, region: string) {
    const { deployment, networks, reserve } = input.settings;
    const { prefix, memoryMb, limits } = deployment;
    super(scope, regionStackName(prefix, region), {
      env: { region },
      description: `Isochrone: workers in ${region}`,
    });
    const network = networks[region];
    new LiveFunction(this, 'Worker', {
      ...input,
      name: workerName(prefix),
      roleName: workerRoleName(prefix, region),
      description: 'Isochrone: makes load and measures it',
      bundle: 'worker',
      memoryMb,
      rights: workerRights(groundOf(input.settings), region, { inNetwork: network !== undefined }),
      ...(network && { network }),
      ...(reserve.includes(region) && { reserved: reservedConcurrency(limits.maxWorkers) }),
    });
  }
}
