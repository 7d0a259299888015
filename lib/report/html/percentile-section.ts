import { type CurveObjective, percentileCurves } from '../../charts/percentile-curves.js';
import type { Report } from '../report-schema.js';
import { html, type Markup } from './markup.js';
import {
  details,
  duringHeadline,
  FULL_WIDTHS,
  type Page,
  plot,
  regionName,
  section,
} from './page.js';
import { table } from './table.js';

type Curve = Report['curves'][number];

/** Latency by percentile, on a scale on which each further nine is as far as the one before. */
export function percentileSection(page: Page): Markup | null {
  const { report, trace } = page;
  const many = report.run.regions.length > 1;
  // Of one region, all together would say the same twice.
  const curves = [...report.curves.entries()].filter(
    ([, { region, points }]) => points.length > 0 && (many || region !== null),
  );
  if (curves.length === 0) return null;
  const data = {
    curves: curves.map(([, curve]) => ({
      region: curve.region,
      latency: line(curve, 'latency'),
      service: line(curve, 'service'),
    })),
    objectives: objectives(report),
  };
  return section({
    id: 'percentiles',
    title: 'Latency by percentile',
    aside: `both clocks, ${duringHeadline(page) || 'good answers'}`,
    body: html`${plot(
      'percentiles',
      FULL_WIDTHS,
      (options) => percentileCurves(data, options),
      null,
    )}
<p class="faint">A curve ends where fewer than ten answers lie beyond, or where so many requests failed that the percentile of the others would mislead.</p>
${details(
  'The curves as tables',
  html`${curves.map(([i, { region, points }]) => {
    const name = region === null ? html`All regions together` : regionName(region);
    return html`<h3>${name}</h3>${table(trace, {
      caption: `Latency and service by percentile, ${region ?? 'all regions'}`,
      heads: 'Percentile',
      headOf: { of: 'percentile', as: 'nth' },
      columns: [
        { title: 'Latency', of: 'latency', as: 'time' },
        { title: 'Service', of: 'service', as: 'time' },
      ],
      list: `/curves/${i}/points`,
      rows: points.map((point, j) => ({
        item: point,
        head: trace.shown(`/curves/${i}/points/${j}/percentile`, 'nth'),
        at: j,
      })),
      fixed: true,
    })}`;
  })}`,
)}`,
  });
}

function line({ points }: Curve, clock: 'latency' | 'service'): { p: number; ms: number }[] {
  return points.flatMap(({ percentile, [clock]: ms }) =>
    ms === null ? [] : { p: Math.round(percentile * 100) / 10_000, ms },
  );
}

/** Promises about what is drawn here: the latency of all requests, in the stage that is shown. */
function objectives({ verdict, run }: Report): CurveObjective[] {
  return verdict.objectives.flatMap(({ metric, percentile, request, stage, limit, text, ok }) =>
    metric === 'latency' &&
    percentile !== undefined &&
    request === null &&
    (stage === null || stage === run.headline.stage)
      ? { p: Math.round(percentile * 100) / 10_000, limitMs: limit, text, ok }
      : [],
  );
}
