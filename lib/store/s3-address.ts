import { UsageError } from '../errors.js';
import { isKeyName } from './key.js';
import { isRunId } from './run-files.js';

/** Where in S3 a store lies; the prefix has no `/` at its ends and may be empty. */
export interface S3Address {
  readonly bucket: string;
  readonly prefix: string;
}

const AS_IN = 'write a bucket and, if you like, a prefix, as in s3://my-bucket/isochrone';

export function isS3Address(text: string): boolean {
  return /^s3:\/\//i.test(text);
}

export function readS3Address(text: string): S3Address {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)(.*)$/is.exec(text) ?? [];
  if (bucket === '') throw new UsageError(`${text} names no bucket: ${AS_IN}`);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new UsageError(
      `${text}: ${JSON.stringify(bucket)} cannot be the name of a bucket, which has 3 to 63 of a-z, 0-9, "." and "-": ${AS_IN}`,
    );
  }
  const names = path.split('/').filter((name) => name !== '');
  const bad = names.find((name) => !isKeyName(name));
  if (bad !== undefined) {
    throw new UsageError(
      `${text}: ${JSON.stringify(bad)} cannot be part of a prefix, whose names have a-z, A-Z, 0-9, ".", "_" and "-" and do not begin with a dot`,
    );
  }
  return { bucket, prefix: names.join('/') };
}

export function writeS3Address({ bucket, prefix }: S3Address): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}

/** The store and the run of an address within a run: `s3://bucket/prefix/runs/RUN/…`. */
export function splitRunAddress(text: string): { store: string; run: string } | null {
  const { bucket, prefix } = readS3Address(text);
  const names = prefix.split('/');
  const at = names.lastIndexOf('runs');
  const run = names[at + 1];
  if (at < 0 || run === undefined || !isRunId(run)) return null;
  return { store: writeS3Address({ bucket, prefix: names.slice(0, at).join('/') }), run };
}
