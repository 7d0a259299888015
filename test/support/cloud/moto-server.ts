import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** An emulator of AWS's APIs: CloudFormation, IAM, Lambda and what else stacks are made of. */
export interface Moto {
  /** For AWS_ENDPOINT_URL. */
  readonly url: string;
  /** Where its programs are, those of the AWS command line among them. */
  readonly bin: string;
  /** What it said. */
  readonly log: () => string;
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./moto-server.py', import.meta.url));
const PATIENCE_MS = 60_000;

/** Starts it in a process of its own, as one account. */
export async function startMoto(account: string): Promise<Moto> {
  const folder = process.env.ISOCHRONE_EMULATOR;
  if (!folder) throw new Error('no emulator is set up: npm run test:emulator');
  const bin = join(folder, 'bin');
  const port = await freePort();
  const child = spawn(join(bin, 'python'), [PROGRAM, '-H', '127.0.0.1', '-p', String(port)], {
    env: { PATH: process.env.PATH, MOTO_ACCOUNT_ID: account, PYTHONUNBUFFERED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout.on('data', (chunk) => (log += chunk));
  child.stderr.on('data', (chunk) => (log += chunk));
  const url = `http://127.0.0.1:${port}`;
  await answering(url, child, () => log);
  return {
    url,
    bin,
    log: () => log,
    close: async () => {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill();
      await closed;
    },
  };
}

async function answering(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const there = await fetch(`${url}/moto-api/`).catch(() => null);
    if (there) return;
    if (child.exitCode !== null || performance.now() > untilMs) {
      throw new Error(`the emulator did not start:\n${log()}`);
    }
    await sleep(200);
  }
}

async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
