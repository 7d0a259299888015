import type { Recorder } from '../measure/recorder.js';
import type { Failure } from './failure.js';
import type { Job } from './job.js';

/**
 * A job that is a whole iteration is recorded as both at once. Of a step only the request is, and
 * the step keeps how it ended, for whoever counts its iteration.
 */
export function recordOk(recorder: Recorder, job: Job): void {
  if (!job.step) {
    recorder.ok(job);
    return;
  }
  recorder.requestOk(job);
  job.outcome = 'ok';
}

function recordFailed(
  recorder: Recorder,
  job: Job,
  code: number,
  message: string,
  detail: string | null,
): void {
  if (!job.step) {
    recorder.failed(job, code, message, detail);
    return;
  }
  recorder.requestFailed(job, code, message, detail);
  job.outcome = 'failed';
}

export function recordCut(recorder: Recorder, job: Job, by: 'deadline' | 'stop'): void {
  if (!job.step) {
    recorder.cut(job, by);
    return;
  }
  recorder.requestCut(job, by);
  job.outcome = by === 'stop' ? 'cutStop' : 'cutDeadline';
}

export function recordDropped(recorder: Recorder, job: Job, cause: 'generator' | 'target'): void {
  if (!job.step) {
    recorder.dropped(job, cause);
    return;
  }
  recorder.requestDropped(job, cause);
  job.outcome = cause === 'target' ? 'droppedTarget' : 'droppedGenerator';
}

/** Time ran out, or the shard obeyed a stop: what waited for a connection and never got one was dropped. */
export function recordGivenUp(recorder: Recorder, job: Job, by: 'deadline' | 'stop'): void {
  if (by === 'stop' || job.writtenUs >= 0) recordCut(recorder, job, by);
  else recordDropped(recorder, job, 'target');
}

/** Takes out of a text what must not be stored; `also`: this besides. */
export type Hide = (text: string, also?: readonly string[]) => string;

export function recordFailure(
  recorder: Recorder,
  job: Job,
  { code, message, detail }: Failure,
  hide: Hide,
): void {
  const own = job.owner?.secrets?.();
  const shown = detail === null ? null : hide(detail, own);
  recordFailed(recorder, job, code, hide(message, own), shown);
}
