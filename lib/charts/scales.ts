/** From a value to a place on the screen. What lies outside the domain lies at its edge. */
export type Scale = (value: number) => number;

type Range = readonly [from: number, to: number];

export function linearScale([min, max]: Range, [from, to]: Range): Scale {
  const length = max - min;
  return (value) => from + (to - from) * (length > 0 ? clamped((value - min) / length) : 0);
}

export function logScale([min, max]: Range, [from, to]: Range): Scale {
  const low = Math.log(min);
  const length = Math.log(max) - low;
  return (value) =>
    from + (to - from) * (value > 0 && length > 0 ? clamped((Math.log(value) - low) / length) : 0);
}

/** p as its number of nines: 0 is 0, p90 is 1, p99 is 2, so that a tail has room. */
export function nines(p: number): number {
  return p < 1 ? -Math.log10(1 - p) : 20;
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share));
}
