import {
  type Distribution,
  PERCENTILE_KEYS,
  type PercentileKey,
  type Report,
  type Slice,
} from '../report-schema.js';
import { plain } from './plain.js';

/** What a cell holds: text, a number, or nothing where nothing is known. */
type Value = string | number | boolean | null;

/**
 * The slices of a run as one table by RFC 4180, a row for each cut of the result. Times are in ms,
 * shares fractions of 1; an empty cell is not known, or is a percentile that must not be shown.
 */
export function renderCsv(report: Report): string {
  const head = COLUMNS.map(([name]) => name);
  const rows = report.slices.map((slice) => COLUMNS.map(([, read]) => read(slice, report)));
  return csvText([head, ...rows]);
}

/**
 * Records by RFC 4180, as spreadsheet programs take them. Text beyond ASCII gets a byte order mark
 * at the front, without which Excel takes it for another encoding; a file that needs none has none.
 */
export function csvText(records: readonly (readonly Value[])[]): string {
  const text = records.map((record) => `${record.map(field).join(',')}\r\n`).join('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
  return /^[\x00-\x7f]*$/.test(text) ? text : `\ufeff${text}`;
}

function field(value: Value): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = defused(plain(value));
  // A bare word needs no quotes: column names stay readable.
  return /^[\w.]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

// Where the list separator is a semicolon, a spreadsheet sees a new cell after each of them.
const FORMULA = /(^|;)([\s"]*)(?=[=+\-@＝＋－＠])/g;

/** Text that a spreadsheet would carry out as a formula, with an apostrophe that makes it text. */
function defused(text: string): string {
  return text.replace(FORMULA, "$1'$2");
}

type Column = readonly [name: string, read: (slice: Slice, report: Report) => Value];

const COLUMNS: readonly Column[] = [
  ['run', (_, { run }) => run.id],
  ['region', ({ region }) => region],
  ['request', ({ request }) => request],
  ['stage', ({ stage }) => stage],
  ['warmup', ({ warmup }) => warmup],
  ['seconds', ({ seconds }) => seconds],
  ['scheduled', ({ requests }) => requests.scheduled],
  ['ok', ({ requests }) => requests.ok],
  ['failed', ({ requests }) => requests.failed],
  ['cut_deadline', ({ requests }) => requests.cut.deadline],
  ['cut_stop', ({ requests }) => requests.cut.stop],
  ['dropped_generator', ({ requests }) => requests.dropped.generator],
  ['dropped_target', ({ requests }) => requests.dropped.target],
  ['lost', ({ requests }) => requests.lost],
  ['error_rate', ({ errorRate }) => errorRate],
  ['rate_per_s', ({ rate }) => rate],
  ['bytes_in', ({ bytesIn }) => bytesIn],
  ['bytes_out', ({ bytesOut }) => bytesOut],
  ...whole('latency', ({ latency }) => latency),
  ...whole('service', ({ service }) => service),
  ...whole('failed', ({ failed }) => failed),
  ...brief('ttfb', ({ ttfb }) => ttfb),
  ...brief('lag', ({ phases }) => phases.wait.lag),
  ...brief('blocked', ({ phases }) => phases.wait.blocked),
  ...brief('setup', ({ phases }) => phases.wait.setup),
  ...brief('first_byte', ({ phases }) => phases.firstByte),
  ...brief('body', ({ phases }) => phases.body),
  ...brief('sending', ({ phases }) => phases.sending),
  ...brief('distance', ({ distance }) => distance),
  ...brief('processing', ({ processing }) => processing),
  ...brief('server_time', ({ serverTime }) => serverTime),
  ...brief('estimate', ({ estimate }) => estimate),
  ['iterations_scheduled', ({ iterations }) => iterations.scheduled],
  ['iterations_ok', ({ iterations }) => iterations.ok],
  ['iterations_failed', ({ iterations }) => iterations.failed],
  ['iterations_cut_deadline', ({ iterations }) => iterations.cut.deadline],
  ['iterations_cut_stop', ({ iterations }) => iterations.cut.stop],
  ['iterations_dropped_generator', ({ iterations }) => iterations.dropped.generator],
  ['iterations_dropped_target', ({ iterations }) => iterations.dropped.target],
  ['iterations_lost', ({ iterations }) => iterations.lost],
  ...brief('iteration', ({ iteration }) => iteration),
];

type Pick = (slice: Slice) => Distribution | null;

/** All that is known of a distribution. */
function whole(name: string, pick: Pick): Column[] {
  return [
    counted(name, pick),
    ...(['min', 'mean', 'stdev'] as const).map((key) => time(name, pick, key)),
    ...PERCENTILE_KEYS.map((key) => time(name, pick, key)),
    time(name, pick, 'max'),
  ];
}

function brief(name: string, pick: Pick): Column[] {
  return [
    counted(name, pick),
    ...(['p50', 'p95', 'p99', 'max'] as const).map((key) => time(name, pick, key)),
  ];
}

function counted(name: string, pick: Pick): Column {
  return [`${name}_count`, (slice) => pick(slice)?.count ?? null];
}

function time(
  name: string,
  pick: Pick,
  key: PercentileKey | 'min' | 'mean' | 'stdev' | 'max',
): Column {
  return [
    `${name}_${key}_ms`,
    (slice) => {
      const distribution = pick(slice);
      if (distribution?.masked?.some((masked) => masked === key)) return null;
      return distribution?.[key] ?? null;
    },
  ];
}
