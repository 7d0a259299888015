import { createHash } from 'node:crypto';
import { CHART_STYLE } from '../../charts/chart-style.js';
import { emulatedInShort } from '../render/emulation-text.js';
import { plain } from '../render/plain.js';
import type { Report } from '../report-schema.js';
import { PAGE_SCRIPT, PAGE_STYLE } from './assets.js';
import { checksSection } from './checks-section.js';
import { costSection } from './cost-section.js';
import { heatSection, regionsSection } from './course-section.js';
import { distanceSection } from './distance-section.js';
import { downloads } from './downloads.js';
import { accountsSection, errorsSection } from './errors-section.js';
import { flowsSection } from './flows-section.js';
import { headlineSection } from './headline-section.js';
import { mapSection } from './map-section.js';
import { type Content, html, type Markup, trusted } from './markup.js';
import { methodSection, planSection } from './method-section.js';
import { type Page, pageOf } from './page.js';
import { percentileSection } from './percentile-section.js';
import { phasesSection } from './phases-section.js';
import { slicesSection } from './slices-section.js';
import { findingsSection, validitySection } from './validity-section.js';
import { statusSentence, verdictSection } from './verdict-section.js';
import { workersSection } from './workers-section.js';

/** So many regions' bars stand beside the map. */
const MOST_BESIDE = 10;

const STYLE = `${PAGE_STYLE}\n${CHART_STYLE}`;
const POLICY = [
  "default-src 'none'",
  `script-src '${digest(PAGE_SCRIPT)}'`,
  `style-src '${digest(STYLE)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * The report as one HTML file that needs nothing beside it: no network, no script to be read, and
 * nothing of what the target said is ever markup. The most important comes first.
 */
export function renderHtml(report: Report): string {
  const page = pageOf(report);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${plain(report.run.name)} · ${statusSentence(page)}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#verdict">To the verdict</a>
${header(page)}
<main>
${sections(page)}</main>
<footer><p class="faint">One file that needs no network. Everything in it stands in report.json. Map: Natural Earth, public domain.</p></footer>
${downloads(page)}
<script>${trusted(PAGE_SCRIPT)}</script>
</body>
</html>
`.text;
}

function sections(page: Page): Markup {
  const begun = page.report.run.startedAt !== null;
  // Many bars are taller than any map.
  const few = page.report.run.regions.length <= MOST_BESIDE;
  const map = begun ? mapSection(page, few) : null;
  const distance = begun ? distanceSection(page, few && map !== null) : null;
  const beside = few && map !== null && distance !== null;
  return html`${verdictSection(page)}
${validitySection(page)}
${findingsSection(page)}
${begun && headlineSection(page)}
${beside ? html`<div class="pair">${map}${distance}</div>` : [map, distance]}
${
  begun && [
    phasesSection(page),
    percentileSection(page),
    heatSection(page),
    regionsSection(page),
    flowsSection(page),
    slicesSection(page),
    errorsSection(page),
    checksSection(page),
    accountsSection(page),
    workersSection(page),
  ]
}
${costSection(page)}
${methodSection(page)}
${planSection(page)}`;
}

function header({ report, trace }: Page): Markup {
  const { run } = report;
  const [request] = run.requests;
  const [region = ''] = run.regions;
  const emulated = emulatedInShort(report);
  const facts: readonly Content[] = [
    run.regions.length > 1
      ? html`${trace.derived('length', ['/run/regions'], 'count')} regions`
      : `from ${plain(region)}`,
    emulated !== '' && html`<span data-from="/run" data-as="emulated">${emulated}</span>`,
    run.label !== null && `“${plain(run.label)}”`,
  ];
  return html`<header class="top">
<div class="name">
<h1>${plain(run.name)}${run.requests.length === 1 && html` <span class="faint">${plain(request ?? '')}</span>`}</h1>
<p>${plain(run.target)}${facts.map((fact) => fact !== false && html` <span class="dot" aria-hidden="true">·</span> ${fact}`)}</p>
<p class="faint">${run.startedAt === null ? 'never started' : trace.figure('/run/startedAt', 'instant')} <span class="dot" aria-hidden="true">·</span> ${trace.figure('/run/seconds', 'span')} <span class="dot" aria-hidden="true">·</span> <span class="id">${run.id}</span></p>
</div>
<div class="tools" id="tools" hidden></div>
</header>`;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
