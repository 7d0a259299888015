import type { RunState } from '../../lib/store/control.js';

/** A run that ended well, unless a part says otherwise. */
export function runState(run: string, part: Partial<RunState> = {}): RunState {
  return {
    schema: 'isochrone.state/1',
    run,
    name: 'checkout',
    label: null,
    target: 'http://shop.test',
    phase: 'ended',
    createdAtMs: 1_000,
    endedAtMs: 2_000,
    end: { kind: 'complete' },
    watch: null,
    verdict: { status: 'passed', exitCode: 0 },
    ...part,
  };
}
