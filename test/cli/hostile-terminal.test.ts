import { describe, expect, test } from 'vitest';
import { EventStream } from '../../lib/cli/event-stream.js';
import { outlook } from '../../lib/cli/outlook.js';
import { planText } from '../../lib/cli/plan-text.js';
import { tellFailure } from '../../lib/cli/terminal/failure.js';
import { liveLines } from '../../lib/cli/terminal/live-lines.js';
import { progressText } from '../../lib/cli/terminal/progress-text.js';
import { say } from '../../lib/cli/terminal/terminal.js';
import { UnavailableError } from '../../lib/errors.js';
import { freezePlan } from '../../lib/plan/freeze.js';
import { columns } from '../../lib/report/render/plain.js';
import { heardTerminal } from '../support/heard-terminal.js';
import { HOSTILE, OBEYED, uncoloured, withPrefix } from '../support/hostile-text.js';
import { progressOf, regionOf } from '../support/live-progress.js';
import { read } from '../support/plan-text.js';
import { runnerCommands } from '../support/runner-commands.js';
import { largeReport } from '../support/sample-report.js';

const FROZEN = freezePlan(
  read(`
name: checkout
target: { url: https://shop.example.com, at: eu-central-1 }
from: [tokyo, us-east-1]
load:
  - { rate: 50/s, for: 10s, warmup: true }
  - { rate: 50/s, for: 1m, name: peak }
requests: [GET /, GET /b]
objectives: [p95 < 500ms, 'p90 < 1s of "GET /b" in tokyo during peak', errors < 1%]
abort: [errors > 50% over 10s]
`),
  {
    run: '20261121-141503-checkout-7f3a',
    label: 'label',
    createdAtMs: 0,
    seed: 7,
    where: 'local',
    legUs: null,
    allowUndecided: true,
  },
);

const PROGRESS = progressOf({
  stopping: 'errors > 50% over 10s: 60 %',
  validity: {
    level: 'doubtful',
    checks: [
      { check: 'lag', level: 'doubtful', measured: 0.02, region: 'tokyo', untilUs: null },
      { check: 'offered', level: 'good', measured: 0, region: null, untilUs: null },
    ],
  },
  regions: [regionOf('tokyo'), regionOf('us-east-1')],
});

function expectHarmless(shown: string): void {
  expect(uncoloured(shown)).not.toMatch(OBEYED);
  expect(runnerCommands(shown)).toEqual([]);
}

describe.each(Object.entries(HOSTILE))('%s in every name', (_, text) => {
  const progress = withPrefix(PROGRESS, text);
  const frozen = withPrefix(FROZEN, text);

  test('a live view shows no more lines for it, and none that is wider', () => {
    for (const width of [60, 120]) {
      const scene = { progress, elapsedUs: progress.elapsedUs, quietMs: 0 };
      const lines = liveLines(scene, { width, color: true });
      for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(width);
      expect(lines.join('')).not.toContain('\n');
      expectHarmless(lines.join('\n'));
    }
  });

  test('a log stays one line', () => {
    expect(progressText(progress)).not.toContain('\n');
    expectHarmless(progressText(progress));
  });

  test('a plan is shown, and so is what is about to be done', () => {
    expectHarmless(planText(frozen, { width: 80, color: true }));
    expect(outlook(frozen)).not.toContain('\n');
    expectHarmless(outlook(frozen));
  });

  test('an error is told, and a note', () => {
    const { terminal, said } = heardTerminal();
    tellFailure(terminal, new UnavailableError(`cannot read ${text}: no\n  write this instead`));
    tellFailure(terminal, new Error(text));
    say(terminal, `note: ${text}`);
    expectHarmless(said().err);
    expect(said().err).toContain('\n  write this instead\n');
  });

  test('events stay events, one a line, with the same data', () => {
    const { terminal, said } = heardTerminal();
    const stream = new EventStream(terminal);
    const report = withPrefix(largeReport(), text);
    stream.started(frozen, text);
    stream.progress(progress);
    stream.ended(report);
    const [started, told, ended, ...more] = said().out.split('\n');
    expect(more).toEqual(['']);
    expect(JSON.parse(started ?? '')).toMatchObject({ name: frozen.plan.name, kept: text });
    expect(JSON.parse(told ?? '')).toMatchObject({ stage: progress.stage });
    expect(JSON.parse(ended ?? '').report).toEqual(report);
    expectHarmless(said().out);
  });
});
