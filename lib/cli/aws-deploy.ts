import { regionStackName, stackNames, storeStackName } from '../cloud/part-names.js';
import type { CloudSettings } from '../cloud/settings.js';
import { type Reach, worstRate } from '../cloud/worst-case.js';
import { UnavailableError, UsageError } from '../errors.js';
import { counted } from '../report/render/figures.js';
import { type DeployGround, deployGround } from '../run/deploy-ground.js';
import { runCdk } from './cdk.js';
import type { DeployOptions } from './deploy.js';
import { type Asked, deploySettings } from './deploy-settings.js';
import { findingsText } from './doctor.js';
import { agreedTo } from './removal.js';
import { checkAnswering } from './terminal/question.js';
import { print, say, type Terminal } from './terminal/terminal.js';

/** Puts into an account what a plan needs, once nothing stands in the way of it. */
export async function deploy(
  argument: string | undefined,
  options: DeployOptions,
  terminal: Terminal,
): Promise<void> {
  const asked = await deploySettings(argument, options, terminal);
  checkHosts(asked.settings);
  checkAnswering(options, terminal);
  const ground = await deployGround(asked);
  const { settings, findings, running } = ground;
  if (findings.some(({ level }) => level === 'bad')) {
    throw new UnavailableError(`nothing was deployed:\n${findingsText(findings, terminal)}`);
  }
  refuseWhileRunning(running);
  tell(ground, terminal);
  if (!(await takenAway(asked, ground, options, terminal))) return;
  await runCdk(
    [
      'deploy',
      '--all',
      ...(options.yes ? ['--require-approval', 'never', '--concurrency', '4'] : []),
    ],
    contextFor(asked, ground),
    terminal,
  );
  print(terminal, deployedText(settings, argument, terminal));
}

/**
 * Workers that nobody wants would obey whoever may start them. They go before the orchestrator
 * forgets where they are. False: whoever was asked wants them to stay.
 */
async function takenAway(
  { context }: Asked,
  { settings, dropped }: DeployGround,
  { yes }: DeployOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (dropped.length === 0) return true;
  const { home, prefix, regions } = settings.deployment;
  const stacks = dropped.map((region) => regionStackName(prefix, region));
  if (!yes && !(await agreedTo(stacks, terminal))) return false;
  const there = { ...context, home, prefix, regions: [...regions, ...dropped].join(',') };
  await runCdk(['destroy', ...stacks, '--force'], there, terminal);
  return true;
}

function contextFor({ context }: Asked, { settings, reaches }: DeployGround) {
  const { home, regions, prefix } = settings.deployment;
  const reserve = reaches.filter(({ reserved }) => reserved).map(({ region }) => region);
  return { ...context, home, prefix, regions: regions.join(','), reserve: reserve.join(',') };
}

function checkHosts({ deployment }: CloudSettings): void {
  if (deployment.allowedHosts.length > 0) return;
  throw new UsageError(
    [
      'no host may be loaded, so workers would refuse every target: say which, in one of these ways',
      '  isochrone deploy plan.yaml                           the host of a plan',
      '  isochrone deploy -c allowedHosts=shop.example.com    or several, with commas',
    ].join('\n'),
  );
}

/** New functions under a run would not be those that it began with. */
export function refuseWhileRunning(running: readonly string[]): void {
  if (running.length === 0) return;
  throw new UnavailableError(
    [
      `${counted(running.length, 'run')} in progress: wait, or stop ${running.length === 1 ? 'it' : 'them'} first`,
      ...running.map((run) => `  isochrone stop ${run} --on aws`),
    ].join('\n'),
  );
}

/** What is about to be, and the worst that can be done with it. */
function tell(
  { settings, account, kept, dropped, reaches, findings }: DeployGround,
  terminal: Terminal,
): void {
  const { deployment } = settings;
  const { limits, regions, allowedHosts, allowedNetworks, secrets, home, prefix, allowCode } =
    deployment;
  const cost = limits.maxCost === null ? '' : `, $${limits.maxCost} at a time`;
  const rows = [
    ['deploys', `${stackNames(prefix, regions).join(', ')}`],
    ...(dropped.length > 0
      ? [['destroys', dropped.map((region) => regionStackName(prefix, region)).join(', ')]]
      : []),
    ['into', `account ${account}, home ${home}`],
    ['from', regions.join(', ')],
    ['may load', [...allowedHosts, ...allowedNetworks].join(', ')],
    [
      'at most',
      `${limits.maxRate}/s and ${limits.maxWorkers} workers a region in all runs together, ${limits.maxWorkerRate}/s a worker, ${limits.maxMinutes} minutes a run${cost}`,
    ],
    ...(secrets.length > 0 ? [['may read', `secrets ${secrets.join(', ')}`]] : []),
    ['at worst', worstText(reaches, limits.maxWorkerRate)],
    ...(allowCode ? [['allows', CODE_TEXT]] : []),
  ];
  for (const [title = '', text = ''] of rows) say(terminal, `${title.padEnd(10)}${text}`);
  for (const region of kept) {
    say(
      terminal,
      `note: ${region} is kept, as it has workers already; -c regions=… says which to have`,
    );
  }
  for (const { region, workers } of reaches.filter(({ reserved, told }) => told && !reserved)) {
    say(
      terminal,
      `note: no concurrency is reserved in ${region}, where the account has ${workers} left and must keep 100 free; a higher quota mends that`,
    );
  }
  for (const { region } of reaches.filter(({ told }) => !told)) {
    say(
      terminal,
      `note: no concurrency is reserved in ${region}, as AWS does not tell how much there is: allow lambda:GetAccountSettings`,
    );
  }
  for (const { level, text } of findings) {
    if (level === 'unknown') say(terminal, `note: ${text}`);
  }
}

const CODE_TEXT =
  'code in plans: whoever may start a run can do with it all that workers can, beside these limits, too';

/** For whoever deploys: limits of a run are kept by its orchestrator, and a worker knows its own. */
function worstText(reaches: readonly Reach[], maxWorkerRate: number): string {
  const rate = worstRate(reaches, maxWorkerRate).toLocaleString('en-US');
  const each = reaches.map(({ region, workers }) => `${workers} workers in ${region}`).join(', ');
  return `${rate} requests/s to these hosts by forged events, for as long as they are sent: ${each}, ${maxWorkerRate}/s each`;
}

function deployedText(
  { deployment }: CloudSettings,
  argument: string | undefined,
  { env }: Terminal,
): string {
  const { prefix, home } = deployment;
  const found = [
    env.AWS_REGION === home || env.ISOCHRONE_HOME === home ? '' : `  export ISOCHRONE_HOME=${home}`,
    prefix === (env.ISOCHRONE_PREFIX || 'isochrone') ? '' : `  export ISOCHRONE_PREFIX=${prefix}`,
  ].filter((line) => line !== '');
  const plan = argument === undefined ? '' : ` ${argument}`;
  return [
    `deployed: ${stackNames(prefix, deployment.regions).join(', ')}`,
    ...(found.length > 0 ? ['commands find it with', ...found] : []),
    'next',
    `  isochrone doctor${plan}          looks whether all of it is well`,
    `  isochrone run${plan} --on aws    measures`,
    `${storeStackName(prefix)} keeps all runs, also after isochrone destroy`,
  ].join('\n');
}
