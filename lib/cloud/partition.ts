// Parts of AWS that know nothing of each other: accounts, names and roles of one mean nothing in
// another, so a deployment stays within one.

const BY_BEGINNING: readonly (readonly [beginning: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
];

/** Where AWS has not announced durable functions, as of November 2026. */
const NOT_DURABLE = new Set(['aws-cn', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f']);

/** `eu-west-1`, `us-gov-east-1`: as AWS calls its regions. */
export function isRegionName(text: string): boolean {
  return /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(text);
}

export function partitionOf(region: string): string {
  return BY_BEGINNING.find(([beginning]) => region.startsWith(beginning))?.[1] ?? 'aws';
}

/** Whether an orchestrator cannot live there. Of single regions AWS alone knows: `doctor` asks. */
export function lacksDurableFunctions(region: string): boolean {
  return NOT_DURABLE.has(partitionOf(region));
}
