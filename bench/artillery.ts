import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ARTILLERY = '2.0.34';
const NODE = '24.21.0';
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/isochrone', import.meta.url));
/** Users that go on side by side. */
const USERS = 16;

/** Artillery, and the Node that it needs, fetched from npm once; null where that cannot be. */
export function artilleryAtHand(): Artillery | null {
  const node = installed(NODE_PACKAGE, NODE, join('bin', 'node'));
  const program = installed('artillery', ARTILLERY, join('bin', 'run'));
  return node && program ? new Artillery(node, program) : null;
}

function installed(name: string, version: string, file: string): string | null {
  const folder = join(CACHE, `${name}-${version}`);
  const path = join(folder, 'node_modules', name, file);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const quietly = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
  try {
    const install = ['install', '--prefix', folder, ...quietly, `${name}@${version}`];
    execFileSync('npm', install, { stdio: 'ignore', timeout: 300_000 });
  } catch {
    return null;
  }
  return existsSync(path) ? path : null;
}

/** The same flow as ours, in Artillery's words; it expects nothing, which spares it work. */
const flow = (times: number) => ({
  loop: [
    {
      post: {
        url: '/login',
        json: { user: '{{ name }}', password: '{{ password }}' },
        capture: { json: '$.token', as: 'token' },
      },
    },
    {
      get: {
        url: '/users',
        headers: { authorization: 'Bearer {{ token }}' },
        capture: { json: '$.users[0].id', as: 'payee' },
      },
    },
    {
      post: {
        url: '/payments',
        headers: { authorization: 'Bearer {{ token }}', 'idempotency-key': '{{ $uuid }}' },
        json: { to: '{{ payee }}', amount: '{{ $randomNumber(1, 500) }}', currency: 'EUR' },
      },
    },
  ],
  count: times,
});

export class Artillery {
  readonly #node: string;
  readonly #program: string;

  constructor(node: string, program: string) {
    this.#node = node;
    this.#program = program;
  }

  /** CPU that it took from its start to its end, in all its processes and threads, µs. */
  cpuUs(url: string, iterations: number): number {
    const folder = mkdtempSync(join(tmpdir(), 'isochrone-artillery-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const rows = Array.from({ length: 100 }, (_, i) => `customer-${i},secret-${i}`);
    const users = file('users.csv', `${rows.join('\n')}\n`);
    const script = {
      config: {
        target: url.replace(/\/$/, ''),
        phases: [{ duration: 1, arrivalCount: USERS }],
        payload: { path: users, fields: ['name', 'password'] },
      },
      scenarios: [{ flow: [flow(Math.ceil(iterations / USERS))] }],
    };
    const told = file(
      'tell-cpu.mjs',
      `import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(${JSON.stringify(join(folder, 'cpu-'))} + process.pid, String(user + system));
});
`,
    );
    execFileSync(
      this.#node,
      [this.#program, 'run', '--quiet', file('script.json', JSON.stringify(script))],
      {
        cwd: folder,
        stdio: 'ignore',
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          ARTILLERY_DISABLE_TELEMETRY: 'true',
          NODE_OPTIONS: `--import=${pathToFileURL(told).href}`,
        },
      },
    );
    return readdirSync(folder)
      .filter((name) => name.startsWith('cpu-'))
      .reduce((sum, name) => sum + Number(readFileSync(join(folder, name), 'utf8')), 0);
  }
}
