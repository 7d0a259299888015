import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import { type FollowOptions, followRun } from '../../lib/run/follow.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import type { Progress } from '../../lib/store/progress.js';
import { runFiles } from '../../lib/store/run-files.js';
import { progressOf } from '../support/live-progress.js';
import { runState } from '../support/run-state.js';
import { smallReport } from '../support/sample-report.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
let count = 0;
const RUN = '20261121-141503-checkout-7f3a';
const START_MS = 1_000_000;

/** A run in a store of its own, and a clock that moves only where somebody waits. */
async function followed(setup: { readonly ownClockOffMs?: number } = {}) {
  const store = FolderStore.open(join(scratch, String(++count)));
  const files = runFiles(store, RUN);
  await files.state.write(
    runState(RUN, { phase: 'running', createdAtMs: START_MS, end: null, verdict: null }),
  );
  let nowMs = START_MS;
  let away = false;
  const read = store.read.bind(store);
  store.read = async (key) => {
    if (away) throw new UnavailableError('cannot read: the network is down');
    return read(key);
  };
  const heard: Progress[] = [];
  const events: [atMs: number, what: () => unknown][] = [];
  return {
    files,
    heard,
    elapsedMs: () => nowMs - START_MS,
    /** What happens so long after the beginning. */
    after: (ms: number, what: () => unknown) => events.push([START_MS + ms, what]),
    tell: (over: Partial<Progress> = {}) =>
      files.progress.write(progressOf({ run: RUN, toldAtMs: nowMs, ...over })),
    away: (is: boolean) => {
      away = is;
    },
    end: async () => {
      await files.report.write('report.json', JSON.stringify(smallReport()));
      await files.state.write(runState(RUN));
    },
    follow: (options: FollowOptions = {}) =>
      followRun(store, RUN, {
        clock: { nowMs: () => nowMs + (setup.ownClockOffMs ?? 0) },
        onProgress: (progress) => heard.push(progress),
        wait: async (ms) => {
          nowMs += ms;
          const due = events.filter(([atMs]) => atMs <= nowMs);
          for (const event of due) {
            events.splice(events.indexOf(event), 1);
            await event[1]();
          }
        },
        ...options,
      }),
  };
}

describe('a run is followed', () => {
  test('to its end, telling each news once', async () => {
    const run = await followed();
    await run.tell({ elapsedUs: 1 });
    run.after(1_000, () => run.tell({ elapsedUs: 2 }));
    run.after(20_000, () => run.tell({ elapsedUs: 3 }));
    run.after(40_000, () => run.end());
    expect(await run.follow()).toMatchObject({ kind: 'ended', report: smallReport() });
    expect(run.heard.map(({ elapsedUs }) => elapsedUs)).toEqual([1, 2, 3]);
  });

  test('one that has ended is there at once', async () => {
    const run = await followed();
    await run.end();
    expect(await run.follow()).toMatchObject({ kind: 'ended' });
    expect(run.elapsedMs()).toBe(0);
  });

  test('until nothing was heard for 30 s: nobody leads it any more', async () => {
    const run = await followed();
    await run.tell();
    run.after(5_000, () => run.tell());
    expect(await run.follow()).toEqual({ kind: 'vanished', seenAtMs: START_MS + 5_000 });
    expect(run.elapsedMs()).toBe(35_000);
  });

  test('one that was silent for long is given up as soon as it could have spoken', async () => {
    const run = await followed();
    await run.tell({ toldAtMs: START_MS - 60_000 });
    expect(await run.follow()).toEqual({ kind: 'vanished', seenAtMs: START_MS - 60_000 });
    expect(run.elapsedMs()).toBe(3_000);
  });

  test('one that never said a word, too', async () => {
    const run = await followed({ ownClockOffMs: 60_000 });
    expect(await run.follow()).toEqual({ kind: 'vanished', seenAtMs: START_MS });
  });

  test.each([-3_600_000, 3_600_000])('whatever our own clock says: off by %d ms', async (off) => {
    const run = await followed({ ownClockOffMs: off });
    for (let ms = 0; ms < 60_000; ms += 1_000) run.after(ms, () => run.tell());
    run.after(60_000, () => run.end());
    expect(await run.follow()).toMatchObject({ kind: 'ended' });
  });

  test('over a store that is away for a while', async () => {
    const run = await followed();
    run.after(1_000, () => run.away(true));
    run.after(25_000, () => run.away(false));
    run.after(25_500, () => run.end());
    expect(await run.follow()).toMatchObject({ kind: 'ended' });
  });

  test('until the store was away for 30 s: sight of it is lost, and nothing said of its end', async () => {
    const run = await followed();
    run.after(10_000, () => run.away(true));
    expect(await run.follow()).toMatchObject({
      kind: 'lost',
      cause: expect.stringContaining('network is down'),
    });
    expect(run.elapsedMs()).toBeLessThan(41_000);
  });

  test('until we are told to leave', async () => {
    const run = await followed();
    const leaving = new AbortController();
    run.after(2_000, () => leaving.abort());
    expect(await run.follow({ signal: leaving.signal })).toEqual({ kind: 'left' });
  });

  test('only if it exists', async () => {
    const store = FolderStore.open(join(scratch, 'none'));
    await expect(followRun(store, RUN)).rejects.toThrow(/there is no run 2026/);
  });
});
