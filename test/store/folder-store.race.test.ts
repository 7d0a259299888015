import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, test } from 'vitest';
import { FolderStore } from '../../lib/store/folder-store.js';
import { buildStore } from '../support/built-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const RACER = fileURLToPath(new URL('../support/store-racer.mjs', import.meta.url));
const scratch = temporaryFolder();
let module: string;

beforeAll(() => {
  module = buildStore(`${scratch}/built`);
});

interface Job {
  readonly task: 'create' | 'count' | 'scribble';
  readonly folder: string;
  readonly name: string;
  readonly keys?: number;
  readonly times?: number;
  readonly noLinks?: boolean;
  readonly sleepsMs?: number;
}

function start(job: Job, startAtMs: number): ChildProcess {
  const argument = JSON.stringify({ ...job, module, startAtMs });
  return spawn(process.execPath, [RACER, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const lines = createInterface({ input: child.stdout! });
  const closed = once(child, 'close');
  let last = '';
  for await (const line of lines) last = line;
  const [code] = await closed;
  expect(code).toBe(0);
  return JSON.parse(last);
}

async function raceOfProcesses(jobs: readonly Job[]): Promise<unknown[]> {
  const startAtMs = Date.now() + 700;
  return Promise.all(jobs.map((job) => answerOf(start(job, startAtMs))));
}

async function raceOfThreads(jobs: readonly Job[]): Promise<unknown[]> {
  const startAtMs = Date.now() + 700;
  return Promise.all(
    jobs.map(async (job) => {
      const worker = new Worker(RACER, { workerData: { ...job, module, startAtMs } });
      const [answer] = await once(worker, 'message');
      return answer;
    }),
  );
}

const RACES = [
  ['processes', 'hard links', raceOfProcesses, false],
  ['processes', 'no hard links', raceOfProcesses, true],
  ['threads', 'hard links', raceOfThreads, false],
  ['threads', 'no hard links', raceOfThreads, true],
] as const;

describe.each(RACES)('five racing %s, on a file system with %s', (who, links, race, noLinks) => {
  const folder = `${scratch}/create-${who}-${links.replaceAll(' ', '-')}`;

  test('each key is created by exactly one, and holds what that one wrote', async () => {
    const keys = 200;
    const names = ['a', 'b', 'c', 'd', 'e'];
    const answers = await race(
      names.map((name) => ({ task: 'create', folder, name, keys, noLinks })),
    );
    const store = FolderStore.open(folder);
    const winners = new Map<number, string[]>();
    for (const [index, won] of (answers as number[][]).entries()) {
      for (const key of won) winners.set(key, [...(winners.get(key) ?? []), names[index]!]);
    }
    expect([...winners.values()].map((names) => names.length)).toEqual(Array(keys).fill(1));
    for (const [key, [winner]] of winners) {
      const stored = await store.read(`race/${key % 7}/k${key}`);
      expect(Buffer.from(stored!.bytes).toString()).toBe(winner!.repeat(32));
    }
    expect(await store.list('')).toHaveLength(keys);
  });
});

test('a counter that racing processes and threads swap loses no update', async () => {
  const folder = `${scratch}/counter`;
  const store = FolderStore.open(folder);
  await store.create('counter.json', Buffer.from('{"value":0}'));
  const job = (name: string): Job => ({ task: 'count', folder, name, times: 40 });
  await Promise.all([
    raceOfProcesses(['a', 'b', 'c', 'd'].map(job)),
    raceOfThreads(['e', 'f'].map(job)),
  ]);
  const stored = await store.read('counter.json');
  expect(JSON.parse(Buffer.from(stored!.bytes).toString())).toEqual({ value: 240 });
  expect(await store.list('')).toEqual(['counter.json']);
});

// These two wait for locks to grow old, and may do so together.
test.concurrent('a process killed while it holds the lock does not keep the others out', async () => {
  const folder = `${scratch}/killed`;
  const store = FolderStore.open(folder);
  await store.create('counter.json', Buffer.from('{"value":0}'));
  const victim = start({ task: 'count', folder, name: 'victim', times: 1, sleepsMs: 600_000 }, 0);
  await once(victim.stdout!, 'data');
  victim.kill('SIGKILL');
  await once(victim, 'close');

  const rivals = ['a', 'b', 'c', 'd'].map((name) => {
    return { task: 'count', folder, name, times: 5 } as const;
  });
  // A lock that stayed would fail them: an exchange gives up after twenty seconds.
  await raceOfProcesses(rivals);
  const stored = await store.read('counter.json');
  expect(JSON.parse(Buffer.from(stored!.bytes).toString())).toEqual({ value: 20 });
});

test.concurrent('a holder that slept so long that it was taken for dead overwrites nobody', async () => {
  const folder = `${scratch}/slept`;
  const store = FolderStore.open(folder);
  await store.create('counter.json', Buffer.from('{"value":0}'));
  const sleeper = start({ task: 'count', folder, name: 'sleeper', times: 3, sleepsMs: 2_500 }, 0);
  const done = answerOf(sleeper);
  await once(sleeper.stdout!, 'data');
  const rivals = ['a', 'b', 'c'].map((name) => {
    return { task: 'count', folder, name, times: 5 } as const;
  });
  await raceOfProcesses(rivals);
  await done;
  const stored = await store.read('counter.json');
  expect(JSON.parse(Buffer.from(stored!.bytes).toString())).toEqual({ value: 18 });
});

test('a reader sees whole objects only, whatever is written meanwhile', async () => {
  const folder = `${scratch}/scribbled`;
  const store = FolderStore.open(folder);
  const jobs = ['a', 'b', 'c', 'd'].map((name) => {
    return { task: 'scribble', folder, name, times: 40 } as const;
  });
  const race = raceOfProcesses(jobs);
  let over = false;
  const watched = race.finally(() => {
    over = true;
  });
  let seen = 0;
  for (let last = false; !last; ) {
    last = over;
    for (const key of await store.list('')) {
      const bytes = Buffer.from((await store.read(key))!.bytes);
      expect(bytes.length).toBeGreaterThan(0);
      expect(bytes.equals(Buffer.alloc(bytes.length, bytes[0]!)), `${key} is mixed`).toBe(true);
      if (key.startsWith('created/')) expect(bytes.length).toBe(100_000);
      seen++;
    }
  }
  await watched;
  // One look at all of them after the race; the rest was seen while it went on.
  expect(seen).toBeGreaterThan(161);
});
