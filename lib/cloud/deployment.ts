// What a deployment is: the names of its parts, and the limits that its functions are given in
// their environment. The stacks write these, the functions and the command line read them.

export interface Deployment {
  /** Begins the name of every part: `isochrone`. */
  readonly prefix: string;
  /** Region of the bucket, the orchestrator and merge. */
  readonly home: string;
  readonly bucket: string;
  /** Where there are workers. */
  readonly regions: readonly string[];
  readonly limits: DeployedLimits;
  /** Hosts that may be loaded, `name` or `name:port`; `*.x.y` stands for names below x.y alone. */
  readonly allowedHosts: readonly string[];
  /** Private networks that may be loaded, in CIDR notation. */
  readonly allowedNetworks: readonly string[];
  /** Names of secrets that workers may read. */
  readonly secrets: readonly string[];
  /** Whom the owner of a target can ask; travels with every request. */
  readonly contact: string | null;
  /** Of a worker: what its time costs goes by that. */
  readonly memoryMb: number;
  /** Workers reach the world through a NAT gateway, which charges for what passes. */
  readonly nat: boolean;
  /** Workers carry out code of plans: whoever may start a run can do with it what workers can. */
  readonly allowCode: boolean;
}

export interface DeployedLimits {
  /** Starts/s of all runs together. */
  readonly maxRate: number;
  /** Requests/s of one worker. */
  readonly maxWorkerRate: number;
  /** Workers of one leg in a region, of all runs together. */
  readonly maxWorkers: number;
  /** Length of one run. */
  readonly maxMinutes: number;
  /** US dollars that all runs in progress together may come to cost; null: nobody set a limit. */
  readonly maxCost: number | null;
}

export const DEFAULT_PREFIX = 'isochrone';
/** Every function is invoked through it, so that a deployment can replace what it points to. */
export const ALIAS = 'live';

/** Changes with what cannot be changed of a durable function: it must then have another name. */
const SCHEMA = 1;

/** One vCPU. */
export const WORKER_MEMORY_MB = 1769;
export const ORCHESTRATOR_MEMORY_MB = 1024;
export const MERGE_MEMORY_MB = 3008;

/** What a variable says where a limit is none. */
const NO_LIMIT = 'none';

export function workerName(prefix: string): string {
  return `${prefix}-worker`;
}

export function orchestratorName(prefix: string): string {
  return `${prefix}-orchestrator-${SCHEMA}`;
}

export function mergeName(prefix: string): string {
  return `${prefix}-merge`;
}

export function bucketName(prefix: string, account: string, home: string): string {
  return `${prefix}-${account}-${home}`;
}

/** The account that owns the bucket, as its name tells; empty where it tells of none. */
export function accountOf({
  prefix,
  home,
  bucket,
}: Pick<Deployment, 'prefix' | 'home' | 'bucket'>): string {
  const account = bucket.slice(prefix.length + 1, -(home.length + 1));
  return /^\d{12}$/.test(account) && bucket === bucketName(prefix, account, home) ? account : '';
}

/** The variable in which functions hold the version of Isochrone that deployed them. */
export const VERSION_VARIABLE = 'ISOCHRONE_VERSION';

const VARIABLES = {
  prefix: 'ISOCHRONE_PREFIX',
  home: 'ISOCHRONE_HOME',
  bucket: 'ISOCHRONE_BUCKET',
  regions: 'ISOCHRONE_REGIONS',
  allowedHosts: 'ISOCHRONE_ALLOWED_HOSTS',
  allowedNetworks: 'ISOCHRONE_ALLOWED_NETWORKS',
  secrets: 'ISOCHRONE_SECRETS',
  contact: 'ISOCHRONE_CONTACT',
  maxRate: 'ISOCHRONE_MAX_RATE',
  maxWorkerRate: 'ISOCHRONE_MAX_WORKER_RATE',
  maxWorkers: 'ISOCHRONE_MAX_WORKERS',
  maxMinutes: 'ISOCHRONE_MAX_MINUTES',
  maxCost: 'ISOCHRONE_MAX_COST',
  memoryMb: 'ISOCHRONE_MEMORY',
  nat: 'ISOCHRONE_NAT',
  allowCode: 'ISOCHRONE_ALLOW_CODE',
} as const;

/** What a function of this deployment is given. */
export function environmentOf(deployment: Deployment): Record<string, string> {
  const { limits, contact, ...rest } = deployment;
  const maxCost = limits.maxCost ?? NO_LIMIT;
  const values = { ...rest, ...limits, maxCost, contact: contact ?? '' };
  return Object.fromEntries(
    Object.entries(values).map(([field, value]) => [
      VARIABLES[field as keyof typeof VARIABLES],
      Array.isArray(value) ? value.join(',') : String(value),
    ]),
  );
}

/** The same read back. A limit that is missing or no number allows nothing. */
export function deploymentFrom(env: Readonly<Record<string, string | undefined>>): Deployment {
  const text = (field: keyof typeof VARIABLES) => env[VARIABLES[field]] ?? '';
  const list = (field: keyof typeof VARIABLES) =>
    text(field)
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  const limit = (field: keyof DeployedLimits) => {
    const value = Number(text(field));
    return Number.isFinite(value) && value > 0 ? value : 0;
  };
  return {
    prefix: text('prefix') || DEFAULT_PREFIX,
    home: text('home'),
    bucket: text('bucket'),
    regions: list('regions'),
    limits: {
      maxRate: limit('maxRate'),
      maxWorkerRate: limit('maxWorkerRate'),
      maxWorkers: limit('maxWorkers'),
      maxMinutes: limit('maxMinutes'),
      maxCost: text('maxCost') === NO_LIMIT ? null : limit('maxCost'),
    },
    allowedHosts: list('allowedHosts'),
    allowedNetworks: list('allowedNetworks'),
    secrets: list('secrets'),
    contact: text('contact') || null,
    memoryMb: Number(text('memoryMb')) || WORKER_MEMORY_MB,
    nat: text('nat') === 'true',
    allowCode: text('allowCode') === 'true',
  };
}
