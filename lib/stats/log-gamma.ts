/** Γ's Stirling series is exact to the last bits of a double from here on. */
const LARGE = 15;

/** ln Γ(x) for x > 0: Stirling's series, below it the recurrence Γ(x) = Γ(x + 1) / x. */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`ln Γ is not defined here for ${x}`);
  let shifted = x;
  let product = 1;
  while (shifted < LARGE) {
    product *= shifted;
    shifted += 1;
  }
  const r = 1 / shifted;
  const r2 = r * r;
  const series =
    r * (1 / 12 + r2 * (-1 / 360 + r2 * (1 / 1260 + r2 * (-1 / 1680 + r2 * (1 / 1188)))));
  const log = (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series;
  return log - Math.log(product);
}
