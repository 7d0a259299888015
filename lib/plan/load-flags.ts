import { flagValue, type Path } from './places.js';
import { numberOr, type PlanDraft } from './plan-draft.js';
import { formatDuration, parseDurationUs, parseRate, parseUsers } from './units.js';

/** What runs where no flag says how much load. */
export const DEFAULT_LOAD = { users: '10', for: '10s' } as const;

export type GivenFlags = ReadonlyMap<string, string>;

/** The stages that the flags ask for. */
export function draftLoad(given: GivenFlags, draft: PlanDraft): void {
  for (const [flag, other] of [
    ['rate', 'users'],
    ['rate', 'requests'],
  ] as const) {
    if (!given.has(flag) || !given.has(other)) continue;
    draft.refuse(
      flagValue([], `--${other}`, given.get(other)!),
      `--${flag} and --${other} do not go together`,
    );
  }
  if (given.has('requests')) draftAmount(given, draft);
  else draftStages(given, draft);
}

function draftAmount(given: GivenFlags, draft: PlanDraft): void {
  const stage: Path = ['load', 0];
  draft.set([...stage, 'requests'], '--requests', given.get('requests'), numberOr);
  draft.set([...stage, 'users'], '--users', given.get('users'), numberOr);
  draft.set([...stage, 'for'], '--for', given.get('for'));
  for (const flag of ['warmup', 'ramp']) {
    const value = given.get(flag);
    if (value === undefined) continue;
    const what = flag === 'ramp' ? 'ramp' : 'warm-up';
    draft.refuse(flagValue([], `--${flag}`, value), `a fixed amount of requests has no ${what}`);
  }
}

/** `--for` is all that is measured: the ramp from 0, if any, and what stays. */
function draftStages(given: GivenFlags, draft: PlanDraft): void {
  const field = given.has('rate') ? 'rate' : 'users';
  const value = given.get(field) ?? DEFAULT_LOAD.users;
  const length = given.get('for') ?? DEFAULT_LOAD.for;
  const ramp = given.get('ramp');
  const warmup = given.get('warmup');
  let index = 0;
  const add = (amount: string, forText: string, lengthFlag: string) => {
    const stage = ['load', index++];
    draft.set([...stage, field], `--${field}`, amount, field === 'users' ? numberOr : undefined);
    draft.blame([...stage, field], `--${field}`, value);
    draft.put([...stage, 'for'], forText);
    draft.blame([...stage, 'for'], lengthFlag, given.get(lengthFlag.slice(2)) ?? forText);
    return stage;
  };
  if (warmup !== undefined)
    draft.put([...add(fullValue(value), warmup, '--warmup'), 'warmup'], true);
  if (ramp === undefined) {
    add(value, length, '--for');
    return;
  }
  if (value.includes('..')) {
    const message = `--${field} ${value} is a ramp already`;
    draft.refuse(flagValue([], '--ramp', ramp), message, 'leave out one of them');
    add(value, length, '--for');
    return;
  }
  const [lengthUs, rampUs] = [parseDurationUs(length), parseDurationUs(ramp)];
  if (lengthUs !== null && rampUs !== null && rampUs > lengthUs) {
    const help = 'the ramp is the beginning of --for';
    draft.refuse(flagValue([], '--ramp', ramp), `the ramp is longer than --for ${length}`, help);
  }
  // Of a value that is wrong in itself no ramp is made: the schema shows it once.
  if (parseRate(value) ?? parseUsers(numberOr(value))) add(`0..${value}`, ramp, '--ramp');
  if (lengthUs === null || rampUs === null) add(value, length, '--for');
  else if (rampUs < lengthUs) add(value, formatDuration(lengthUs - rampUs), '--for');
}

/** Where a ramp begins, or ends if it begins with nothing; anything else as it is. */
function fullValue(value: string): string {
  const [from] = parseRate(value) ?? parseUsers(value) ?? [];
  if (from === undefined || !value.includes('..')) return value;
  return from > 0 ? value.replace(/\.\.[\d.]+/, '') : value.replace(/^.*\.\./, '');
}
