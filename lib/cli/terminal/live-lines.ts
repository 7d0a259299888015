import { stripVTControlCharacters } from 'node:util';
import {
  askedRate,
  count,
  counted,
  percent,
  rate,
  span,
  time,
} from '../../report/render/figures.js';
import { columns, cut, plain, wrap } from '../../report/render/plain.js';
import { type Ink, ink } from '../../report/render/sheet.js';
import type { Progress } from '../../store/progress.js';
import { clock } from './clock.js';
import { costText } from './cost-text.js';
import { p99Text, regionLines } from './region-lines.js';
import { validityText } from './validity-text.js';

/** A run as it is seen at one moment. */
export interface Scene {
  readonly progress: Progress;
  /** Where the run is now, µs from its start: between two tellings the clock goes on. */
  readonly elapsedUs: number;
  /** How long nothing was heard of it. */
  readonly quietMs: number;
}

/** It is told every second: silence this long is worth saying. */
const QUIET_MS = 5_000;
const BAR_LEAST = 8;
const GAP = '  ';

/** What a live view shows; no line is wider than `width`. */
export function liveLines(
  scene: Scene,
  { width, color }: { readonly width: number; readonly color: boolean },
): string[] {
  const { progress } = scene;
  const paint = ink(color);
  const lines = [
    headLine(scene, width, paint),
    ...figureLines(progress, width, paint),
    ...regionLines(progress, width, paint),
    ...footLines(scene, width, paint),
  ];
  return lines.map((line) =>
    columns(line) <= width ? line : cut(stripVTControlCharacters(line), width),
  );
}

function headLine({ progress, elapsedUs }: Scene, width: number, { strong }: Ink): string {
  const { phase, workers, durationUs, graceUs, amount, ended, stage } = progress;
  if (phase === 'merging') return cut('merging what was measured', width);
  if (phase === 'ended') return cut('done', width);
  if (phase === 'arming') {
    return cut(`getting ready: ${workers.ready} of ${counted(workers.planned, 'worker')}`, width);
  }
  if (elapsedUs < 0) return cut(`starting in ${Math.ceil(-elapsedUs / 1e6)} s`, width);
  const now = clock(Math.min(elapsedUs, durationUs));
  if (amount !== null) {
    const done = `${count(ended)} of ${counted(amount, 'request')}`;
    return bar(clock(elapsedUs), ended / amount, done, width, strong);
  }
  const left =
    phase === 'finishing' || elapsedUs >= durationUs
      ? `the last answers, at most ${span(Math.max(0, (durationUs + graceUs - elapsedUs) / 1e6))}`
      : `${clock(durationUs - elapsedUs + 999_999)} left`;
  // The stage belongs to the clock: the figures below may still be those of the one before.
  const name = stage === null ? '' : GAP + cut(plain(stage), Math.floor(width / 4));
  const before = `${now} of ${clock(durationUs)}${name}`;
  return bar(before, elapsedUs / durationUs, left, width, strong);
}

function bar(
  before: string,
  share: number,
  after: string,
  width: number,
  strong: Ink['strong'],
): string {
  const room = width - columns(before) - columns(after) - 2 * GAP.length;
  if (room < BAR_LEAST) return cut(`${before}${GAP}${after}`, width);
  const full = Math.round(room * Math.max(0, Math.min(1, share)));
  return `${strong(before)}${GAP}${'━'.repeat(full)}${'─'.repeat(room - full)}${GAP}${after}`;
}

function figureLines(progress: Progress, width: number, { bad, faint }: Ink): string[] {
  const { phase, elapsedUs, knownToUs, rateAchieved, rateAsked, p50Us, errorShare } = progress;
  if (phase !== 'running' && phase !== 'finishing') return [];
  if (knownToUs === 0 || rateAchieved === null) {
    const nothing = 'no figures yet: workers tell every few seconds';
    return elapsedUs < 0 ? [] : [faint(cut(nothing, width))];
  }
  const asked = rateAsked === null ? ' good' : ` good of ${askedRate(rateAsked)} asked`;
  return fitted(
    [
      `${rate(rateAchieved)}${asked}`,
      ...(p50Us === null ? [] : [`p50 ${time(p50Us / 1000)}`, `p99 ${p99Text(progress)}`]),
      ...(errorShare === null
        ? []
        : [errorShare > 0 ? bad(`${percent(errorShare)} errors`) : '0 % errors']),
    ],
    width,
  );
}

function footLines(scene: Scene, width: number, paint: Ink): string[] {
  const { progress, quietMs, elapsedUs } = scene;
  const { phase, stopping, validity, workers, knownToUs, fromUs, toUs } = progress;
  const lines: string[] = [];
  if (stopping !== null) {
    lines.push(...wrap(`stopping: ${plain(stopping)}`, width).map(paint.doubtful));
  }
  if (phase === 'running' || phase === 'finishing') {
    const level = { good: paint.faint, doubtful: paint.doubtful, invalid: paint.bad }[
      validity.level
    ];
    const sending = workers.ready - workers.reported - workers.lost - workers.silent;
    const judged = knownToUs > 0 || validity.level !== 'good';
    const verdict = judged ? wrap(`measurement ${validityText(progress)}`, width).map(level) : [];
    const states = [
      elapsedUs < 0
        ? paint.faint(`${counted(workers.ready, 'worker')} ready`)
        : paint.faint(`${sending} of ${counted(workers.planned, 'worker')} sending`),
      ...(workers.silent > 0 ? [paint.doubtful(`${workers.silent} silent`)] : []),
      ...(toUs > 0 ? [paint.faint(`figures from ${clock(fromUs)} to ${clock(toUs)}`)] : []),
      ...(progress.cost ? [paint.faint(costText(progress.cost))] : []),
    ];
    lines.push(...verdict.slice(0, -1), ...fitted([...verdict.slice(-1), ...states], width));
  }
  if (quietMs >= QUIET_MS) {
    const seconds = Math.floor(quietMs / 1000);
    lines.push(paint.doubtful(cut(`no news of the run for ${seconds} s`, width)));
  }
  return lines;
}

/** The parts beside each other, on as many lines as they need. */
function fitted(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && columns(last) + GAP.length + columns(part) <= width) {
      lines[lines.length - 1] = last + GAP + part;
    } else lines.push(part);
  }
  return lines;
}
