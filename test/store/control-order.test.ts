import { describe, expect, test } from 'vitest';
import type { Control, LegControl } from '../../lib/store/control.js';
import { backwardStep } from '../../lib/store/control-order.js';

const control = (part: Partial<Control> = {}): Control => ({
  schema: 'isochrone.control/1',
  startAtMs: null,
  legs: [],
  stop: null,
  ...part,
});
const armed = (...attempts: string[]): LegControl => ({ state: 'armed', void: attempts });
const go = (...attempts: string[]): LegControl => ({ state: 'go', void: attempts });
const stop = { atMs: 5, cause: 'Ctrl-C', by: 'interrupt' } as const;

describe('forward', () => {
  test.each<[string, Control, Control]>([
    ['nothing changes', control(), control()],
    ['a leg is armed', control(), control({ legs: [armed()] })],
    ['an attempt is voided', control({ legs: [armed()] }), control({ legs: [armed('local/0.1')] })],
    ['go', control({ legs: [armed()] }), control({ startAtMs: 1, legs: [go()] })],
    [
      'an attempt is voided in the same step as the go',
      control({ legs: [armed()] }),
      control({ startAtMs: 1, legs: [go('local/0.1')] }),
    ],
    [
      'the next leg is armed',
      control({ startAtMs: 1, legs: [go()] }),
      control({ startAtMs: 1, legs: [go(), armed()] }),
    ],
    ['stop before the go', control({ legs: [armed()] }), control({ legs: [armed()], stop })],
    [
      'stop after the go',
      control({ startAtMs: 1, legs: [go()] }),
      control({ startAtMs: 1, legs: [go()], stop }),
    ],
    ['a stop stays', control({ stop }), control({ stop: { ...stop } })],
  ])('%s', (_, before, after) => {
    expect(backwardStep(before, after)).toBeNull();
  });
});

describe('backward', () => {
  test.each<[string, Control, Control, RegExp]>([
    ['the start moves', control({ startAtMs: 1 }), control({ startAtMs: 2 }), /moves the start/],
    ['the start is unset', control({ startAtMs: 1 }), control(), /moves the start/],
    ['a leg goes away', control({ legs: [armed()] }), control(), /removes a leg/],
    [
      'a go is taken back',
      control({ startAtMs: 1, legs: [go()] }),
      control({ startAtMs: 1, legs: [armed()] }),
      /takes back the go of leg 0/,
    ],
    [
      'go without an instant',
      control({ legs: [armed()] }),
      control({ legs: [go()] }),
      /without a start/,
    ],
    [
      'void after go',
      control({ startAtMs: 1, legs: [go()] }),
      control({ startAtMs: 1, legs: [go('local/0.1')] }),
      /after the go of leg 0/,
    ],
    [
      'a void attempt is replaced by another',
      control({ legs: [armed('local/0.1')] }),
      control({ legs: [armed('local/1.1')] }),
      /revives a void attempt of leg 0/,
    ],
    ['a stop is taken back', control({ stop }), control(), /told to stop/],
    ['a stop changes', control({ stop }), control({ stop: { ...stop, atMs: 6 } }), /told to stop/],
    ['go after stop', control({ stop }), control({ startAtMs: 1, stop }), /told to stop/],
  ])('%s', (_, before, after, problem) => {
    expect(backwardStep(before, after)).toMatch(problem);
  });
});
