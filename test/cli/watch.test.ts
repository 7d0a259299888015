import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { isochrone, startIsochrone } from '../support/isochrone.js';
import { progressOf } from '../support/live-progress.js';
import { runState } from '../support/run-state.js';
import { smallReport } from '../support/sample-report.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'watch-'));
const RUN = '20261121-141503-checkout-7f3a';

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((_, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Event {
  readonly schema: string;
  readonly event: string;
  readonly run: string;
  readonly report?: { readonly verdict: { readonly exitCode: number } };
}

function eventsOf(out: string): Event[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

/** Waits until the run stands in the store of a folder, as whoever wants to watch it must. */
async function running(folder: string): Promise<void> {
  while ((await isochrone(['__complete', 'runs'], folder)).out === '') await sleep(50);
}

describe('a run that goes on', () => {
  test('is taken up from another process, and ends there as it does where it is led', async () => {
    const folder = newFolder();
    const led = startIsochrone(['run', url, '--rate', '50/s', '--for', '4s'], folder);
    await running(folder);
    const watched = await isochrone(['watch', '--json-stream'], folder);
    const { code, out } = await led.ended;
    expect(watched.code).toBe(code);
    const events = eventsOf(watched.out);
    expect(events[0]).toMatchObject({ event: 'started', seconds: 4, target: url.slice(0, -1) });
    expect(events.filter(({ event }) => event === 'progress').length).toBeGreaterThan(1);
    expect(events.at(-1)).toMatchObject({ event: 'ended', exitCode: code });
    expect(new Set(events.map(({ schema }) => schema))).toEqual(new Set(['isochrone.event/1']));
    expect((await isochrone(['watch', 'latest'], folder)).out).toBe(out);
  });

  test('goes on when whoever watches it leaves', async () => {
    const folder = newFolder();
    const led = startIsochrone(['run', url, '--rate', '50/s', '--for', '8s'], folder);
    await running(folder);
    const watching = startIsochrone(['watch'], folder);
    await sleep(3_000);
    watching.child.kill('SIGINT');
    const { code, err, out } = await watching.ended;
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/ goes on.*\n {2}isochrone watch 2\S+ .*\n {2}isochrone stop 2\S+ /);
    expect([0, 4]).toContain((await led.ended).code);
  });
});

describe.concurrent('a run that is over', () => {
  test('is reported at once, with the exit code of its verdict', async () => {
    const folder = newFolder();
    const files = runFiles(FolderStore.open(join(folder, 'isochrone-runs')), RUN);
    const report = smallReport();
    const missed = { ...report, verdict: { ...report.verdict, status: 'failed', exitCode: 99 } };
    await files.report.write('report.json', JSON.stringify(missed));
    await files.state.write(runState(RUN));
    const text = await isochrone(['watch', 'latest', '--quiet'], folder);
    expect(text).toMatchObject({ code: 99, err: '' });
    expect(text.out).toBe((await isochrone(['report'], folder)).out);
    const json = await isochrone(['watch', '--json', '--out', 'text=a.txt'], folder);
    expect(JSON.parse(json.out)).toEqual(missed);
    writeFileSync(join(folder, 'moved.json'), json.out);
    const moved = await isochrone(['watch', './moved.json', '--json'], folder);
    expect(moved).toMatchObject({ code: 99, out: json.out });
  });

  test('but whose leader has gone without a word has no verdict', async () => {
    const folder = newFolder();
    const files = runFiles(FolderStore.open(join(folder, 'isochrone-runs')), RUN);
    const running = { phase: 'running', end: null, verdict: null } as const;
    await files.state.write(runState(RUN, running));
    await files.progress.write(progressOf({ run: RUN, toldAtMs: 60_000 }));
    const { code, out, err } = await isochrone(['watch', RUN], folder);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain('nobody leads');
    expect(err).toContain(`\n  isochrone report ${RUN} `);
  });

  test('is not there: said so', async () => {
    const { code, err } = await isochrone(['watch', 'checkout'], newFolder());
    expect(code).toBe(2);
    expect(err).toMatch(/no run in .* has the id or label "checkout"/);
  });
});

test.concurrent('run --json-stream: events on stdout and nothing else, the report in the last', async () => {
  const folder = newFolder();
  const args = ['run', url, '--requests', '20', '--json-stream', '--label', 'stream'];
  const { code, out } = await isochrone(args, folder);
  const events = eventsOf(out);
  expect(events[0]).toMatchObject({ event: 'started', label: 'stream' });
  expect(events.at(-1)?.report?.verdict.exitCode).toBe(code);
  const kept = await isochrone(['report', 'stream', '--json'], folder);
  expect(events.at(-1)?.report).toEqual(JSON.parse(kept.out));
});
