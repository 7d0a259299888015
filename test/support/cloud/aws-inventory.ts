import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Moto } from './moto-server.js';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('./aws-inventory.py', import.meta.url));

export const KINDS = [
  'stacks',
  'functions',
  'logs',
  'alarms',
  'rules',
  'roles',
  'policies',
  'buckets',
] as const;
/** All that has a name, but for what is the bootstrap's; functions with their aliases. */
export type Inventory = Readonly<Record<(typeof KINDS)[number], readonly string[]>>;

/** As the emulator's own APIs list it to AWS's own client: nothing of ours has a hand in it. */
export async function inventory(
  { bin, url }: Pick<Moto, 'bin' | 'url'>,
  regions: readonly string[],
): Promise<Inventory> {
  const { stdout } = await run(join(bin, 'python'), [PROGRAM, ...regions], {
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: url,
      AWS_DEFAULT_REGION: regions[0],
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  return JSON.parse(stdout) as Inventory;
}
