/** Where the lines of an axis stand: round numbers, few enough to be told apart. */

const LOG_STEPS = [1, 2, 5];
const SECONDS = [
  1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
];

/** From 0 to at least `max`: `[0, 50, 100, 150]`. The last one is where the axis ends. */
export function linearTicks(max: number, most: number): number[] {
  const top = max > 0 ? max : 1;
  const rough = top / Math.max(1, most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough * (1 - 1e-9)) ?? rough;
  const count = Math.max(1, Math.ceil(top / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, i) => tidy(i * step));
}

/** The two of 1, 2, 5, 10, … between which all values lie; never the same twice. */
export function logDomain(values: readonly number[]): readonly [number, number] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [1, 10];
  const [min, max] = extent(positive);
  const low = logStep(min, Math.floor);
  const high = logStep(max, Math.ceil);
  return low < high
    ? [low, high]
    : [logStep(low * 0.6, Math.floor), logStep(high * 1.7, Math.ceil)];
}

/** 1, 2, 5, 10, … within a domain; where these are too many, powers of ten, or some of them. */
export function logTicks([min, max]: readonly [number, number], most: number): number[] {
  const from = Math.floor(Math.log10(min) + 1e-9);
  const to = Math.ceil(Math.log10(max) - 1e-9);
  const inside = (value: number) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9);
  const powers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const all = powers.flatMap((power) => LOG_STEPS.map((n) => tidy(n * 10 ** power))).filter(inside);
  if (all.length < 2) return finer([min, max], most);
  if (all.length <= most) return all;
  const tens = powers.map((power) => tidy(10 ** power)).filter(inside);
  const told = tens.length < 2 ? all : tens;
  const every = Math.ceil(told.length / Math.max(1, most));
  return told.filter((_, i) => i % every === 0);
}

/** Between two powers that are near, no 1, 2 or 5 may lie: then equal steps. */
function finer([min, max]: readonly [number, number], most: number): number[] {
  const step = linearTicks(max - min, Math.min(5, most))[1]!;
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first) + 1 }, (_, i) => tidy((first + i) * step));
}

/** Seconds from 0 to `end`, in steps that a clock has. */
export function timeTicks(end: number, most: number): number[] {
  const rough = end / Math.max(1, most);
  const step =
    end < 2
      ? end / 2
      : (SECONDS.find((seconds) => seconds >= rough) ?? 86_400 * Math.ceil(rough / 86_400));
  if (!(step > 0)) return [0];
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => tidy(i * step));
}

function extent(values: readonly number[]): readonly [number, number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

/** The next of 1, 2, 5, 10, … below or above. */
function logStep(value: number, towards: (n: number) => number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const steps = [1, 2, 5, 10].map((n) => tidy(n * power));
  const near = steps.find((step) => Math.abs(step / value - 1) < 1e-9);
  if (near !== undefined) return near;
  return towards === Math.ceil
    ? (steps.find((step) => step > value) ?? value)
    : (steps.findLast((step) => step < value) ?? value);
}

/** Without the dust of floating point: 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
