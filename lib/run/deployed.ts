import { bucketName, DEFAULT_PREFIX } from '../cloud/deployment.js';
import { UnavailableError } from '../errors.js';
import { S3Store } from '../store/s3-store.js';
import { callerOf } from './caller.js';

/** A deployment as whoever uses it finds it. */
export interface Deployed {
  readonly prefix: string;
  /** Region of the bucket and the orchestrator. */
  readonly home: string;
  readonly account: string;
  /** Where its runs are kept. */
  readonly store: S3Store;
}

/** Begins the name of no run, so that to list it costs one request and tells nothing. */
const NO_RUN = 'runs/_';

/**
 * Finds a deployment by the names of its parts: nothing is written down anywhere. ISOCHRONE_PREFIX
 * and ISOCHRONE_HOME say what is not usual: another prefix, and a home that is not the region in use.
 */
export async function findDeployed(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Deployed> {
  const prefix = env.ISOCHRONE_PREFIX || DEFAULT_PREFIX;
  const { account, region: home } = await callerOf(env.ISOCHRONE_HOME || null);
  const bucket = bucketName(prefix, account, home);
  const store = S3Store.open({ bucket, region: home, accountId: account });
  try {
    await store.list(NO_RUN);
  } catch (error) {
    const { cause } = error as { cause?: { name?: string } };
    if (cause?.name !== 'NoSuchBucket') throw error;
    throw new UnavailableError(
      [
        `nothing is deployed in account ${account} with its home in ${home}: there is no bucket ${bucket}`,
        '  npx cdk deploy --all            deploys it there',
        '  AWS_REGION or ISOCHRONE_HOME    say where its home is, if elsewhere',
        '  ISOCHRONE_PREFIX                says what its names begin with, if not with isochrone',
      ].join('\n'),
      { cause: error },
    );
  }
  return { prefix, home, account, store };
}
