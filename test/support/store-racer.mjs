// One of several processes (or threads) that fight over a folder store. Its argument is JSON:
// { module, folder, task, name, … }; what it has to say is one line of JSON on stdout.
import * as fs from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const job = workerData ?? JSON.parse(process.argv[2]);
const { FolderStore } = await import(job.module);

const refuse = (code) => async () => {
  throw Object.assign(new Error(`${code}: injected`), { code });
};
/** Sleeps between having taken a lock and publishing what it holds, the first time it does so. */
let sleepsMs = job.sleepsMs;
const sleepy = async (from, to) => {
  if (sleepsMs > 0 && from.includes('.lock')) {
    process.stdout.write('"holds the lock"\n');
    await sleep(sleepsMs);
    sleepsMs = 0;
  }
  return fs.rename(from, to);
};
const disk = {
  ...fs,
  ...(job.noLinks && { link: refuse('EPERM') }),
  ...(job.sleepsMs && { rename: sleepy }),
};
const store = FolderStore.open(job.folder, disk);

const tasks = {
  /** Creates the same keys as everyone else, and tells which it won. */
  async create() {
    const won = [];
    for (let i = 0; i < job.keys; i++) {
      const bytes = Buffer.from(job.name.padEnd(job.size ?? 32, job.name));
      if (await store.create(`race/${i % 7}/k${i}`, bytes)) won.push(i);
    }
    return won;
  },
  /** Adds one to a counter as often as it is told. */
  async count() {
    for (let done = 0; done < job.times; ) {
      const { bytes, tag } = await store.read('counter.json');
      const { value } = JSON.parse(Buffer.from(bytes));
      const next = Buffer.from(JSON.stringify({ value: value + 1 }));
      if ((await store.swap('counter.json', next, tag)) !== null) done++;
    }
    return job.times;
  },
  /** Overwrites one object, and creates others, all of one letter, until its time is over. */
  async scribble() {
    for (let i = 0; i < job.times; i++) {
      const size = 1 + Math.floor(Math.random() * 200_000);
      await store.write('written', Buffer.alloc(size, job.name));
      await store.create(`created/${job.name}${i}`, Buffer.alloc(100_000, job.name));
    }
    return job.times;
  },
};

// All of a race begin at one instant, or the first would be done before the last has started.
await sleep(Math.max(0, job.startAtMs - Date.now()));
const answer = await tasks[job.task]();
if (parentPort) parentPort.postMessage(answer);
else process.stdout.write(`${JSON.stringify(answer)}\n`);
