import { afterEach } from 'vitest';
import { AddressBook } from '../../lib/load/address-book.js';
import type { Dial } from '../../lib/load/dial.js';
import { FirstAnswers } from '../../lib/load/first-answers.js';
import type { LoadGuard } from '../../lib/load/load-guard.js';
import { Pool } from '../../lib/load/pool.js';
import { requestTemplates } from '../../lib/load/request-template.js';
import { RoundTrips } from '../../lib/load/round-trips.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { SecretText } from '../../lib/load/secret-text.js';
import type { FragmentContent } from '../../lib/measure/fragment-content.js';
import { Recorder } from '../../lib/measure/recorder.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';
import type { HttpOptions, Plan, PlanRequest } from '../../lib/plan/plan.js';
import { type ScriptedServer, scriptedServer } from './scripted-server.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export const GET: PlanRequest = {
  name: 'GET /',
  method: 'GET',
  path: '/',
  weight: 1,
  headers: [],
  body: null,
  expect: null,
  timeoutUs: 300_000,
};

export interface PoolRig {
  readonly pool: Pool;
  readonly clock: RunClock;
  readonly recorder: Recorder;
  /** Submits requests, due now; resolves when all have ended. */
  send(count: number, request?: number): Promise<void>;
  content(): FragmentContent;
}

/** A pool against a real server, with its recorder. */
export function poolRig(
  url: string,
  options: {
    requests?: PlanRequest[];
    ceiling?: number;
    floor?: number;
    insecure?: boolean;
    dial?: Dial;
    http?: Partial<HttpOptions>;
    guard?: LoadGuard;
    secrets?: Readonly<Record<string, string>>;
    /** Looks up nothing: host name → address. */
    resolve?: Readonly<Record<string, string>>;
  } = {},
): PoolRig {
  const requests = options.requests ?? [GET];
  const target = new URL(url);
  const clock = new RunClock();
  clock.startAt(clock.wallMs());
  const timeline = new Timeline(
    timelineOf([{ startUs: 0, endUs: 10_000_000, warmup: false }], 10_000_000),
  );
  const identity = { run: 'r', region: 'local', leg: 0, n: 0, attempt: 1 };
  const recorder = new Recorder({ identity, timeline, requests: requests.map((r) => r.name) });
  const book = new AddressBook(target.hostname, options.resolve?.[target.hostname], () => {});
  const { http = {}, resolve = {}, guard } = options;
  const plan = { target: url, requests, http } as unknown as Plan;
  const secrets = new SecretText({}, options.secrets);
  const pool = new Pool({
    destination: {
      host: target.hostname,
      port: Number(target.port),
      secure: target.protocol === 'https:',
      insecure: options.insecure ?? false,
      timeoutUs: 1_000_000,
      guard,
    },
    clock,
    recorder,
    book,
    roundTrips: new RoundTrips(),
    startUs: 0,
    dial: options.dial,
    firstAnswers: new FirstAnswers(null),
    templates: requestTemplates(plan, 'test', secrets, guard, { fileOf: ({ file }) => file }),
    hide: (text) => secrets.hide(text),
    elsewhere: { resolve, guard },
    apart: http.reuse !== undefined,
    floor: options.floor ?? 0,
    ceiling: options.ceiling ?? 100,
  });
  const sweeping = setInterval(() => pool.sweep(), 5);
  closing.push(() => {
    clearInterval(sweeping);
    pool.close();
  });
  return {
    pool,
    clock,
    recorder,
    send: (count, request = 0) =>
      new Promise((resolve) => {
        let left = count;
        const owner = { ended: () => --left === 0 && resolve() };
        for (let i = 0; i < count; i++) {
          const nowUs = clock.nowUs();
          const job = pool.spare();
          job.begin(request, timeline.windowAt(nowUs), nowUs, nowUs, owner);
          recorder.scheduled(job.window, request);
          pool.submit(job);
        }
      }),
    content: () => recorder.flush(clock.nowUs(), true),
  };
}

/** A server that is closed after the test. */
export async function server(...args: Parameters<typeof scriptedServer>): Promise<ScriptedServer> {
  const made = await scriptedServer(...args);
  closing.push(() => made.close());
  return made;
}
