/**
 * The accounts of one window × request. Every counter is incremented where the thing happens;
 * none is computed from the others, so that their sum is a check.
 */
export const COUNTERS = [
  'scheduled',
  'ok',
  'failed',
  'cutDeadline',
  'cutStop',
  'droppedGenerator',
  'droppedTarget',
  'sent',
  'unsent',
  'resent',
  /** Redirects followed: each is one more request on the wire, of one that was sent. */
  'redirects',
  'answered',
  'bytesIn',
  'bytesOut',
  /** Belong to the window in which the request ended, not to that of its scheduled instant. */
  'ended',
  'endedFailed',
  'iterationsScheduled',
  'iterationsOk',
  'iterationsFailed',
  'iterationsCutDeadline',
  'iterationsCutStop',
  'iterationsDroppedGenerator',
  'iterationsDroppedTarget',
] as const;

export type Counter = (typeof COUNTERS)[number];
export type Counters = Readonly<Record<Counter, number>>;
