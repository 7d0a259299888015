import type { Mistakes } from './mistakes.js';
import type { AmountLoad, Load, Pace, RateStage, StageHead, UserStage } from './plan.js';
import type { WrittenPlan, WrittenStage } from './schema.js';
import { parseDurationRangeUs, parseDurationUs, parseRate, parseUsers } from './units.js';

/** How long a fixed amount may take where the plan does not say: as long as a leg can be. */
const DEFAULT_CAP_US = 9 * 60e6;

type Written = Pick<WrittenPlan, 'load' | 'think' | 'every' | 'arrivals' | 'relog'>;
type Kind = Load['kind'];

const PACING = ['load', 'think', 'every', 'arrivals', 'relog'] as const;

const WORDS: Readonly<Record<Kind, string>> = {
  open: 'a rate',
  closed: 'users',
  amount: 'a fixed amount of requests',
};

/** The load, with all that only makes sense across its stages checked; null after a mistake. */
export function readLoad(plan: Written, mistakes: Mistakes): Load | null {
  const kind = loadKind(plan.load, mistakes);
  if (kind === null) return null;
  checkPacing(plan, kind, mistakes);
  if (!mistakes.sound(['load'])) return null;
  checkNames(plan.load, mistakes);
  if (kind === 'amount') return amount(plan, mistakes);
  checkMeasured(plan.load, mistakes);
  if (!PACING.every((field) => mistakes.sound([field]))) return null;
  return kind === 'open'
    ? { kind, stages: plan.load.flatMap(rateStage) }
    : {
        kind,
        stages: plan.load.flatMap(userStage),
        pace: pace(plan),
        ...(plan.relog && { relog: true }),
      };
}

export function kindOf(stage: unknown): Kind | null {
  if (typeof stage !== 'object' || stage === null) return null;
  if ('requests' in stage) return 'amount';
  return 'rate' in stage ? 'open' : 'users' in stage ? 'closed' : null;
}

/** All stages are of one kind, which the first one gives. */
function loadKind(load: unknown, mistakes: Mistakes): Kind | null {
  if (!Array.isArray(load)) return null;
  const kind = kindOf(load[0]);
  if (kind === null) return null;
  load.forEach((stage, i) => {
    const other = kindOf(stage);
    if (i === 0 || other === null) return;
    if (other === 'amount' || kind === 'amount') {
      mistakes.add(['load', i], 'a fixed amount of requests stands alone in its list');
    } else if (other !== kind) {
      mistakes.add(['load', i], `this stage has ${WORDS[other]}, the first one ${WORDS[kind]}`, {
        help: 'a plan has one kind of load; measure the other in a run of its own',
      });
    }
  });
  return kind;
}

function checkPacing(plan: Written, kind: Kind, mistakes: Mistakes): void {
  for (const field of ['think', 'every'] as const) {
    if (plan[field] === undefined || kind !== 'open') continue;
    mistakes.add([field], `${mistakes.nameOf([field])} goes with users, not with a rate`, {
      part: 'key',
      help: 'a rate does not wait for anyone; leave it out',
    });
  }
  if (kind !== 'closed' && plan.relog !== undefined) {
    mistakes.add(
      ['relog'],
      `${mistakes.nameOf(['relog'])} goes with users, not with ${WORDS[kind]}`,
      {
        part: 'key',
        help: 'it is about users who stay longer than a worker lives; leave it out',
      },
    );
  }
  if (kind !== 'open' && plan.arrivals !== undefined) {
    const name = mistakes.nameOf(['arrivals']);
    mistakes.add(['arrivals'], `${name} goes with a rate, not with users`, {
      part: 'key',
      help: 'users send when they have their answer; leave it out',
    });
  }
  if (kind !== 'open' && plan.think !== undefined && plan.every !== undefined) {
    const [think, every] = [mistakes.nameOf(['think']), mistakes.nameOf(['every'])];
    mistakes.add(['every'], `${think} and ${every} do not go together`, {
      part: 'key',
      help: `${think} is a pause after each answer, ${every} a fixed beat; keep one`,
    });
  }
}

function checkNames(load: readonly WrittenStage[], mistakes: Mistakes): void {
  const names = load.map(({ name }) => name);
  names.forEach((name, i) => {
    if (name === undefined || names.indexOf(name) === i) return;
    mistakes.add(['load', i, 'name'], `two stages are called '${name}'`, {
      help: 'reports and objectives tell stages apart by name',
    });
  });
}

function checkMeasured(load: readonly WrittenStage[], mistakes: Mistakes): void {
  const measured = load.filter((stage) => !isWarmup(stage));
  const firstMeasured = load.findIndex((stage) => !isWarmup(stage));
  load.forEach((stage, i) => {
    if (firstMeasured < 0 || i < firstMeasured || !isWarmup(stage)) return;
    mistakes.add(['load', i, 'warmup'], 'a warm-up stands before all that is measured', {
      part: 'key',
      help: 'move this stage to the beginning of the list',
    });
  });
  if (measured.length === 0) {
    mistakes.add(['load'], 'all of the load is warm-up; nothing would be measured', {
      part: 'key',
      help: 'add a stage without `warmup`',
    });
  } else if (measured.every((stage) => peak(stage) === 0)) {
    mistakes.add(['load'], 'no stage that is measured asks for any load', { part: 'key' });
  }
}

const isWarmup = (stage: WrittenStage) => 'warmup' in stage && stage.warmup === true;

function peak(stage: WrittenStage): number {
  if ('rate' in stage) return Math.max(...parseRate(stage.rate)!);
  return 'users' in stage && stage.users !== undefined ? Math.max(...parseUsers(stage.users)!) : 0;
}

function head(stage: {
  name?: string | undefined;
  warmup?: boolean | undefined;
  for: string;
}): StageHead {
  return {
    name: stage.name ?? null,
    warmup: stage.warmup ?? false,
    durationUs: parseDurationUs(stage.for)!,
  };
}

function rateStage(stage: WrittenStage): RateStage[] {
  if (!('rate' in stage)) return [];
  const [fromRate, toRate] = parseRate(stage.rate)!;
  return [{ ...head(stage), fromRate, toRate }];
}

function userStage(stage: WrittenStage): UserStage[] {
  if ('rate' in stage || 'requests' in stage) return [];
  const [fromUsers, toUsers] = parseUsers(stage.users)!;
  return [{ ...head(stage), fromUsers, toUsers }];
}

function amount(plan: Written, mistakes: Mistakes): AmountLoad | null {
  const [stage] = plan.load;
  if (!stage || !('requests' in stage)) return null;
  const { name = null, requests, users = 1 } = stage;
  if (users > requests) {
    const words = `${users} users cannot share ${requests} request${requests === 1 ? '' : 's'}`;
    mistakes.add(['load', 0, 'users'], words, { help: 'ask for at most one user a request' });
  }
  if (!PACING.every((field) => mistakes.sound([field]))) return null;
  const capUs = stage.for === undefined ? DEFAULT_CAP_US : parseDurationUs(stage.for)!;
  return { kind: 'amount', name, requests, users, capUs, pace: pace(plan) };
}

function pace({ think, every }: Written): Pace {
  if (every !== undefined) return { kind: 'every', everyUs: parseDurationUs(every)! };
  if (think === undefined) return { kind: 'none' };
  const [minUs, maxUs] = parseDurationRangeUs(think)!;
  return { kind: 'think', minUs: Math.min(minUs, maxUs), maxUs: Math.max(minUs, maxUs) };
}
