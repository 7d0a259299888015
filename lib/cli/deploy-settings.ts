import { existsSync } from 'node:fs';
import { type CloudSettings, DEFAULT_LIMITS, readSettings } from '../cloud/settings.js';
import { UsageError } from '../errors.js';
import { type Context, contextOf } from '../run/plan-context.js';
import { awsOrderOf } from './aws-order.js';
import { writtenContext } from './cdk.js';
import { DEFAULT_PLAN } from './plan-source.js';
import type { Terminal } from './terminal/terminal.js';

export interface ContextOption {
  readonly context?: readonly string[];
}

/** What is to be deployed: of settings that are said twice the nearer one counts. */
export interface Asked {
  /** As they go to the CDK, besides what stands in its own file. */
  readonly context: Context;
  /** Where it is to be, if that was said; otherwise the region in use. */
  readonly home: string | null;
  /** All of them as they are read; throws what is wrong with them. */
  readonly settingsAt: (home: string) => CloudSettings;
  /** The same before AWS has told which region is in use. */
  readonly settings: CloudSettings;
  /** Said by a flag: what is deployed beyond it is not kept. */
  readonly regionsSaid: boolean;
}

/** From a plan, from `-c name=value`, and from cdk.json. */
export async function deploySettings(
  argument: string | undefined,
  options: ContextOption,
  terminal: Terminal,
): Promise<Asked> {
  return askedOf(await fromPlan(argument, terminal), options, terminal);
}

/** Without a plan: for what has been deployed. */
export function saidSettings(options: ContextOption, terminal: Terminal): Asked {
  return askedOf({}, options, terminal);
}

function askedOf(
  planned: Context,
  { context: flags = [] }: ContextOption,
  terminal: Terminal,
): Asked {
  const said = Object.fromEntries(flags.map(nameAndValue));
  const context = { ...named(terminal), ...planned, ...said };
  const whole: Readonly<Record<string, unknown>> = { ...writtenContext(), ...context };
  const home = typeof whole.home === 'string' && whole.home !== '' ? whole.home : null;
  const settingsAt = (at: string) => readSettings(whole, at);
  return {
    context,
    home,
    settingsAt,
    settings: settingsAt(home ?? likelyHome(whole, terminal)),
    regionsSaid: 'regions' in said,
  };
}

/** The region in use, as far as that is told without asking AWS; at least one of its partition. */
function likelyHome({ regions }: Readonly<Record<string, unknown>>, { env }: Terminal): string {
  const [first] = String(regions ?? '').split(',');
  return env.AWS_REGION || env.AWS_DEFAULT_REGION || first || 'us-east-1';
}

/** What finds a deployment also says where it is to be. */
function named({ env }: Terminal): Context {
  const { ISOCHRONE_PREFIX: prefix, ISOCHRONE_HOME: home } = env;
  return { ...(prefix && { prefix }), ...(home && { home }) };
}

function nameAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`-c ${text}: write a name and a value, as in -c maxRate=800`);
}

async function fromPlan(argument: string | undefined, terminal: Terminal): Promise<Context> {
  if (argument === undefined && !existsSync(DEFAULT_PLAN)) return {};
  if (argument !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(argument)) {
    throw new UsageError(
      `a deployment is made from a plan, which says from where and how much: isochrone init ${argument} writes one`,
    );
  }
  const { frozen } = await awsOrderOf(argument, { on: 'aws' }, terminal);
  return contextOf(frozen, DEFAULT_LIMITS);
}
