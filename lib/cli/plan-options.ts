import { type Command, InvalidArgumentError } from 'commander';
import { onOption } from './store-option.js';

/** Flags that say what to measure; those of a URL alone and those of a plan file never meet. */
export interface PlanOptions {
  readonly rate?: string;
  readonly users?: string;
  readonly requests?: string;
  readonly for?: string;
  readonly ramp?: string;
  readonly warmup?: string;
  readonly think?: string;
  readonly every?: string;
  readonly arrivals?: string;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly data?: string;
  readonly jsonBody?: string;
  readonly timeout?: string;
  readonly insecure?: true;
  readonly connections?: string;
  readonly from?: string;
  readonly on?: string;
  readonly emulate?: string | true;
  readonly at?: string;
  readonly workers?: string;
  readonly objective?: readonly string[];
  readonly abort?: readonly string[];
  readonly target?: string;
  readonly set?: readonly string[];
  readonly seed?: number;
  readonly allowUndecided?: true;
  readonly accept?: readonly string[];
}

export function addPlanOptions(command: Command): Command {
  return command
    .optionsGroup('Load, with a URL:')
    .option('--rate <rate>', 'starts whatever the answers do: 200/s, 0..200/s')
    .option('--users <users>', 'users who wait for their answers: 100, 0..100')
    .option('--requests <number>', 'so many in all, by --users (default: 1)')
    .option('--for <time>', 'how long to measure: 30s, 5m')
    .option('--ramp <time>', 'climb from 0 to the load, at the beginning of --for')
    .option('--warmup <time>', 'at full load, before what is measured')
    .option('--think <time>', 'of users, after each answer: 1s, 1s..3s')
    .option('--every <time>', 'of users: one request each so often, on schedule')
    .option('--arrivals <kind>', 'of a rate: even (default) or poisson')
    .optionsGroup('Request, with a URL:')
    .option('-X, --method <method>', 'GET unless there is a body')
    .option('-H, --header <name: value>', 'repeatable', gather)
    .option('-d, --data <body>', 'the body, or @file')
    .option('--json-body <json>', 'the body, sent as application/json, or @file')
    .option('--timeout <time>', 'for a complete answer (default: 10s)')
    .option('--insecure', 'accept any certificate')
    .option('--connections <number>', 'exactly so many, or auto (default)')
    .optionsGroup('A plan file, and what to change in it:')
    .option('--target <url>', 'measure this instead')
    .option('--set <field=value>', 'as load.0.rate=800/s, counted from 0; repeatable', gather)
    .optionsGroup('Where from:')
    .option('--from <places>', 'local (this machine), or places: eu-west-1,us-east-1')
    .addOption(onOption('by the workers that are deployed there'))
    .option('--emulate [places]', 'measure from here, with the distances of --from')
    .option('--at <place>', 'near which the target stands, for --emulate: eu-central-1')
    .option('--workers <number>', 'in each region (default: as few as can do it)')
    .optionsGroup('What must hold:')
    .option('--objective <promise>', '"p95 < 500ms", "errors < 1%"; repeatable', gather)
    .option('--abort <rule>', 'end early: "errors > 50% over 10s"; repeatable', gather)
    .option('--allow-undecided', 'run though objectives cannot be decided')
    .option('--accept <check>', 'make less of what a check finds: busy; repeatable', gather)
    .option('--seed <number>', 'of all that is random (default: drawn)', seedNumber);
}

/** Collects a flag that may be given many times. */
export function gather(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function seedNumber(value: string): number {
  if (/^\d{1,10}$/.test(value) && Number(value) < 2 ** 32) return Number(value);
  throw new InvalidArgumentError('It must be a whole number below 4294967296.');
}
