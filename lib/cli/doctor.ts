import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ExitCode, UsageError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { jsonText } from '../report/render/json.js';
import { columns, plain, wrap } from '../report/render/plain.js';
import { ink } from '../report/render/sheet.js';
import type { Finding } from '../run/finding.js';
import { VERSION } from '../run/version.js';
import { awsOrderOf } from './aws-order.js';
import { DEFAULT_PLAN } from './plan-source.js';
import { hasColor, print, say, type Terminal, widthOf } from './terminal/terminal.js';

interface DoctorOptions {
  readonly json?: true;
}

export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .summary('find what stands in the way of a run on AWS')
    .description(
      'Looks at the account and at what is deployed there, and says of each thing that is not as\nit should be what mends it. With a PLAN, or ./isochrone.yaml, also whether that can be run.\nChanges nothing. Exits with 3 if anything stands in the way.',
    )
    .argument('[plan]')
    .option('--json', 'as JSON')
    .action(async (argument: string | undefined, { json }: DoctorOptions) => {
      const frozen = await planned(argument, terminal);
      const deploy = `isochrone deploy${argument === undefined ? '' : ` ${argument}`}`;
      // The AWS SDK is loaded by whoever needs it.
      const { examine } = await import('../run/examine.js');
      const findings = await examine(terminal.env, { version: VERSION, frozen, deploy });
      print(terminal, json ? jsonText(findings, 2) : findingsText(findings, terminal));
      const wrong = findings.some(({ level }) => level === 'bad');
      terminal.exitCode = wrong ? ExitCode.unavailable : ExitCode.good;
    });
}

/** Whoever names no plan may have one here that is not for AWS. */
async function planned(
  argument: string | undefined,
  terminal: Terminal,
): Promise<FrozenPlan | null> {
  if (argument === undefined && !existsSync(DEFAULT_PLAN)) return null;
  try {
    return (await awsOrderOf(argument, { on: 'aws' }, terminal)).frozen;
  } catch (error) {
    if (argument !== undefined || !(error instanceof UsageError)) throw error;
    say(terminal, `${DEFAULT_PLAN} is left out, as it cannot be run on AWS:`);
    say(terminal, `  ${error.message.replaceAll('\n', '\n  ')}`);
    return null;
  }
}

const MARKS = { good: '✓', bad: '✗', unknown: '?' } as const;
const INDENT = ' '.repeat(4);

/** One thing a line, and below it what mends it: whole, so that it can be copied. */
export function findingsText(findings: readonly Finding[], { stdout }: Terminal): string {
  const look = ink(hasColor(stdout));
  const paints = { good: look.good, bad: look.bad, unknown: look.doubtful };
  const titles = Math.max(...findings.map(({ check }) => columns(check)));
  const lead = 2 + titles + 2;
  const lines = findings.flatMap(({ check, level, text, mend }) => {
    const wrapped = wrap(plain(text), widthOf(stdout) - lead);
    const first = `${paints[level](MARKS[level])} ${check.padEnd(titles)}  `;
    return [
      ...wrapped.map((line, i) => (i === 0 ? first : ' '.repeat(lead)) + line),
      ...mend.map((line) => INDENT + look.strong(plain(line))),
    ];
  });
  return lines.join('\n');
}
