import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExitCode, IsochroneError, UnavailableError } from '../errors.js';
import type { Context } from '../run/plan-context.js';
import type { Terminal } from './terminal/terminal.js';

/** The folder of this package: the CDK takes its settings from cdk.json there. */
function packageFolder(from = dirname(fileURLToPath(import.meta.url))): string {
  return existsSync(join(from, 'cdk.json')) ? from : packageFolder(dirname(from));
}

/** Settings that stand in cdk.json itself, where a clone's owner may have written some. */
export function writtenContext(): Readonly<Record<string, unknown>> {
  const text = readFileSync(join(packageFolder(), 'cdk.json'), 'utf8');
  return (JSON.parse(text) as { context?: Record<string, unknown> }).context ?? {};
}

/** The command line of the CDK, of the version that this package comes with. */
function cdkProgram(): string {
  return createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
}

/** Somebody ended it from the keyboard: what it was doing goes on at AWS. */
class Interrupted extends IsochroneError {
  override readonly name = 'Interrupted';
  override readonly exitCode = ExitCode.interrupted;
}

/** Runs the CDK with our app; all that it says is for the person at the terminal. */
export async function runCdk(
  args: readonly string[],
  context: Context,
  terminal: Terminal,
): Promise<void> {
  const folder = packageFolder();
  const output = await mkdtemp(join(tmpdir(), 'isochrone-cdk-'));
  const settings = Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const whole = [
    cdkProgram(),
    ...args,
    '--app',
    APP,
    '--output',
    output,
    '--no-notices',
    ...settings,
  ];
  // The keyboard reaches the CDK, too, and it ends in its own time.
  const wait = () => {};
  process.on('SIGINT', wait);
  try {
    const child = spawn(process.execPath, whole, {
      cwd: folder,
      env: {
        ...terminal.env,
        ...QUIET,
        PATH: [dirname(process.execPath), terminal.env.PATH].join(delimiter),
      },
      stdio: ['inherit', process.stderr.fd, process.stderr.fd],
    });
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...how) => resolve(how));
    });
    if (code === 0) return;
    if (signal === 'SIGINT' || code === ExitCode.interrupted) {
      throw new Interrupted('the CDK was interrupted; AWS may still be at work on a stack');
    }
    throw new UnavailableError(
      `the CDK ended with ${signal ?? `exit code ${code}`}: what it said above tells why; the same command goes on from there`,
    );
  } finally {
    process.off('SIGINT', wait);
    await rm(output, { recursive: true, force: true });
  }
}

/** From the package's folder, by the Node that runs us: no path that a shell would have to be told. */
const APP = 'node dist/bin/cloud.js';

/** Which versions there are elsewhere is not our user's business: ours are pinned. */
const QUIET = {
  CDK_DISABLE_VERSION_CHECK: 'true',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};
