/** One kind of price: what it is for, and how far it can be relied on. */
interface PriceNote {
  /** So many of what is charged for one price; of bytes a GB is 10^9. */
  readonly per: number;
  readonly of: string;
  /** When it was known to hold: AWS may have changed it since. */
  readonly asOf: string;
  /** Where AWS itself says it. */
  readonly page: string;
  /** Where the figures below are from. */
  readonly from: string;
}

/**
 * On-demand prices in US dollars, of the first tier, without what is free each month, without
 * discounts and taxes. None of them was asked from AWS by this program: what matters is to be
 * looked up on the page that stands beside it.
 */
export const PRICE_NOTES = {
  lambdaTime: {
    per: 1e6,
    of: 'GB-seconds of arm64 functions',
    asOf: '2025-10-01',
    page: 'https://aws.amazon.com/lambda/pricing/',
    from: 'AWS price list of us-east-1; where another price is known, the table of artillery 2.0.28; of the others the basic price',
  },
  lambdaRequests: {
    per: 1e6,
    of: 'invocations',
    asOf: '2025-10-01',
    page: 'https://aws.amazon.com/lambda/pricing/',
    from: 'AWS price list of us-east-1; elsewhere from memory',
  },
  durableOperations: {
    per: 1e6,
    of: 'durable operations',
    asOf: '2026-09-20',
    page: 'https://aws.amazon.com/lambda/pricing/',
    from: 'the example for us-east-1 on that page; assumed to be the same elsewhere',
  },
  s3Writes: {
    per: 1e3,
    of: 'PUT and LIST requests of S3 Standard',
    asOf: '2025-06-30',
    page: 'https://aws.amazon.com/s3/pricing/',
    from: 'AWS price list of us-east-1; elsewhere from memory',
  },
  s3Reads: {
    per: 1e3,
    of: 'GET and HEAD requests of S3 Standard',
    asOf: '2025-06-30',
    page: 'https://aws.amazon.com/s3/pricing/',
    from: 'AWS price list of us-east-1; elsewhere from memory',
  },
  internet: {
    per: 1e9,
    of: 'GB to the internet, of the first 10 TB of a month',
    asOf: '2025-06-30',
    page: 'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer',
    from: 'from memory; AWS price list for us-east-1',
  },
  otherRegions: {
    per: 1e9,
    of: 'GB to other regions of AWS, the dearest of them',
    asOf: '2025-06-30',
    page: 'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer',
    from: 'from memory',
  },
  nat: {
    per: 1e9,
    of: 'GB through a NAT gateway, whose hours are not counted',
    asOf: '2025-06-30',
    page: 'https://aws.amazon.com/vpc/pricing/',
    from: 'AWS price list of us-east-1; elsewhere from memory',
  },
  logs: {
    per: 1e9,
    of: 'GB of logs taken in by CloudWatch',
    asOf: '2025-06-30',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    from: 'AWS price list of us-east-1; elsewhere from memory',
  },
} as const satisfies Readonly<Record<string, PriceNote>>;

export type PriceColumn = keyof typeof PRICE_NOTES;
/** A price that is left out is not known. */
type PriceRow = Readonly<Partial<Record<PriceColumn, number>>>;

/** Regions that anyone can turn on and of which this version knows no price: no cost is told there. */
export const UNPRICED: readonly string[] = [
  'ap-east-2',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'mx-central-1',
];

const BASIC_TIME = 13.3334;
const BASIC_REQUESTS = 0.2;
const OPERATIONS = 8;

/** Where Lambda costs what it does in most regions. */
function row(s3Writes: number, s3Reads: number, ...data: Data): PriceRow {
  const [internet, otherRegions, nat, logs] = data;
  return {
    lambdaTime: BASIC_TIME,
    lambdaRequests: BASIC_REQUESTS,
    durableOperations: OPERATIONS,
    ...{ s3Writes, s3Reads, internet, otherRegions, nat, logs },
  };
}

type Data = readonly [internet: number, otherRegions: number, nat: number, logs: number];

export const PRICE_TABLE: Readonly<Record<string, PriceRow>> = {
  'af-south-1': {
    ...row(0.006, 0.0005, 0.154, 0.147, 0.057, 0.65),
    lambdaTime: 17.68,
    lambdaRequests: 0.27,
  },
  'ap-east-1': {
    ...row(0.005, 0.0004, 0.12, 0.09, 0.065, 0.8),
    lambdaTime: 18.3,
    lambdaRequests: 0.28,
  },
  'ap-northeast-1': row(0.0047, 0.00037, 0.114, 0.09, 0.062, 0.76),
  'ap-northeast-2': row(0.0045, 0.00035, 0.126, 0.08, 0.059, 0.76),
  'ap-northeast-3': row(0.0047, 0.00037, 0.114, 0.09, 0.062, 0.76),
  'ap-south-1': row(0.005, 0.0004, 0.1093, 0.086, 0.056, 0.67),
  'ap-south-2': row(0.005, 0.0004, 0.1093, 0.086, 0.056, 0.67),
  'ap-southeast-1': row(0.005, 0.0004, 0.12, 0.09, 0.059, 0.7),
  'ap-southeast-2': row(0.0055, 0.00044, 0.114, 0.098, 0.059, 0.67),
  'ap-southeast-3': row(0.005, 0.0004, 0.132, 0.1, 0.059, 0.7),
  'ap-southeast-4': row(0.0055, 0.00044, 0.114, 0.1, 0.059, 0.67),
  'ca-central-1': row(0.0055, 0.00044, 0.09, 0.02, 0.05, 0.55),
  'ca-west-1': row(0.0055, 0.00044, 0.09, 0.02, 0.05, 0.55),
  'eu-central-1': row(0.0054, 0.00043, 0.09, 0.02, 0.052, 0.63),
  'eu-central-2': row(0.0059, 0.00047, 0.09, 0.02, 0.057, 0.69),
  'eu-north-1': row(0.005, 0.0004, 0.09, 0.02, 0.046, 0.5421),
  'eu-south-1': {
    ...row(0.0053, 0.00042, 0.09, 0.02, 0.05, 0.5985),
    lambdaTime: 15.6138,
    lambdaRequests: 0.23,
  },
  'eu-south-2': row(0.005, 0.0004, 0.09, 0.02, 0.048, 0.57),
  'eu-west-1': row(0.005, 0.0004, 0.09, 0.02, 0.048, 0.57),
  'eu-west-2': row(0.0053, 0.00042, 0.09, 0.02, 0.05, 0.5985),
  'eu-west-3': row(0.0053, 0.00042, 0.09, 0.02, 0.05, 0.5985),
  'il-central-1': row(0.0055, 0.00044, 0.11, 0.08, 0.05, 0.6),
  'me-central-1': {
    ...row(0.0055, 0.00044, 0.11, 0.085, 0.05, 0.6),
    lambdaTime: 16.5334,
    lambdaRequests: 0.25,
  },
  'me-south-1': {
    ...row(0.0055, 0.00044, 0.117, 0.1105, 0.05, 0.63),
    lambdaTime: 16.5334,
    lambdaRequests: 0.25,
  },
  'sa-east-1': row(0.007, 0.00056, 0.15, 0.138, 0.093, 0.9),
  'us-east-1': row(0.005, 0.0004, 0.09, 0.02, 0.045, 0.5),
  'us-east-2': row(0.005, 0.0004, 0.09, 0.02, 0.045, 0.5),
  'us-west-1': row(0.0055, 0.00044, 0.09, 0.02, 0.048, 0.6),
  'us-west-2': row(0.005, 0.0004, 0.09, 0.02, 0.045, 0.5),
};
