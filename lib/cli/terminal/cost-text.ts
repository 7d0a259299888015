import { usd } from '../../report/render/figures.js';
import type { LiveCost } from '../../store/progress.js';

/** What a run has cost, and the rest of it will. */
export function costText({ spentUsd, leftUsd, limitUsd }: LiveCost): string {
  const limit = limitUsd === null ? '' : `, stopped at ${usd(limitUsd)}`;
  return `cost ${usd(spentUsd)}, about ${usd(leftUsd)} more${limit}`;
}
