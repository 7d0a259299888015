import type { Report, Slice } from '../report-schema.js';
import { roundTripOf } from './distance-text.js';
import { WITHHELD } from './distribution-cells.js';
import { count, counted, percent, span, time } from './figures.js';
import { plain } from './plain.js';
import { Sheet } from './sheet.js';
import { standstills } from './standstills.js';

interface TourOptions {
  readonly width: number;
  readonly color: boolean;
  /** How the user calls this program. */
  readonly command: string;
}

/**
 * What a first report says, in plain words: every number is the report's own, and what it does not
 * show is not claimed.
 */
export function tourText(report: Report, options: TourOptions): string {
  const sheet = new Sheet(options.width, options.color);
  const regions = regionSlices(report);
  const [nearest] = [...regions].sort((a, b) => medianOf(a) - medianOf(b));
  sheet.section('What you have just seen');
  distanceText(sheet, regions);
  if (nearest !== undefined) {
    clocksText(sheet, report, nearest);
    warmUpText(sheet, report, nearest);
  }
  errorsText(sheet, report);
  verdictText(sheet, report);
  nextText(sheet, options.command);
  return sheet.toString();
}

/** Of the stage that stands for the run, those whose median is known. */
function regionSlices({ run, slices }: Report): Slice[] {
  return run.regions.flatMap((name) => {
    const found = slices.find(
      ({ region, request, stage, warmup }) =>
        region === name && request === null && stage === run.headline.stage && !warmup,
    );
    return found && found.latency.p50 !== null ? [found] : [];
  });
}

const medianOf = ({ latency }: Slice): number => latency.p50 ?? 0;

function distanceText(sheet: Sheet, regions: readonly Slice[]): void {
  if (regions.length === 0) return;
  const { strong, faint } = sheet.ink;
  sheet.text(
    `${strong('The same service, from different places.')} Half of the requests took longer than this, and so much of it is the way there and back:`,
  );
  sheet.line();
  sheet.table(
    [
      { title: '', align: 'left' },
      { title: 'latency p50' },
      { title: 'distance' },
      { title: 'share' },
    ],
    regions.map((slice) => {
      const roundTrip = roundTripOf(slice);
      const median = medianOf(slice);
      return [
        plain(slice.region ?? ''),
        time(median),
        roundTrip === null ? { text: WITHHELD, paint: faint } : time(roundTrip),
        roundTrip === null ? '' : percent(Math.round((100 * roundTrip) / median) / 100),
      ];
    }),
  );
  const shares = regions.flatMap((slice) => {
    const roundTrip = roundTripOf(slice);
    return roundTrip === null ? [] : { slice, roundTrip, share: roundTrip / medianOf(slice) };
  });
  const most = shares.sort((a, b) => b.share - a.share)[0];
  if (most === undefined || most.share < 0.5) return;
  sheet.line();
  sheet.text(
    `What ${plain(most.slice.region ?? '')} waits for is mostly distance: no faster code would save it those ${time(most.roundTrip)}, a place nearer by would.`,
  );
}

/** By one clock requests had to wait, by the other they did not: that is what stalls look like. */
function clocksText(sheet: Sheet, report: Report, slice: Slice): void {
  const region = plain(slice.region ?? '');
  const stalls = standstills(report, slice.region ?? '');
  const { strong } = sheet.ink;
  const [first] = stalls;
  if (first !== undefined) {
    sheet.line();
    const longest = Math.max(...stalls.map(({ longestMs }) => longestMs));
    const instants = listed(stalls.map(({ start }) => span(start)));
    sheet.text(
      `${strong('A service that stands still.')} ${times(stalls.length)}, about ${instants} after the start, answers in ${region} took up to ${time(longest)}, where half of them otherwise take ${time(medianOf(slice))}.`,
    );
  }
  const [latency, service] = [slice.latency.p90, slice.service.p90];
  if (latency === null || service === null) return;
  sheet.line();
  if (latency < 2 * service) {
    sheet.text(
      `${strong('Two clocks.')} By latency one in ten requests in ${region} took ${time(latency)} or more, by service time ${time(service)}: hardly any had to wait before it was sent.`,
    );
    return;
  }
  sheet.text(
    `${strong('Two clocks.')} One in ten customers in ${region} waited ${time(latency)} or more. That is latency, from when the request was wanted. Service time, from when it was really sent, says ${time(service)} of the same requests: while nothing answered, no connection was free, and what is not sent is not slow. A tool that shows service time alone would have hidden the wait.`,
  );
}

function warmUpText(sheet: Sheet, { run, slices }: Report, nearest: Slice): void {
  const stage = run.stages.find(({ warmup }) => warmup);
  if (stage === undefined) return;
  const cold = slices.find(
    ({ region, request, stage: title }) =>
      region === nearest.region && request === null && title === stage.title,
  )?.latency.p50;
  if (cold == null || cold < 1.5 * medianOf(nearest)) return;
  sheet.line();
  sheet.text(
    `${sheet.ink.strong('A slow start.')} In its first ${span(stage.end - stage.start)} the service was cold: half of the requests in ${plain(nearest.region ?? '')} took ${time(cold)} or more. The plan calls that time warm-up, so it is measured apart and in no number above.`,
  );
}

function errorsText(sheet: Sheet, { errors, completeness }: Report): void {
  const { failed, scheduled } = completeness.requests;
  const [most] = errors;
  if (most === undefined || failed === 0) return;
  const same = errors.filter(
    ({ code, message, request }) =>
      code === most.code && message === most.message && request === most.request,
  );
  const alike = same.reduce((sum, error) => sum + error.count, 0);
  const where =
    failed === 1 ? 'at ' : alike >= failed ? 'all of them at ' : `${count(alike)} of them at `;
  sheet.line();
  sheet.text(
    `${sheet.ink.strong('Errors.')} ${count(failed)} of ${counted(scheduled, 'request')} failed (${percent(failed / scheduled)}), ${where}${plain(most.request)}: ${plain(most.message)}. Percentiles are those of good answers; promises count what failed as slower than any limit.`,
  );
}

function verdictText(sheet: Sheet, { verdict }: Report): void {
  const of = (wanted: string) =>
    verdict.objectives.filter(({ state }) => state === wanted).map(({ text }) => plain(text));
  const [missed, held] = [of('missed'), of('held')];
  const lead = sheet.ink.strong('A verdict.');
  const ends = `\`run\` would have ended with exit code ${verdict.exitCode}; a demo ends with 0 whatever it finds.`;
  if (verdict.status !== 'failed' && verdict.status !== 'invalid') return;
  sheet.line();
  if (verdict.status === 'invalid') {
    sheet.text(
      `${lead} This machine was too busy to measure well, and the report says so instead of guessing: see “Measurement” above. ${ends}`,
    );
    return;
  }
  sheet.text(
    `${lead} ${counted(held.length, 'promise')} held, ${count(missed.length)} did not: ${missed.join(', ')}. ${ends}`,
  );
}

function nextText(sheet: Sheet, command: string): void {
  const rows = [
    ['run URL --rate 20/s --for 30s', 'measure a service of yours'],
    ['run URL --rate 20/s --for 30s --emulate tokyo --at london', 'the same, as if from Tokyo'],
    ['init URL', 'write a plan to begin with'],
  ] as const;
  sheet.section('What to try next');
  for (const [args, meaning] of rows) {
    sheet.line(`  ${command} ${args}`);
    sheet.text(meaning, { lead: '      ', paint: sheet.ink.faint });
  }
}

function times(n: number): string {
  return n === 1 ? 'Once' : n === 2 ? 'Twice' : `${count(n)} times`;
}

/** `7s`, `7s and 15s`, `7s, 15s and 20s`. */
function listed(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' and ');
}
