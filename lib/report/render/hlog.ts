// A HdrHistogram log, format 1.3: https://github.com/HdrHistogram/HdrHistogram. Values are µs, as in
// our histograms; Interval_Max is in ms, and intervals are seconds after BaseTime.
import type { FragmentContent, HistogramEntry } from '../../measure/fragment-content.js';
import { encodeCompressed } from '../../measure/hdr-codec.js';
import { Timeline } from '../../measure/timeline.js';
import type { Report } from '../report-schema.js';

const LEGEND =
  '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n';

const TOLD = ['latency', 'service', 'failed', 'iteration'] as const;

interface Interval {
  readonly tag: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly entry: HistogramEntry;
}

/**
 * The histograms behind a report, in order of time, line by line: a long run has more of them than
 * one string holds. Each region has two tags with an interval for every window, `REGION/latency` and
 * `REGION/service`, and for each request three with an interval for every stage:
 * `REGION/latency/REQUEST`, and so with `service` and `failed`; each flow has
 * `REGION/iteration/flow NAME`, of which the space is written as in a URL.
 */
export function* hlogLines(
  { run }: Report,
  regions: readonly FragmentContent[],
): Generator<string, void> {
  const startMs = Date.parse(run.startedAt ?? run.endedAt);
  const start = (startMs / 1000).toFixed(3);
  yield `#[Histogram log format version 1.3]\n`;
  yield `#[Isochrone run ${tagText(run.id)}: values in microseconds, maxima in milliseconds]\n`;
  yield `#[StartTime: ${start} (seconds since epoch), ${new Date(startMs).toISOString()}]\n`;
  yield `#[BaseTime: ${start} (seconds since epoch)]\n`;
  yield LEGEND;
  const intervals = regions.flatMap(intervalsOf).sort((a, b) => a.startUs - b.startUs);
  for (const { tag, startUs, endUs, entry } of intervals) {
    const from = (startUs / 1e6).toFixed(3);
    const length = ((endUs - startUs) / 1e6).toFixed(3);
    const max = (entry.histogram.maxUs / 1000).toFixed(3);
    const packed = Buffer.from(encodeCompressed(entry.histogram)).toString('base64');
    yield `Tag=${tag},${from},${length},${max},${packed}\n`;
  }
}

function intervalsOf(content: FragmentContent): Interval[] {
  const { timeline } = content;
  const { windows } = new Timeline(timeline);
  const endUs = timeline.stages.at(-1)?.endUs ?? 0;
  const tail = { startUs: endUs, endUs: endUs + timeline.tailUs };
  return content.histograms.flatMap((entry): Interval[] => {
    const { span, index, subject, metric } = entry;
    if (!TOLD.some((one) => one === metric)) return [];
    // Of all requests together only windows are kept, of each of them only stages.
    if ((span === 'window') !== subject < 0) return [];
    const names = [content.region, metric, ...(subject < 0 ? [] : [content.requests[subject]!])];
    const place = span === 'window' ? windows[index]! : (timeline.stages[index] ?? tail);
    return [
      { tag: names.map(tagText).join('/'), startUs: place.startUs, endUs: place.endUs, entry },
    ];
  });
}

/** A tag ends at a comma or a space, and `#` begins a comment: such are written as in a URL. */
function tagText(text: string): string {
  return text.toWellFormed().replace(/[\s,%#\p{C}]/gu, encodeURIComponent);
}
