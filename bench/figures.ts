/** What benchmarks say about their figures: medians and ratios, because machines are noisy. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line for each claim and returns the exit code: 0 when all hold. */
export function judge(claims: readonly (readonly [claim: string, holds: boolean])[]): number {
  for (const [claim, holds] of claims) say(`${holds ? 'holds ' : 'BROKEN'}  ${claim}`);
  return claims.every(([, holds]) => holds) ? 0 : 1;
}
