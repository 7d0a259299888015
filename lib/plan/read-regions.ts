import { THIS_MACHINE } from './emulation.js';
import type { Mistakes } from './mistakes.js';
import type { PlanEmulation, PlanRegion } from './plan.js';
import type { WrittenPlan } from './schema.js';
import { parseDurationUs, parsePercentHundredths } from './units.js';

interface WrittenRegion {
  readonly name: string;
  readonly share: number | string | undefined;
  readonly workers: number | null;
  readonly emulation: PlanEmulation | null;
}

/** Where the load comes from, with shares in whole numbers of one unit; null after a mistake. */
export function readRegions(from: WrittenPlan['from'], mistakes: Mistakes): PlanRegion[] | null {
  if (!mistakes.sound(['from'])) return null;
  if (from === undefined) return [{ name: 'local', share: 1, workers: null }];
  if (Array.isArray(from)) {
    from.forEach((name, i) => {
      if (from.indexOf(name) < i) mistakes.add(['from', i], `region '${name}' stands here twice`);
    });
    return from.map((name) => ({ name, share: 1, workers: null }));
  }
  const regions = Object.entries(from).map(([name, value]): WrittenRegion => {
    if (typeof value !== 'object') {
      return { name, share: value, workers: null, emulation: null };
    }
    const { share, workers = null } = value;
    return { name, share, workers, emulation: readEmulation(name, value, mistakes) };
  });
  const shares = regions.some(({ share }) => typeof share === 'string')
    ? percents(regions, mistakes)
    : regions.map(({ share = 1 }) => Number(share));
  const unit = shares.reduce(greatestCommonDivisor, 0);
  return regions.map(({ name, workers, emulation }, i) => ({
    name,
    share: shares[i]! / unit,
    workers,
    ...(emulation && { emulation }),
  }));
}

function readEmulation(
  name: string,
  { rtt, jitter, loss }: Partial<Record<'rtt' | 'jitter' | 'loss', string | undefined>>,
  mistakes: Mistakes,
): PlanEmulation | null {
  const first = Object.entries({ rtt, jitter, loss }).find(([, value]) => value !== undefined);
  if (!first) return null;
  if (name === THIS_MACHINE) {
    mistakes.add(['from', name, first[0]], `${name} is this machine itself, at no distance`, {
      part: 'key',
      help: 'give the place a name of its own',
    });
  }
  return {
    rttUs: rtt === undefined ? null : parseDurationUs(rtt),
    jitterUs: jitter === undefined ? 0 : parseDurationUs(jitter)!,
    loss: loss === undefined ? 0 : parsePercentHundredths(loss)! / 10_000,
  };
}

/** In hundredths of a percent, so that their sum is exact. */
function percents(regions: readonly WrittenRegion[], mistakes: Mistakes): number[] {
  const shares = regions.map(({ name, share }) => {
    if (typeof share !== 'string') {
      const message =
        share === undefined
          ? `${name} has no share, others have a percentage`
          : `${name} has a weight, others have a percentage`;
      mistakes.add(['from', name], message, { help: 'give all of them percentages, or weights' });
      return 0;
    }
    const hundredths = parsePercentHundredths(share)!;
    if (hundredths === 0) {
      mistakes.add(['from', name], `${name} has no load`, { help: 'leave the region out' });
    }
    return hundredths;
  });
  const sum = shares.reduce((total, share) => total + share, 0);
  if (sum !== 10_000 && mistakes.sound(['from'])) {
    mistakes.add(['from'], `the percentages add up to ${sum / 100}%, not to 100%`, {
      part: 'key',
      help: `for equal shares write a list: from: [${regions.map(({ name }) => name).join(', ')}]`,
    });
  }
  return shares;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
