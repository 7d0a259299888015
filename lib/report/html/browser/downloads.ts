import { button } from './elements.js';
import type { Names } from './names.js';
import { type Numbers, readNumbers } from './numbers.js';

type Value = string | number | null;

/** What the page shows, for spreadsheets and programs. Made here: nothing is fetched. */
export function offerDownloads(tools: HTMLElement, names: Names): void {
  const offer = (text: string, title: string, end: string, make: (numbers: Numbers) => string) => {
    const made = button(text, async () => {
      save(`${names.id}${end}`, make(await readNumbers()));
    });
    made.title = title;
    tools.append(made);
  };
  offer('CSV', 'Download regions, requests and stages as CSV', '.csv', (numbers) =>
    csv([SLICE.concat(numbers.columns), ...sliceRows(numbers, names)]),
  );
  offer('CSV over time', 'Download every region over time as CSV', '-over-time.csv', (numbers) =>
    csv([['region', ...numbers.seriesColumns], ...seriesRows(numbers, names)]),
  );
  offer('JSON', 'Download what this page shows as JSON', '.json', (numbers) =>
    json(numbers, names),
  );
}

const SLICE = ['region', 'request', 'stage'];

function nameOf(names: readonly string[], i: number | null | undefined): string | null {
  return i == null ? null : (names[i] ?? null);
}

function sliceRows({ slices }: Numbers, { regions, requests, flows, stages }: Names): Value[][] {
  const subjects = requests.concat(flows);
  return slices.map(([region, request, stage, ...values]) => [
    nameOf(regions, region),
    nameOf(subjects, request),
    nameOf(stages, stage),
    ...values,
  ]);
}

function seriesRows({ series }: Numbers, { regions }: Names): Value[][] {
  return series.map(([region, ...values]) => [nameOf(regions, region), ...values]);
}

function json(numbers: Numbers, names: Names): string {
  const named = (columns: readonly string[], rows: readonly Value[][]) =>
    rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])));
  const { run, verdict } = numbers;
  const slices = named(SLICE.concat(numbers.columns), sliceRows(numbers, names));
  const series = named(['region', ...numbers.seriesColumns], seriesRows(numbers, names));
  return JSON.stringify({ run, verdict, slices, series }, null, 1);
}

/** RFC 4180, in UTF-8 that Excel takes for it. */
function csv(rows: readonly (readonly Value[])[]): string {
  return `\ufeff${rows.map((row) => `${row.map(field).join(',')}\r\n`).join('')}`;
}

/** Text that a spreadsheet would carry out as a formula gets an apostrophe that makes it text. */
function field(value: Value): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = value.replace(/(^|;)([\s"]*)(?=[=+\-@＝＋－＠])/g, "$1'$2");
  return /^[\w.]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
