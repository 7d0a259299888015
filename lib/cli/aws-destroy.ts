import { bucketName } from '../cloud/deployment.js';
import { controlStackName, regionStackName, storeStackName } from '../cloud/part-names.js';
import { UnavailableError, UsageError } from '../errors.js';
import { type DestroyGround, destroyGround } from '../run/destroy-ground.js';
import { type DoomedBucket, deleteBucket, emptyBucket } from '../run/removed-bucket.js';
import { refuseWhileRunning } from './aws-deploy.js';
import { runCdk } from './cdk.js';
import { saidSettings } from './deploy-settings.js';
import type { DestroyOptions } from './destroy.js';
import { agreedTo } from './removal.js';
import { ask, checkAnswering } from './terminal/question.js';
import { print, say, type Terminal } from './terminal/terminal.js';

/** Takes out of an account what was deployed; what was measured only if its bucket is named. */
export async function destroy(options: DestroyOptions, terminal: Terminal): Promise<void> {
  const { results } = options;
  const asked = saidSettings(options, terminal);
  const { prefix, regions: said } = asked.settings.deployment;
  checkAnswering(options, terminal);
  const ground = await destroyGround({ prefix, home: asked.home });
  if (ground.empty) throw new UnavailableError(nothingText(ground, prefix));
  refuseWhileRunning(ground.running);
  const bucket = bucketName(prefix, ground.account, ground.home);
  if (results === true && options.yes) {
    throw new UsageError(
      `with --yes nobody is asked for the bucket's name, so it must be given: --results ${bucket}`,
    );
  }
  const regions = asked.regionsSaid ? said : ground.regions;
  const context = { ...asked.context, home: ground.home, prefix, regions: regions.join(',') };
  // The orchestrator knows where there are workers: without it nobody would.
  const workers = regions.map((region) => regionStackName(prefix, region));
  const first = [...workers, controlStackName(prefix)];
  if (results !== undefined) await confirm(bucket, results, terminal);
  else if (!options.yes && !(await agreedTo(first, terminal))) return;
  await runCdk(['destroy', ...first, '--force'], context, terminal);
  const gone = [...first];
  if (results !== undefined) {
    const doomed: DoomedBucket = { bucket, region: ground.home, account: ground.account };
    say(terminal, `emptying ${bucket}`);
    await emptyBucket(doomed);
    await runCdk(['destroy', storeStackName(prefix), '--force'], context, terminal);
    await deleteBucket(doomed);
    gone.push(storeStackName(prefix), bucket);
  }
  print(terminal, `destroyed: ${gone.join(', ')}`);
  if (results === undefined) print(terminal, keptText(bucket, prefix));
}

/** The name is asked for: what is deleted then cannot be had back. */
async function confirm(bucket: string, results: string | true, terminal: Terminal): Promise<void> {
  const name =
    results === true
      ? await ask(`all runs in ${bucket} will be deleted for good; its name, to go on:`, terminal)
      : results;
  if (name === bucket) return;
  throw new UsageError(`the bucket is ${bucket}, not ${name || 'nothing'}: nothing was destroyed`);
}

/** Whoever is in another account or region has it standing where it was. */
function nothingText({ account, home }: DestroyGround, prefix: string): string {
  return [
    `nothing that begins with ${prefix} is deployed in account ${account} with its home in ${home}, so nothing was destroyed`,
    '  AWS_REGION or ISOCHRONE_HOME    say where its home is, if elsewhere',
    '  ISOCHRONE_PREFIX                says what its names begin with, if they do with something else',
    '  AWS_PROFILE                     says whose credentials to use, if it is in another account',
  ].join('\n');
}

function keptText(bucket: string, prefix: string): string {
  return [
    `kept: ${storeStackName(prefix)}, with all runs in ${bucket}`,
    '  isochrone runs --on aws        lists them',
    `  isochrone destroy --results    deletes them`,
  ].join('\n');
}
