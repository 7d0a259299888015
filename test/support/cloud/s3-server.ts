import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

/** A key pair that the server knows. */
export interface S3User {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What tests need to know of a server; plain data, so that a set-up can hand it to them. */
export interface S3Facts {
  readonly endpoint: string;
  readonly bucket: string;
  /** Owns the bucket. */
  readonly owner: S3User;
  /** A user without any right to the bucket. */
  readonly stranger: S3User;
}

export interface S3Server extends S3Facts {
  /** Ends it and removes all that it wrote; so does the death of this process. */
  stop(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL('./s3-server-process.mjs', import.meta.url));

const OWNER: S3User = { accessKeyId: 'AKIAISOCHRONEOWNER00', secretAccessKey: 'owners-secret-key' };
const STRANGER: S3User = { accessKeyId: 'AKIAISOCHRONEOTHER00', secretAccessKey: 'others-secret' };

/**
 * Starts radosgw with one bucket; takes some 15 s. Where several swap one object at the same
 * instant it answers the losers with 500, where AWS says 409; either is asked again.
 */
export async function startS3Server(bucket: string): Promise<S3Server> {
  const users = [
    { name: 'owner', ...OWNER },
    { name: 'stranger', ...STRANGER },
  ];
  const child = spawn(process.execPath, [PROCESS, JSON.stringify({ users })], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const closed = once(child, 'close');
  const stop = async () => {
    child.stdin.end();
    await closed;
  };
  try {
    const port = await Promise.race([
      portIn(createInterface({ input: child.stdout })),
      closed.then(() => Promise.reject(new Error('the S3 server did not start: see above'))),
    ]);
    const endpoint = `http://127.0.0.1:${port}`;
    await createBucket({ endpoint, owner: OWNER }, bucket);
    return { endpoint, bucket, owner: OWNER, stranger: STRANGER, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function createBucket(
  { endpoint, owner }: Pick<S3Facts, 'endpoint' | 'owner'>,
  name: string,
): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const client = new S3Client({
    endpoint,
    credentials: owner,
    region: 'us-east-1',
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  client.destroy();
}

async function portIn(lines: AsyncIterable<string>): Promise<number> {
  for await (const line of lines) return (JSON.parse(line) as { port: number }).port;
  throw new Error('the S3 server said nothing');
}
