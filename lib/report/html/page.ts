import type { ChartFigures, ChartOptions } from '../../charts/chart.js';
import { cityOf } from '../../regions/place.js';
import { count, percent, span, time } from '../render/figures.js';
import type { Report } from '../report-schema.js';
import { Cuts, type Found } from './cuts.js';
import { type Content, html, type Markup, trusted } from './markup.js';
import { Trace } from './trace.js';

/** What every section is made from. */
export interface Page {
  readonly report: Report;
  readonly trace: Trace;
  readonly cuts: Cuts;
  /** The slice that stands for the run; undefined where nothing was measured. */
  readonly headline: Found | undefined;
}

export function pageOf(report: Report): Page {
  const cuts = new Cuts(report);
  const { stage } = report.run.headline;
  return { report, trace: new Trace(report), cuts, headline: cuts.find({ stage }) };
}

export interface Section {
  readonly id: string;
  readonly title: Content;
  /** Said behind the title, in small letters. */
  readonly aside?: Content;
  readonly body: Content;
  readonly look?: string;
}

/** Each has an address of its own, which its heading leads to. */
export function section({ id, title, aside, body, look }: Section): Markup {
  const classes = look === undefined ? 'card' : `card ${look}`;
  return html`<section id="${id}" class="${classes}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><a class="address" href="#${id}">${title}</a>${
    aside !== undefined && aside !== '' && html` <small>${aside}</small>`
  }</h2>
${body}
</section>
`;
}

/** Above so many characters a browser with a script takes markup in only when it is asked for. */
const LAZY_FROM = 12_000;

/**
 * What can be unfolded. A lot of it stands in `noscript`: there without a script, and with one no
 * burden until it is opened.
 */
export function details(summary: Content, body: Markup, look = 'data'): Markup {
  const content = body.text.length > LAZY_FROM ? html`<noscript>${body}</noscript>` : body;
  return html`<details class="${look}"><summary>${summary}</summary>${content}</details>
`;
}

const CHART_FIGURES: ChartFigures = { time, percent, count, span };

/** Pixels that a chart has, on a wide screen, on a tablet or paper, and on a phone. */
export const FULL_WIDTHS = [1118, 686, 336] as const;

/** A chart in three widths, of which the style shows one, with its table below. */
export function plot(
  id: string,
  widths: readonly number[],
  draw: (options: ChartOptions) => string,
  data: Content,
): Markup {
  const variants = widths.map((width, i) => {
    const size = ['wide', 'middle', 'narrow'][i] ?? '';
    const svg = draw({ width, id: `${id}-${size}`, figures: CHART_FIGURES });
    return html`<div class="${size}">${trusted(svg)}</div>`;
  });
  return html`<div class="plot">${variants}</div>${data}`;
}

/** A region's name, and where it is, for people who do not know them by heart. */
export function regionName(name: string): Markup {
  const city = cityOf(name);
  return city === null ? html`${name}` : html`${name} <span class="faint">${city}</span>`;
}

export function regionSlices({ report, cuts }: Page): readonly (Found & { region: string })[] {
  const { stage } = report.run.headline;
  return report.run.regions.flatMap((region) => {
    const found = cuts.find({ region, stage });
    return found === undefined ? [] : { ...found, region };
  });
}

/** `during peak`, where the run had other stages, too. */
export function duringHeadline({ report: { run } }: Page): string {
  const { stage } = run.headline;
  return stage === null || run.stages.length < 2 ? '' : `during ${stage}`;
}
