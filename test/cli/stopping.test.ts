import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { loadReport } from '../../lib/run/conclude.js';
import type { RunState } from '../../lib/store/control.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles, runIds } from '../../lib/store/run-files.js';
import { type HearingTarget, hearingTargets } from '../support/hearing-target.js';
import { COMMAND, isochrone, startIsochrone } from '../support/isochrone.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// How a run ends early: real processes, real signals, and targets that know what they heard. Each
// test has its own, and all run side by side save those that need a quiet machine.
const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'run-'));

// Some are always in flight when a run is stopped.
const newTarget = hearingTargets(100);

const storeIn = (folder: string) => FolderStore.open(join(folder, 'isochrone-runs'));

async function onlyRun(folder: string): Promise<{ run: string; state: RunState }> {
  const [run = ''] = await runIds(storeIn(folder));
  const state = await runFiles(storeIn(folder), run).state.read();
  return { run, state: state! };
}

async function reportOf(folder: string): Promise<Report> {
  const { out } = await isochrone(['report', 'latest', '--json'], folder);
  return JSON.parse(out) as Report;
}

/** The run goes on by itself: nobody but its store tells how it ends. */
async function endOf(folder: string): Promise<RunState> {
  for (;;) {
    const { state } = await onlyRun(folder);
    if (state.phase === 'ended') return state;
    await sleep(50);
  }
}

const LONG = ['--rate', '50/s', '--for', '10m'];

const STAGED = `name: staged
target: TARGET
load:
  - { rate: 50/s, for: 5m, name: first }
  - { rate: 100/s, for: 5m, name: peak }
requests: [ GET PATH ]
objectives:
  - p95 < 5s during peak
  - errors < 50% during peak
  - rate > 10/s during peak
`;

function staged(url: string, path: string): string {
  const folder = newFolder();
  const plan = STAGED.replace('TARGET', url.slice(0, -1)).replace('PATH', path);
  writeFileSync(join(folder, 'isochrone.yaml'), plan);
  return folder;
}

function expectNotReached({ verdict }: Report): void {
  expect(verdict.objectives.map(({ ok, state }) => [ok, state])).toEqual(
    Array.from({ length: 3 }, () => [null, 'not reached']),
  );
  expect(verdict.validity.find(({ check }) => check === 'support')?.level).toBe('good');
}

/** A pseudo-terminal with a process in its foreground, as long as what this returns lives. */
function openTerminal(words: readonly string[], cwd: string): ChildProcess {
  const hold = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    os.read(terminal, 4096)
`;
  const env = { PATH: process.env.PATH, TERM: 'xterm' };
  return spawn('python3', ['-c', hold, ...words], { cwd, env, stdio: 'ignore' });
}

describe('on a machine that does nothing else', () => {
  test('Ctrl-C once: the target hears nothing more within two seconds, and the report covers what ran', async () => {
    const silentAfterMs: number[] = [];
    // A round in which the machine itself was late says nothing; too many of them say that it is too noisy.
    for (let round = 0; round < 10 && silentAfterMs.length < 5; round++) {
      const target = await newTarget();
      const folder = newFolder();
      const { child, ended } = startIsochrone(
        ['run', target.url, ...LONG, '--workers', '3'],
        folder,
      );
      await target.heardSo(50);
      const orderedAtMs = Date.now();
      child.kill('SIGINT');
      const { code, out } = await ended;
      expect(code).toBe(130);
      expect(out).toMatch(/^■ STOPPED {2}.*Ctrl-C/);
      const [report] = await Promise.all([reportOf(folder), target.expectSilence()]);
      const { requests } = report.completeness;
      expect(target.heard).toBeGreaterThanOrEqual(requests.answered);
      expect(target.heard).toBeLessThanOrEqual(requests.sent);
      expect(requests.cut.stop).toBeGreaterThan(0);
      expect(requests).toMatchObject({ lost: 0, dropped: { generator: 0, target: 0 } });
      const disturbed = report.verdict.validity.some(
        ({ check, level }) => ['lag', 'event-loop'].includes(check) && level !== 'good',
      );
      if (!disturbed) silentAfterMs.push(target.heardAtMs - orderedAtMs);
    }
    if (silentAfterMs.length < 5) throw new Error('machine too noisy');
    const [, , median] = silentAfterMs.sort((a, b) => a - b);
    expect(median).toBeLessThan(2_000);
  }, 120_000);

  test('an abort rule ends the run with 99 and its figures, whatever was not reached', async () => {
    const target = await newTarget();
    let folder = staged(target.url, '/broken');
    const args = ['run', '--abort', 'errors > 50% over 2s'];
    let { code, out } = await isochrone(args, folder);
    // 4 outranks a rule: on a machine too noisy to measure there is no telling.
    for (let round = 1; code === 4 && round < 3; round++) {
      folder = staged(target.url, '/broken');
      ({ code, out } = await isochrone(args, folder));
    }
    expect(code).toBe(99);
    const [head = ''] = out.split('\n\n');
    expect(head.replace(/\s+/g, ' ')).toMatch(
      /^■ STOPPED staged: abort rule errors > 50% over 2s: \d+ of \d+ answers failed \(100 %\) from \ds to \ds/,
    );
    const report = await reportOf(folder);
    expect(report.verdict).toMatchObject({ status: 'stopped', exitCode: 99 });
    expectNotReached(report);
    await target.expectSilence();
  });
});

test.concurrent('kill -9: the load dies with it, and the report is made of what had been told', async () => {
  const target = await newTarget();
  const folder = newFolder();
  const { child, ended } = startIsochrone(['run', target.url, ...LONG], folder);
  // Its worker tells every five seconds.
  await target.heardSo(350);
  child.kill('SIGKILL');
  expect((await ended).code).toBeNull();
  await target.expectSilence();
  const early = await isochrone(['report'], folder);
  expect(early).toMatchObject({ code: 3, out: '' });
  expect(early.err).toContain('still running');
  const { run } = await onlyRun(folder);
  const { verdict, completeness } = await loadReport(storeIn(folder), run, Date.now() + 60_000);
  expect(verdict).toMatchObject({ status: 'broken', exitCode: 3 });
  expect(completeness.requests.ok).toBeGreaterThan(200);
  expect(completeness.requests.ok).toBeLessThan(target.heard);
  expect(completeness.workers.missing).toHaveLength(1);
});

describe.concurrent('Ctrl-C', () => {
  test('twice: it leaves at once and without a report, and the target hears nothing more', async () => {
    const target = await newTarget();
    const folder = newFolder();
    const { child, ended } = startIsochrone(['run', target.url, ...LONG], folder);
    await target.heardSo(50);
    child.stderr!.on('data', (chunk: Buffer) => {
      if (chunk.includes('stopping')) child.kill('SIGINT');
    });
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect({ code, out }).toEqual({ code: 130, out: '' });
    await target.expectSilence();
    const { run } = await onlyRun(folder);
    expect(existsSync(join(folder, 'isochrone-runs/runs', run, 'report'))).toBe(false);
  });

  test('before the later stages: their objectives are not reached, and it is still 130', async () => {
    const target = await newTarget();
    const folder = staged(target.url, '/');
    const { child, ended } = startIsochrone(['run'], folder);
    await target.heardSo(100);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expectNotReached(await reportOf(folder));
  });
});

describe.concurrent('an abort rule', () => {
  test('that does not hold ends nothing', async () => {
    const target = await newTarget();
    const folder = newFolder();
    const rules = ['--abort', 'errors > 50% over 2s', '--abort', 'p95 > 5s over 2s'];
    await isochrone(['run', target.url, '--rate', '20/s', '--for', '6s', ...rules], folder);
    const report = await reportOf(folder);
    expect(report.verdict.status).not.toBe('stopped');
    expect(report.completeness.requests.scheduled).toBe(120);
  });

  test('that looks back further than the run is long is said to be of no use', async () => {
    const target = await newTarget();
    const args = [
      'run',
      target.url,
      '--rate',
      '20/s',
      '--for',
      '300ms',
      '--abort',
      'rate < 1/s over 9s',
    ];
    const { err } = await isochrone(args, newFolder());
    expect(err).toContain('note: abort rule rate < 1/s over 9s never ends this run');
  });
});

test.concurrent('SIGTERM: 143, with its report', async () => {
  const target = await newTarget();
  const folder = newFolder();
  const { child, ended } = startIsochrone(['run', target.url, ...LONG], folder);
  await target.heardSo(50);
  child.kill('SIGTERM');
  const { code, out } = await ended;
  expect(code).toBe(143);
  expect(out).toMatch(/^■ STOPPED {2}.*SIGTERM/);
  expect((await reportOf(folder)).verdict).toMatchObject({ status: 'stopped', exitCode: 143 });
});

describe.concurrent('a terminal that is closed', () => {
  const SHORT = ['--rate', '50/s', '--for', '3s'];

  async function expectWholeRun(target: HearingTarget, folder: string): Promise<void> {
    const state = await endOf(folder);
    expect(state.end).toEqual({ kind: 'complete' });
    const report = await reportOf(folder);
    expect(report.completeness.requests).toMatchObject({ scheduled: 150, ok: 150 });
    expect(target.heard).toBe(150);
  }

  test('SIGHUP and broken pipes: the run goes on to its end', async () => {
    const target = await newTarget();
    const folder = newFolder();
    const { child, ended } = startIsochrone(['run', target.url, ...SHORT], folder);
    await target.heardSo(20);
    child.stdout!.destroy();
    child.stderr!.destroy();
    child.kill('SIGHUP');
    const { code } = await ended;
    await expectWholeRun(target, folder);
    expect(code).toBe((await reportOf(folder)).verdict.exitCode);
  });

  const python = spawnSync('python3', ['-c', 'import pty']).status === 0;
  test.skipIf(!python)('a real one, with the live view on it', async () => {
    const target = await newTarget();
    const folder = newFolder();
    const terminal = openTerminal([process.execPath, COMMAND, 'run', target.url, ...SHORT], folder);
    await target.heardSo(20);
    // With the last holder of its other end the terminal is gone: SIGHUP, and EIO for each write.
    terminal.kill('SIGKILL');
    await expectWholeRun(target, folder);
  });
});

describe.concurrent('isochrone stop', () => {
  test('ends a run that another process leads, which ends with 130', async () => {
    const target = await newTarget();
    const folder = newFolder();
    const { ended } = startIsochrone(['run', target.url, ...LONG], folder);
    await target.heardSo(50);
    const stopped = await isochrone(['stop'], folder);
    expect(stopped).toMatchObject({ code: 0, err: '' });
    const { run, state } = await onlyRun(folder);
    expect(stopped.out).toBe(`${run} was stopped; its report: isochrone report ${run}\n`);
    expect(state).toMatchObject({ phase: 'ended', verdict: { status: 'stopped', exitCode: 130 } });
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(out).toMatch(/^■ STOPPED {2}.*isochrone stop/);
    await target.expectSilence();
    const again = await isochrone(['stop', run], folder);
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toBe(`${run} has ended already (stopped); nothing was stopped\n`);
  });

  test('a run that nobody knows, or a report alone, is a mistake', async () => {
    expect((await isochrone(['stop', 'nothing'], newFolder())).code).toBe(2);
    const folder = newFolder();
    writeFileSync(join(folder, 'a.json'), '{}');
    const { code, err } = await isochrone(['stop', 'a.json'], folder);
    expect(code).toBe(2);
    expect(err).toContain('is a report');
  });
});

describe.concurrent('--detach', () => {
  test('returns at once with the id; the run goes on, keeps a log and writes its files', async () => {
    const target = await newTarget();
    const folder = newFolder();
    const args = [
      'run',
      target.url,
      '--rate',
      '50/s',
      '--for',
      '3s',
      '--detach',
      '--out',
      'json=a.json',
    ];
    const { code, out, err } = await isochrone(args, folder);
    expect(code).toBe(0);
    expect(target.heard).toBeLessThan(150);
    const { run } = await onlyRun(folder);
    expect(out).toBe(`${run}\n`);
    expect(err).toContain(`isochrone watch ${run}\n`);
    expect(await endOf(folder)).toMatchObject({ end: { kind: 'complete' } });
    expect(target.heard).toBe(150);
    const report = await reportOf(folder);
    const whole = `${JSON.stringify(report, null, 2)}\n`;
    await vi.waitUntil(
      () =>
        existsSync(join(folder, 'a.json')) &&
        readFileSync(join(folder, 'a.json'), 'utf8') === whole,
      20_000,
    );
    const files = readdirSync(join(folder, 'isochrone-runs/runs', run));
    expect(files).toContain('log.txt');
    const log = readFileSync(join(folder, 'isochrone-runs/runs', run, 'log.txt'), 'utf8');
    expect(log).toContain('150 scheduled = 150 ok');
  });

  test('is stopped like any other, with --quiet nothing but the id', async () => {
    const target = await newTarget();
    const folder = newFolder();
    const { out, err } = await isochrone(
      ['run', target.url, ...LONG, '--detach', '--quiet'],
      folder,
    );
    const run = out.trim();
    expect(err).toBe('');
    await target.heardSo(30);
    expect((await isochrone(['stop', run], folder)).out).toContain(`${run} was stopped`);
    expect((await onlyRun(folder)).state.verdict).toEqual({ status: 'stopped', exitCode: 130 });
    await target.expectSilence();
  });

  test('can be stopped before its process has begun', async () => {
    const target = await newTarget();
    const folder = newFolder();
    await isochrone(['run', target.url, ...LONG, '--detach'], folder);
    expect((await isochrone(['stop'], folder)).out).toContain('was stopped');
    await target.expectSilence();
    expect((await onlyRun(folder)).state.verdict?.exitCode).toBe(130);
  });
});
