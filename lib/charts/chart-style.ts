import { SEQUENCE, SERIES, TONES } from './palette.js';
import { PHASES } from './phase-bars.js';
import { TEXT_STYLES } from './text-label.js';

/** Custom properties in both themes: `--chart-ink`, `--series-1`, `--step-1`, `--step-ink-1`. */
const PROPERTIES: readonly (readonly [name: string, light: string, dark: string])[] = [
  ...Object.entries(TONES).map(([name, [light, dark]]) => [`chart-${name}`, light, dark] as const),
  ...SERIES.map(([light, dark], i) => [`series-${i + 1}`, light, dark] as const),
  ...SEQUENCE.map(({ fill }, i) => [`step-${i + 1}`, ...fill] as const),
  ...SEQUENCE.map(({ ink }, i) => [`step-ink-${i + 1}`, ...ink] as const),
];

const light = PROPERTIES.map(([name, value]) => `--${name}:${value}`).join(';');
const dark = PROPERTIES.map(([name, , value]) => `--${name}:${value}`).join(';');

const IN_LIGHT = '.chart .by-light{display:inline}.chart .by-dark{display:none}';

const texts = Object.entries(TEXT_STYLES)
  .map(
    ([name, { size, bold }]) =>
      `.chart .t-${name}{font-size:${size}px${bold ? ';font-weight:600' : ''}}`,
  )
  .join('\n');

const PARTS = [...PHASES, ...['ok', 'failed', 'cut', 'dropped', 'lost']];

/**
 * Where the system chooses the colours: what it has, and shapes, dashes and words tell the rest.
 * Colours that are measured, on map and heat map, stay.
 */
function forced(name: string): string {
  if (/^chart-(ground|shade)$/.test(name)) return 'Canvas';
  if (/^chart-(grid|edge|land|grey|faint|distance|blocked|body|ok|cut|dropped)$/.test(name)) {
    return 'GrayText';
  }
  return 'CanvasText';
}

/**
 * The style of all charts. Themes: the system's, unless `<html data-theme="light|dark">`; light in
 * print. Which of a wide and a narrow variant is shown is the page's affair.
 */
export const CHART_STYLE: string = `
:root{${light}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}
@media screen{:root[data-theme=dark]{${dark}}}
.chart{display:block;max-width:100%;height:auto;overflow:hidden;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
.chart text{fill:var(--chart-ink)}
${texts}
.chart .t-faint,.chart .t-axis{fill:var(--chart-faint)}
.chart .halo{paint-order:stroke;stroke:var(--chart-ground);stroke-width:3px;stroke-linejoin:round}
.chart .missed{fill:var(--chart-accent)}
.chart .grid{fill:none;stroke:var(--chart-grid)}
.chart .base{fill:none;stroke:var(--chart-edge)}
.chart .leader{fill:none;stroke:var(--chart-edge);stroke-width:.75}
.chart .land{fill:var(--chart-land)}
.chart .way{fill:none;stroke:var(--chart-edge);stroke-width:.75;stroke-opacity:.5}
.chart .ring{fill:none;stroke:var(--chart-accent);stroke-width:2.5}
.chart .spot{stroke:var(--chart-ink);stroke-width:1}
.chart .no-value{fill:var(--chart-ground)}
${SEQUENCE.map((_, i) => `.chart .step-${i + 1}{fill:var(--step-${i + 1})}.chart text.on-${i + 1}{fill:var(--step-ink-${i + 1})}`).join('\n')}
${PARTS.map((name) => `.chart .part-${name}{fill:var(--chart-${name})}`).join('')}
.chart .hatch{fill:none;stroke:var(--chart-ground);stroke-width:1.6;stroke-opacity:.6}
.chart .curve{fill:none;stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}
.chart .service{stroke-width:1.25;stroke-dasharray:5 4;stroke-linecap:butt}
.chart .sign{stroke:var(--chart-ground);stroke-width:1}
.chart .series.grey{--tone:var(--chart-grey)}
.chart .series.all{--tone:var(--chart-ink)}
${SERIES.map((_, i) => `.chart .series.s${i + 1}{--tone:var(--series-${i + 1})}`).join('')}
.chart .series .curve{stroke:var(--tone)}
.chart .series .sign{fill:var(--tone)}
.chart .series.all .curve{stroke-width:2.5}
.chart .series.all .service{stroke-width:1.5}
.chart .series.grey .curve{stroke-width:1}
.chart .series .hit{fill:none;stroke:transparent;stroke-width:10}
.chart .series:hover .curve,.chart .series.on .curve{stroke-width:3}
.chart .series.grey:hover,.chart .series.grey.on{--tone:var(--chart-accent)}
.chart .promise{fill:var(--chart-ground);stroke:var(--chart-ink);stroke-width:1.5}
.chart .promise.kept{stroke:var(--chart-good)}
.chart .promise.missed{fill:var(--chart-accent);stroke:var(--chart-accent)}
.chart .drop{fill:none;stroke:var(--chart-edge);stroke-dasharray:1 3}
.chart .heat{image-rendering:pixelated}
.chart .panel{fill:var(--chart-shade);stroke:none}
.chart .p50,.chart .p99{fill:none;stroke-linejoin:round;stroke-linecap:round}
.chart .max{fill:none;stroke:var(--chart-p99);stroke-width:1.5;stroke-dasharray:1 3;stroke-linecap:round}
.chart .p50{stroke:var(--chart-p50);stroke-width:1.25}
.chart .p99{stroke:var(--chart-p99);stroke-width:1.75}
.chart .dashed{stroke-dasharray:6 2.5;stroke-linecap:butt}
.chart .over{fill:none;stroke:var(--chart-ground);stroke-width:4;stroke-opacity:.85;stroke-linejoin:round;stroke-linecap:round}
.chart .on-heat.p50,.chart .on-heat.p99{stroke:var(--chart-accent)}
.chart .stage{fill:none;stroke:var(--chart-edge);stroke-width:1}
.chart .leg{fill:none;stroke:var(--chart-edge);stroke-dasharray:1 4}
.chart .warmup{fill:var(--chart-edge);fill-opacity:.16}
.chart .outlined{stroke:var(--chart-edge);stroke-width:.75}
${IN_LIGHT}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]) .chart .by-light{display:none}:root:not([data-theme=light]) .chart .by-dark{display:inline}}
@media screen{:root[data-theme=dark] .chart .by-light{display:none}:root[data-theme=dark] .chart .by-dark{display:inline}}
@media print{.chart{break-inside:avoid;print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media (forced-colors:active){:root,:root[data-theme]{${PROPERTIES.flatMap(([name]) => (name.startsWith('step-') ? [] : `--${name}:${forced(name)}`)).join(';')}}
.chart .grid{stroke-opacity:.35}.chart .land{fill-opacity:.25}}
`.trim();
