// Judges the templates with cfn-lint, from PyPI, in an environment of its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { skipped } from './needs.mjs';
import { pythonEnvironment } from './python-environment.mjs';

const DEPLOYMENTS = [
  { allowedHosts: 'shop.example.com', regions: 'eu-west-1,us-east-1' },
  { allowedHosts: 'shop.example.com', home: 'us-gov-west-1', regions: 'us-gov-east-1' },
  {
    allowedHosts: 'shop.example.com',
    regions: 'eu-west-1',
    secrets: 'TOKEN',
    subnets: 'eu-west-1:subnet-0a1b2c3d,eu-west-1:sg-0a1b2c3d',
    kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab',
    accessLogs: 'logs-of-ours',
    reserve: 'eu-west-1',
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const { env } = process;
const run = (command, args, options = {}) =>
  spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options }).status === 0;

const environment = pythonEnvironment('cfn-lint-1.51.0', ['cfn-lint==1.51.0']);
if (environment === null) {
  const why = ['it needs Python 3 with venv, and PyPI.'];
  process.exit(skipped('CFN-LINT', 'ISOCHRONE_REQUIRE_CLOUD', why));
}

const scratch = mkdtempSync(join(tmpdir(), 'isochrone-cfn-lint-'));
try {
  const templates = DEPLOYMENTS.flatMap((context, i) => {
    const output = join(scratch, String(i));
    const settings = Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
    const args = [cdk, 'synth', '--quiet', '--output', output, ...settings];
    if (!run(process.execPath, args, { cwd: root, env: { ...env, AWS_REGION: 'eu-west-1' } })) {
      process.exit(1);
    }
    return readdirSync(output)
      .filter((name) => name.endsWith('.template.json'))
      .map((name) => join(output, name));
  });
  if (!run(join(environment, 'bin/cfn-lint'), templates)) process.exit(1);
  process.stdout.write(`cfn-lint finds nothing in ${templates.length} templates\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
