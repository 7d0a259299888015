// What the parts of a deployment are called that its functions need not know. All names follow from
// prefix and regions, so stacks find each other's parts without references between them. Roles
// belong to an account, not to a region: their names tell where they are for.

export function storeStackName(prefix: string): string {
  return `${prefix}-store`;
}

export function controlStackName(prefix: string): string {
  return `${prefix}-control`;
}

export function regionStackName(prefix: string, region: string): string {
  return `${prefix}-region-${region}`;
}

/** All stacks of a deployment. */
export function stackNames(prefix: string, regions: readonly string[]): string[] {
  const workers = regions.map((region) => regionStackName(prefix, region));
  return [storeStackName(prefix), controlStackName(prefix), ...workers];
}

export function workerRoleName(prefix: string, region: string): string {
  return `${prefix}-worker-${region}`;
}

export function orchestratorRoleName(prefix: string, home: string): string {
  return `${prefix}-orchestrator-${home}`;
}

export function mergeRoleName(prefix: string, home: string): string {
  return `${prefix}-merge-${home}`;
}

/** Managed policy with all that whoever runs needs; attached to nobody. */
export function runnerPolicyName(prefix: string, home: string): string {
  return `${prefix}-runner-${home}`;
}

/** EventBridge's rule that tells merge of an orchestrator that is no more. */
export function endedRuleName(prefix: string): string {
  return `${prefix}-orchestrator-ended`;
}

export function failedAlarmName(prefix: string): string {
  return `${prefix}-orchestrator-failed`;
}

export function timedOutAlarmName(prefix: string): string {
  return `${prefix}-orchestrator-timed-out`;
}

/** Where a function writes its log. */
export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}
