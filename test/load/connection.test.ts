import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { Connection, type ConnectionEvents } from '../../lib/load/connection.js';
import type { Wire } from '../../lib/load/dial.js';
import { FirstAnswers } from '../../lib/load/first-answers.js';
import { RunClock } from '../../lib/load/run-clock.js';

const SECOND_US = 1_000_000;

it.each([
  ['soon', 10_000],
  ['in a while', 130_000],
  ['some legs ago', -1_800_000],
])(
  'a connection opened ahead idles as long as it really does: the run starts %s',
  (_when, startsInMs) => {
    const clock = new RunClock();
    const wire = { socket: new EventEmitter(), receiver: null } as unknown as Wire;
    const events = {} as ConnectionEvents;
    const opened = new Connection(wire, '10.0.0.1', 900, clock, new FirstAnswers(null), events);
    clock.startAt(clock.wallMs() + startsInMs);
    const nowUs = clock.nowUs();
    expect(opened.stale(nowUs)).toBe(false);
    expect(opened.hungUpOn).toBe(true);
    expect(opened.stale(nowUs + 4 * SECOND_US)).toBe(true);
  },
);
