import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { UnavailableError } from '../errors.js';
import { s3Connection } from '../store/s3-connection.js';

/** A bucket that is to be given up, with all that is in it. */
export interface DoomedBucket {
  readonly bucket: string;
  readonly region: string;
  /** The account that must own it. */
  readonly account: string;
}

/** Deletes every version of every object: no bucket can be deleted before. */
export async function emptyBucket(doomed: DoomedBucket): Promise<void> {
  await with3(doomed, 'empty', async (client, common) => {
    for (;;) {
      const { Versions = [], DeleteMarkers = [] } = await client.send(
        new ListObjectVersionsCommand(common),
      );
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({
        Key,
        ...(VersionId !== undefined && { VersionId }),
      }));
      if (Objects.length === 0) return;
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ ...common, Delete: { Objects, Quiet: true } }),
      );
      const [first] = Errors;
      if (first) throw new Error(`${first.Key}: ${first.Code}: ${first.Message}`);
    }
  });
}

/** Does nothing where it is gone already. */
export async function deleteBucket(doomed: DoomedBucket): Promise<void> {
  await with3(doomed, 'delete', (client, common) => client.send(new DeleteBucketCommand(common)));
}

async function with3(
  { bucket, region, account }: DoomedBucket,
  act: string,
  call: (client: S3Client, common: { Bucket: string; ExpectedBucketOwner: string }) => unknown,
): Promise<void> {
  const client = new S3Client({ ...s3Connection({ bucket }, region), maxAttempts: 4 });
  try {
    await call(client, { Bucket: bucket, ExpectedBucketOwner: account });
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'NoSuchBucket') return;
    throw new UnavailableError(`cannot ${act} ${bucket}: ${name}: ${message}`, { cause: error });
  } finally {
    client.destroy();
  }
}
