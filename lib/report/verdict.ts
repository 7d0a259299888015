import { ExitCode } from '../errors.js';
import type { RunEnd, StopOrder } from '../store/control.js';
import type { Evidence } from './evidence.js';
import { objectives } from './objectives.js';
import type { ObjectiveVerdict, Report, ValidityVerdict } from './report-schema.js';
import { validity, worstLevel } from './validity.js';

type Verdict = Report['verdict'];

/** What the run comes to: whether its promises held, and whether that can be believed. */
export function verdict(evidence: Evidence): Verdict {
  const { end, startAtMs } = evidence.record;
  // Nothing was asked of the target: there is nothing to judge.
  const judged = startAtMs === null ? [] : objectives(evidence);
  const checks = startAtMs === null ? [] : validity(evidence, judged);
  const level = worstLevel(checks);
  const bug = checks.some((check) => check.check === 'accounts' && check.level === 'invalid');
  const { status, cause, exitCode } = outcome(judged, checks, endingOf(end), bug);
  return { status, cause, exitCode, level, objectives: judged, validity: checks };
}

type Outcome = Pick<Verdict, 'status' | 'cause' | 'exitCode'>;

function outcome(
  judged: readonly ObjectiveVerdict[],
  checks: readonly ValidityVerdict[],
  ending: Ending | null,
  bug: boolean,
): Outcome {
  if (ending?.final) {
    const hidden = bug && ending.exitCode === ExitCode.unavailable;
    return { ...ending, exitCode: hidden ? ExitCode.unexpected : ending.exitCode };
  }
  if (worstLevel(checks) === 'invalid') {
    const exitCode = bug ? ExitCode.unexpected : ExitCode.invalid;
    return { status: 'invalid', cause: invalidCause(checks), exitCode };
  }
  if (ending !== null) return ending;
  const missed = judged.filter(({ ok }) => ok === false);
  return missed.length === 0
    ? { status: 'passed', cause: null, exitCode: ExitCode.good }
    : { status: 'failed', cause: missedCause(missed), exitCode: ExitCode.objectives };
}

interface Ending {
  readonly status: 'stopped' | 'broken' | 'cancelled';
  readonly cause: string;
  readonly exitCode: ExitCode;
  /** It stands whatever was measured. An abort rule's or the cost cap's yields to *invalid*. */
  readonly final: boolean;
}

function endingOf(end: RunEnd): Ending | null {
  switch (end.kind) {
    case 'complete':
      return null;
    case 'stopped':
      return endingBy(end.order);
    case 'cancelled':
    case 'broken':
      return { status: end.kind, cause: end.cause, exitCode: ExitCode.unavailable, final: true };
  }
}

function endingBy({ by, cause }: StopOrder): Ending {
  switch (by) {
    case 'interrupt':
    case 'user':
      return { status: 'stopped', cause, exitCode: ExitCode.interrupted, final: true };
    case 'terminate':
      return { status: 'stopped', cause, exitCode: ExitCode.terminated, final: true };
    case 'abort-rule':
    case 'cost':
      return { status: 'stopped', cause, exitCode: ExitCode.objectives, final: false };
    case 'cancelled':
    case 'broken':
      return { status: by, cause, exitCode: ExitCode.unavailable, final: true };
  }
}

function invalidCause(checks: readonly ValidityVerdict[]): string {
  const names = checks.filter(({ level }) => level === 'invalid').map(({ check }) => check);
  return names.length === 1
    ? `the measurement cannot be trusted: check ${names[0]}`
    : `the measurement cannot be trusted: checks ${names.join(', ')}`;
}

function missedCause(missed: readonly ObjectiveVerdict[]): string {
  return `missed: ${missed.map(({ text }) => text).join('; ')}`;
}
