import { counter, shardName } from './accounts.js';
import { clocksOff } from './clocks-off.js';
import { codeFlows } from './code-flows.js';
import { msOf } from './distribution.js';
import { disturbance } from './disturbance.js';
import { edges } from './edges.js';
import { errorList } from './error-list.js';
import type { Evidence } from './evidence.js';
import { count, percent, span, time } from './render/figures.js';
import type { Finding, ValidityVerdict } from './report-schema.js';
import { cutAtZero, isSeparable } from './separable.js';
import { targetLimit } from './target-limit.js';

/** What stands out, each with the numbers behind it; the most serious first. */
export function findings(evidence: Evidence, checks: readonly ValidityVerdict[]): Finding[] {
  const found = [
    ...brokenAccounts(evidence),
    ...targetLimit(evidence, checks),
    ...disturbance(evidence, checks),
    ...codeFlows(evidence, checks),
    ...unknownSince(evidence),
    ...lostSight(evidence),
    ...clocksOff(evidence),
    ...untimed(evidence),
    ...heldBack(evidence),
    ...backlog(evidence),
    ...connectionsReached(evidence),
    ...dominantError(evidence),
    ...clamped(evidence),
    ...inseparable(evidence),
    ...behindEdges(evidence),
  ];
  const order = ['serious', 'warning', 'info'];
  return found.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

const MOST_REMAINDERS = 5;

function* brokenAccounts({ ledger: { remainders } }: Evidence): Generator<Finding> {
  for (const text of remainders.slice(0, MOST_REMAINDERS)) {
    yield {
      id: 'accounts',
      severity: 'serious',
      text: `Sums do not come out: ${text}.`,
      evidence: { remainders: remainders.length },
    };
  }
}

function* unknownSince({ collection, ledger }: Evidence): Generator<Finding> {
  for (const { fate, whole } of collection.shards) {
    if (whole || ledger.lostWith(fate) !== null) continue;
    const since = fate.lastFragmentUs === null ? null : fate.lastFragmentUs / 1e6;
    yield {
      id: 'unknown-since',
      severity: 'serious',
      text:
        since === null
          ? `What ${shardName(fate)} did is unknown: nothing of it arrived.`
          : `What ${shardName(fate)} did is unknown since ${span(since)} after the start.`,
      evidence: { region: fate.region, leg: fate.leg, n: fate.n, since },
    };
  }
}

function* lostSight({ record }: Evidence): Generator<Finding> {
  for (const fate of record.shards) {
    const { lapsedAtUs, totals } = fate.manifest ?? {};
    if (lapsedAtUs === undefined || totals === undefined) continue;
    const { droppedGenerator } = totals;
    const at = lapsedAtUs / 1e6;
    yield {
      id: 'lost-sight',
      severity: 'serious',
      text: `${capital(shardName(fate))} lost sight of the run and fell silent by itself ${span(at)} after the start: ${count(droppedGenerator)} of its requests were never begun.`,
      evidence: { region: fate.region, leg: fate.leg, n: fate.n, at, dropped: droppedGenerator },
    };
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Counters travel more often than times: a worker that vanishes takes more of the latter along. */
function* untimed(evidence: Evidence): Generator<Finding> {
  for (const region of evidence.whole.regions) {
    const scope = { ...evidence.whole, regions: [region] };
    const answers = counter(evidence.account(scope).values, 'ok');
    const times = evidence.histogram('latency', scope).count;
    if (times >= answers) continue;
    yield {
      id: 'times-lost',
      severity: 'warning',
      text: `The times of ${count(answers - times)} good answers in ${region} were lost with a worker: they are counted, but in no percentile.`,
      evidence: { region, answers, times },
    };
  }
}

function* heldBack({ record }: Evidence): Generator<Finding> {
  const held = record.shards.reduce((sum, { manifest }) => sum + (manifest?.held ?? 0), 0);
  if (held === 0) return;
  yield {
    id: 'held-back',
    severity: 'warning',
    text: `${count(held)} times a user, or the code of a flow, was ready and had to wait, as this deployment allows one worker only so many starts a second: the target had less to do than they would have asked of it.`,
    evidence: { held },
  };
}

function* backlog({ record }: Evidence): Generator<Finding> {
  const waiting = record.shards.reduce(
    (sum, { manifest }) => sum + (manifest?.backlogAtStart ?? 0),
    0,
  );
  if (waiting === 0) return;
  yield {
    id: 'backlog',
    severity: 'warning',
    text: `${count(waiting)} ${waiting === 1 ? 'request' : 'requests'} of the warm-up still waited when measuring began, and delayed the first ones measured.`,
    evidence: { waiting },
  };
}

/**
 * Even a connection that is free is taken some microseconds later, and a loaded event loop makes
 * hundreds of them: below 1 ms nobody stood in line. And what is less than a twentieth of the
 * median latency does not shape it, however long.
 */
const LEAST_WAIT_US = 1_000;
const WAIT_SHARE = 0.05;

function* connectionsReached(evidence: Evidence): Generator<Finding> {
  const { record, whole } = evidence;
  const { connections } = record.frozen.plan.http;
  if (connections === 'auto') return;
  if (!record.shards.some(({ manifest }) => manifest?.connections.ceilingReached)) return;
  const blocked = evidence.histogram('blocked', whole);
  if (blocked.count === 0) return;
  const halfUs = blocked.percentileUs(5000);
  const latencyUs = evidence.histogram('latency', whole).percentileUs(5000);
  const waited = halfUs >= Math.max(LEAST_WAIT_US, WAIT_SHARE * latencyUs);
  const inUse = `All of the plan's ${count(connections)} connections were in use`;
  const [half, longest] = [time(msOf(halfUs)), time(msOf(blocked.maxUs))];
  yield {
    id: 'connections-reached',
    severity: waited ? 'warning' : 'info',
    text: waited
      ? `${inUse}: half of the answered requests waited ${half} or more for a free one, the longest ${longest}.`
      : `${inUse} at times: half of the answered requests waited ${half} at most for a free one, the longest ${longest}.`,
    evidence: { connections, blockedP50: msOf(halfUs), blockedMax: msOf(blocked.maxUs) },
  };
}

const FEW_ERRORS = 10;
const DOMINANT = 0.8;

function* dominantError(evidence: Evidence): Generator<Finding> {
  const kinds = new Map<string, { code: number; class: string; message: string; n: number }>();
  let all = 0;
  const errors = errorList(evidence);
  // The list of errors says the same when it has one line.
  if (errors.length < 2) return;
  for (const error of errors) {
    const key = `${error.code} ${error.message}`;
    const kind = kinds.get(key) ?? { ...error, n: 0 };
    kind.n += error.count;
    all += error.count;
    kinds.set(key, kind);
  }
  const [most] = [...kinds.values()].sort((a, b) => b.n - a.n);
  if (most === undefined || all < FEW_ERRORS || most.n < DOMINANT * all) return;
  yield {
    id: 'dominant-error',
    severity: 'warning',
    text: `${percent(most.n / all)} of the ${count(all)} errors are of one kind: ${whatOf(most.message)} (${most.class}, ${most.code}).`,
    evidence: { code: most.code, count: most.n, errors: all },
  };
}

/** What happened; what to do stands after it, and in the list of errors. */
function whatOf(message: string): string {
  const colon = message.lastIndexOf(': ');
  return colon < 0 ? message : message.slice(0, colon);
}

function* clamped(evidence: Evidence): Generator<Finding> {
  const metrics = ['latency', 'failed'] as const;
  const times = metrics.reduce(
    (sum, metric) => sum + evidence.histogram(metric, evidence.schedule).clamped,
    0,
  );
  if (times === 0) return;
  yield {
    id: 'clamped',
    severity: 'warning',
    text: `${count(times)} ${times === 1 ? 'time was' : 'times were'} longer than one hour: percentiles hold them as one hour.`,
    evidence: { clamped: times },
  };
}

function* inseparable(evidence: Evidence): Generator<Finding> {
  const many = evidence.whole.regions.length > 1;
  for (const region of evidence.whole.regions) {
    const processing = evidence.histogram('processing', { ...evidence.whole, regions: [region] });
    const share = cutAtZero(processing);
    if (share === null || isSeparable({ cutAtZero: share })) continue;
    const where = many ? `In ${region} distance and processing` : 'Distance and processing';
    yield {
      id: 'not-separable',
      severity: 'info',
      text: `${where} cannot be told apart: ${percent(share)} of the answers came sooner than one round trip.`,
      evidence: { region, cutAtZero: share },
    };
  }
}

/** Distance and processing mean something else where a proxy or CDN stands before the target. */
function* behindEdges(evidence: Evidence): Generator<Finding> {
  const found = edges(evidence);
  const kinds = new Map(found.map((edge) => [`${edge.name} ${edge.sign}`, edge]));
  for (const { name, sign } of kinds.values()) {
    const here = found.filter((edge) => edge.name === name && edge.sign === sign);
    const regions = [...new Set(here.map(({ region }) => region))];
    const told =
      sign === 'round trip'
        ? 'light itself could not have come from the target and back so soon'
        : `its answers say so in \`${sign}\``;
    yield {
      id: 'edge',
      severity: 'info',
      text: `Connections from ${regions.join(', ')} end at ${name}, not at the target: ${told}. Distance is to that edge; the way from there to the target is in processing.`,
      evidence: { name, sign, regions: regions.join(' '), addresses: here.length },
    };
  }
}
