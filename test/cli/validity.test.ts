import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report, ValidityVerdict } from '../../lib/report/report-schema.js';
import { isochrone } from '../support/isochrone.js';
import { type RemoteTarget, remoteTarget } from '../support/remote-target.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A generator that is too weak for what it is asked, and its twin that is not, against a target
// that stands still: one of the two is a wrong measurement, the other a bad service well measured.
const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'run-'));

let quick: RemoteTarget;
let stalling: RemoteTarget;
beforeAll(async () => {
  quick = await remoteTarget();
  stalling = await remoteTarget({ stall: { everyMs: 2_000, forMs: 1_300 } });
});
afterAll(() => {
  quick.close();
  stalling.close();
});

// Without its compilers the engine is an order of magnitude slower, as on a much smaller machine.
const STARVED = { NODE_OPTIONS: '--jitless' };
const TOO_MUCH = ['--rate', '150000/s', '--for', '1500ms', '--workers', '1', '--timeout', '1s'];
const CANNOT_KEEP_UP = ['lag', 'event-loop', 'busy', 'offered', 'start'] as const;

function checkOf({ verdict }: Report, name: ValidityVerdict['check']): ValidityVerdict {
  return verdict.validity.find(({ check }) => check === name)!;
}

test('a generator that cannot keep up is invalid, by name and with what to do', async () => {
  const folder = newFolder();
  const args = ['run', quick.url, ...TOO_MUCH, '--objective', 'errors < 100%'];
  const { code, out } = await isochrone(args, folder, STARVED);
  expect(code).toBe(4);
  expect(out).toMatch(/^✗ INVALID .*cannot be trusted: checks? .*busy/);
  expect(out).toMatch(
    /! busy: (>?9[89]\S*|100) % in local \(doubtful above 90 %, invalid above 98 %\)/,
  );
  expect(out).toMatch(/Ask for a\s+lower rate/);
  const kept = await isochrone(['report', '--json'], folder);
  const report = JSON.parse(kept.out) as Report;
  expect(checkOf(report, 'busy')).toMatchObject({ level: 'invalid', lowered: null });
  // Whoever cannot keep up has no word to say about the limits of others.
  expect(report.findings.map(({ id }) => id)).not.toContain('target-limit');
}, 60_000);

test('the same, accepted: the verdict stands, and says what it stands on', async () => {
  const accepted = CANNOT_KEEP_UP.flatMap((check) => ['--accept', check]);
  const args = ['run', quick.url, ...TOO_MUCH, ...accepted, '--quiet'];
  const { code, out } = await isochrone(args, newFolder(), STARVED);
  expect(code).toBe(0);
  expect(out).toMatch(/Measurement {2}! DOUBTFUL/);
  expect(out.replace(/\s+/g, ' ')).toContain(
    'invalid, accepted with --accept busy, and counts as doubtful',
  );
}, 60_000);

test('a target that stands still is a bad one, well measured', async () => {
  for (let round = 0; round < 10; round++) {
    const args = ['run', stalling.url, '--rate', '100/s', '--for', '4s', '--json', '--quiet'];
    const { code, out } = await isochrone([...args, '--objective', 'p95 < 100ms'], newFolder());
    const report = JSON.parse(out) as Report;
    // A machine that was late itself says nothing about anybody.
    const late = (['lag', 'event-loop'] as const).some(
      (name) => checkOf(report, name).level !== 'good',
    );
    if (late) continue;
    expect(report.verdict).toMatchObject({ status: 'failed', level: 'good', exitCode: 99 });
    expect(code).toBe(99);
    expect((await stalling.seen()).stalls.length).toBeGreaterThan(0);
    return;
  }
  throw new Error('machine too noisy');
}, 180_000);
