import type { Load, StageSpan } from './plan.js';

/** The load's stages, one after the other on the run's time line. A fixed amount is one stage. */
export function stageSpans(load: Load): readonly StageSpan[] {
  let startUs = 0;
  return asked(load).map(({ durationUs, ...stage }) => {
    const span = { ...stage, startUs, endUs: startUs + durationUs };
    startUs = span.endUs;
    return span;
  });
}

/** Index of the longest measured stage of constant load, the last of equals; null: there is none. */
export function headlineStage(stages: readonly StageSpan[]): number | null {
  let headline: number | null = null;
  let longestUs = 0;
  stages.forEach((stage, index) => {
    const lengthUs = stage.endUs - stage.startUs;
    if (stage.warmup || !stage.constant || lengthUs < longestUs) return;
    headline = index;
    longestUs = lengthUs;
  });
  return headline;
}

type Asked = Omit<StageSpan, 'startUs' | 'endUs'> & { readonly durationUs: number };

function asked(load: Load): readonly Asked[] {
  switch (load.kind) {
    case 'open':
      return load.stages.map(({ name, warmup, durationUs, fromRate, toRate }) => ({
        name,
        title: name ?? `${range(fromRate, toRate)}/s`,
        warmup,
        constant: isConstant(fromRate, toRate),
        durationUs,
      }));
    case 'closed':
      return load.stages.map(({ name, warmup, durationUs, fromUsers, toUsers }) => ({
        name,
        title:
          name ?? `${range(fromUsers, toUsers)} ${plural(Math.max(fromUsers, toUsers), 'user')}`,
        warmup,
        constant: isConstant(fromUsers, toUsers),
        durationUs,
      }));
    case 'amount': {
      const { name, requests, users, capUs } = load;
      const title = `${requests} ${plural(requests, 'request')} by ${users} ${plural(users, 'user')}`;
      return [{ name, title: name ?? title, warmup: false, constant: true, durationUs: capUs }];
    }
  }
}

/** A stage at nothing is a pause: there is nothing in it to headline. */
function isConstant(from: number, to: number): boolean {
  return from === to && to > 0;
}

function range(from: number, to: number): string {
  return from === to ? short(to) : `${short(from)}..${short(to)}`;
}

function short(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
