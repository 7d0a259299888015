import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import { untilBegun } from '../../lib/run/until-begun.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { runState } from '../support/run-state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
const RUN = '20261121-141503-checkout-7f3a';
let count = 0;

/** A run that somebody was asked for, and a clock that moves only where somebody waits. */
async function ordered() {
  const store = FolderStore.open(join(scratch, String(++count)));
  const files = runFiles(store, RUN);
  await files.inputs.put(Buffer.from('{}'));
  let nowMs = 0;
  const events: [atMs: number, what: () => unknown][] = [];
  const wait = async (ms: number) => {
    nowMs += ms;
    for (const [atMs, what] of events) if (atMs > nowMs - ms && atMs <= nowMs) await what();
  };
  return {
    store,
    files,
    elapsedMs: () => nowMs,
    later: (ms: number, what: () => unknown) => events.push([ms, what]),
    begin: () => files.state.write(runState(RUN, { phase: 'arming' })),
    options: { clock: { nowMs: () => nowMs }, wait },
  };
}

describe('a run that was asked for', () => {
  test('is waited for until its orchestrator has made it known', async () => {
    const { files, options, later, begin, elapsedMs } = await ordered();
    later(8_000, begin);
    expect(await untilBegun(files, options)).toEqual({ kind: 'begun' });
    expect(elapsedMs()).toBe(8_000);
  });

  test('is given up after a while, as an event that nobody takes is', async () => {
    const { files, options, elapsedMs } = await ordered();
    expect(await untilBegun(files, options)).toEqual({ kind: 'waiting' });
    expect(elapsedMs()).toBe(90_000);
  });

  test('is given up at once when the execution that was to lead it is over', async () => {
    const { files, options, elapsedMs } = await ordered();
    const asked: number[] = [];
    const ask = async () => {
      asked.push(elapsedMs());
      if (asked.length === 1) throw new UnavailableError('throttled');
      return elapsedMs() < 15_000
        ? { status: 'RUNNING', cause: null }
        : { status: 'FAILED', cause: 'no such plan' };
    };
    expect(await untilBegun(files, { ...options, ask })).toEqual({
      kind: 'failed',
      cause: 'no such plan',
    });
    expect(asked).toEqual([5_000, 10_000, 15_000]);
  });

  test('has begun though its execution is over by now', async () => {
    const { files, options, begin } = await ordered();
    const ask = async () => {
      await begin();
      return { status: 'SUCCEEDED', cause: null };
    };
    expect(await untilBegun(files, { ...options, ask })).toEqual({ kind: 'begun' });
  });

  test('is waited for through a store that is away for a while', async () => {
    const { store, files, options, later, begin } = await ordered();
    const read = store.read.bind(store);
    let away = false;
    store.read = async (key) => {
      if (away) throw new UnavailableError('the network is down');
      return read(key);
    };
    later(1_000, () => (away = true));
    later(9_000, async () => {
      away = false;
      await begin();
    });
    expect(await untilBegun(files, options)).toEqual({ kind: 'begun' });
  });

  test('may be left alone', async () => {
    const { files, options, later } = await ordered();
    const leaving = new AbortController();
    later(2_000, () => leaving.abort());
    const { signal } = leaving;
    expect(await untilBegun(files, { ...options, signal })).toEqual({ kind: 'left' });
  });
});

test('a run that nobody asked for is waited for by nobody', async () => {
  const files = runFiles(FolderStore.open(join(scratch, 'empty')), RUN);
  await expect(untilBegun(files)).rejects.toThrow(`there is no run ${RUN}`);
});
