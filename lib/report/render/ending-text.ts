import type { IterationAccounts, Report } from '../report-schema.js';
import { emulationLines } from './emulation-text.js';
import { count, counted, percent, span } from './figures.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';

const MOST_ERRORS = 8;

/** How requests failed: how often, when, where, and what the first one looked like. */
export function errorsText(paper: Paper, report: Report): void {
  const { errors, run, completeness } = report;
  if (errors.length === 0) return;
  const all = errors.reduce((sum, error) => sum + error.count, 0);
  paper.section(
    'Errors',
    `${count(all)} in ${counted(completeness.requests.scheduled, 'request')}, warm-up included`,
  );
  const shown = errors.slice(0, MOST_ERRORS);
  const most = Math.max(...shown.map((error) => count(error.count).length));
  for (const error of shown) {
    const lead = `  ${count(error.count).padStart(most)} × `;
    paper.text(`${error.class} ${error.code}: ${plain(error.message)}`, {
      lead: paper.ink.bad(lead),
    });
    const blank = ' '.repeat(lead.length);
    const [first, last] = [span(error.first), span(error.last)];
    const when = first === last ? `at ${first}` : `from ${first} to ${last}`;
    const where = run.regions.length > 1 ? ` in ${plain(error.region)}` : '';
    paper.text(`${plain(error.request)}${where}, ${when}`, { lead: blank, paint: paper.ink.faint });
    if (error.sample !== null && plain(error.sample) !== plain(error.message)) {
      paper.excerpt(plain(error.sample), blank);
    }
  }
  const rest = errors.slice(MOST_ERRORS);
  if (rest.length > 0) {
    const others = rest.reduce((sum, error) => sum + error.count, 0);
    paper.text(`${counted(rest.length, 'further kind')}, ${count(others)} in all, in report.json`, {
      paint: paper.ink.faint,
    });
  }
}

/** That nothing is missing: each request scheduled is one of these, to the unit. */
export function accountsText(paper: Paper, report: Report): void {
  const { iterations, requests, workers, fragments } = report.completeness;
  const { bad, faint } = paper.ink;
  paper.section('Accounts', 'every request, warm-up included');
  paper.text(`${count(requests.scheduled)} scheduled = ${outcomes(requests)}`);
  if (report.run.flows) {
    // A plain request is an iteration, too.
    paper.text(`${counted(iterations.scheduled, 'iteration')} scheduled = ${outcomes(iterations)}`);
  }
  const why = [
    [requests.cut.stop, 'cut by the stop'],
    [requests.cut.deadline, 'cut when the time to finish ran out'],
    [requests.dropped.generator, 'dropped because the generator was late'],
    [requests.dropped.target, 'dropped because no connection came free'],
    [requests.resent, 'sent once more after a reused connection died'],
    [requests.redirects, 'redirects followed, each a request more for the target'],
  ] as const;
  for (const [n, what] of why) if (n > 0) paper.text(`${count(n)} ${what}`, { lead: '    ' });
  const complete = workers.reported === workers.planned && fragments.merged === fragments.expected;
  paper.text(
    `${count(workers.reported)} of ${counted(workers.planned, 'worker')} reported, ` +
      `${count(fragments.merged)} of ${counted(fragments.expected, 'fragment')} merged`,
    { paint: complete ? faint : bad },
  );
  for (const lost of workers.missing) {
    const seen =
      lost.lastSeenSeconds === null
        ? 'never heard of'
        : `last heard of at ${span(lost.lastSeenSeconds)}`;
    const howMany =
      lost.lost === null ? 'an unknown number of requests' : counted(lost.lost, 'request');
    const cause = lost.why === null ? '' : `: ${plain(lost.why)}`;
    paper.text(`worker ${lost.n} of ${plain(lost.region)} ${seen}, ${howMany} lost${cause}`, {
      lead: '  ✗ ',
      paint: bad,
    });
  }
  const refusals = new Map<string, number>();
  for (const { why } of workers.refused) refusals.set(why, (refusals.get(why) ?? 0) + 1);
  for (const [reason, n] of refusals) {
    paper.text(`${counted(n, 'start')} refused by the worker: ${plain(reason)}`, {
      lead: '    ',
      paint: faint,
    });
  }
}

function outcomes({ ok, failed, cut, dropped, lost }: IterationAccounts): string {
  return (
    `${count(ok)} ok + ${count(failed)} failed + ${count(cut.deadline + cut.stop)} cut + ` +
    `${count(dropped.generator + dropped.target)} dropped + ` +
    (lost === null ? 'an unknown number lost' : `${count(lost)} lost`)
  );
}

/** Sentences of diagnosis, in the order of the report: the gravest first. */
export function findingsText(paper: Paper, { findings }: Report): void {
  const { bad, doubtful, faint } = paper.ink;
  const looks = { serious: ['✗', bad], warning: ['!', doubtful], info: ['·', faint] } as const;
  if (findings.length === 0) return;
  paper.section('Findings');
  for (const { severity, text } of findings) {
    const [mark, paint] = looks[severity];
    paper.text(plain(text), { lead: `  ${paint(mark)} ` });
  }
}

/** What another needs to know to measure the same again, and where the whole of it lies. */
export function methodText(
  paper: Paper,
  report: Report,
  places: { readonly kept?: string | undefined; readonly page?: string | undefined } = {},
): void {
  const { run, workers } = report;
  const { faint } = paper.ink;
  const model = {
    open: `open model, ${run.arrivals === 'poisson' ? 'Poisson' : 'even'} arrivals`,
    closed: 'closed model: users wait for their answers',
    amount: 'closed model, a fixed number of requests',
  };
  const pacers = new Set(
    workers.map(({ pacer }) => (pacer === 'spin' ? 'a spinning pacer' : 'a timer pacer')),
  );
  const machines = new Set(
    workers.map(
      (w) =>
        `${coresText(w.cores)}, ${counted(w.threads, 'load thread')}, ${w.engine}, Node ${w.node.replace(/^v/, '')} ${w.arch}`,
    ),
  );
  paper.section('How it was measured');
  const lines = [`${model[run.model]}, seed ${run.seed}`];
  if (workers.length > 0) {
    lines.push(
      `${counted(workers.length, 'worker')} with ${[...pacers].join(' and ')}: ${[...machines].join('; ')}`,
    );
  }
  lines.push(...emulationLines(report));
  lines.push('times to the microsecond, percentiles exact to 3 digits from merged histograms');
  for (const line of lines) paper.text(plain(line), { paint: faint });
  if (places.kept !== undefined) paper.text(plain(places.kept), { lead: '  kept in ' });
  if (places.page !== undefined) paper.text(plain(places.page), { lead: '  its page: ' });
}

/** Functions with little memory have a part of one. */
function coresText(cores: number): string {
  return cores >= 1 ? counted(Math.round(cores), 'core') : `${percent(cores)} of a core`;
}
