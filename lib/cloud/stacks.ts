import { Annotations, type App, Tags } from 'aws-cdk-lib';
import { ControlStack } from './control-stack.js';
import { RegionStack } from './region-stack.js';
import type { StackInput } from './stack-function.js';
import { StoreStack } from './store-stack.js';

/** Adds all stacks of a deployment; they know each other by their names alone. */
export function addStacks(app: App, input: StackInput): void {
  const { prefix, regions, allowedHosts } = input.settings.deployment;
  new StoreStack(app, input.settings);
  const control = new ControlStack(app, input);
  // The orchestrator is told of all regions: while it is there, nobody has to guess where else
  // something was left by a deployment or a removal that was broken off.
  for (const region of regions) new RegionStack(app, input, region).addStackDependency(control);
  Tags.of(app).add('isochrone', prefix);
  if (allowedHosts.length > 0) return;
  Annotations.of(control).addWarningV2(
    'isochrone:noHosts',
    'no hosts are allowed, so workers will refuse every target: say which with -c allowedHosts=shop.example.com',
  );
}
