import type { DataSet, Load, Pace, Plan, PlanEmulation, PlanRegion } from './plan.js';
import { requestsLines } from './requests-text.js';
import { formatDuration } from './units.js';
import { flow, scalar } from './yaml-text.js';

/**
 * A checked plan as a plan file would say it, every default left out that changes nothing. Read
 * again beside its files it is the same plan, but for credentials, which are not to be shown.
 */
export function planText(plan: Plan): string {
  return [
    `name: ${scalar(plan.name)}`,
    plan.targetAt === undefined
      ? `target: ${scalar(plan.target)}`
      : `target: ${flow({ url: plan.target, at: plan.targetAt })}`,
    ...block('from', plan.regions.map(regionLine)),
    ...block('load', loadLines(plan.load)),
    ...paceLines(plan.load),
    ...(plan.arrivals === 'even' ? [] : [`arrivals: ${plan.arrivals}`]),
    ...block('data', (plan.data ?? []).map(dataLine)),
    ...block('requests', listLines(plan)),
    ...block(
      'objectives',
      plan.objectives.map(({ text }) => `- ${scalar(text)}`),
    ),
    ...block(
      'abort',
      plan.abort.map(({ condition }) => `- ${scalar(condition.text)}`),
    ),
    ...(plan.limits ? [`limits: { cost: $${plan.limits.costUsd} }`] : []),
    `http: ${flow(httpOf(plan))}`,
    '',
  ].join('\n');
}

function block(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${name}:`, ...lines.map((line) => `  ${line}`)];
}

function regionLine({ name, share, workers, emulation }: PlanRegion): string {
  if (workers === null && emulation === undefined) return `${scalar(name)}: ${share}`;
  return `${scalar(name)}: ${flow({
    share,
    ...(workers === null ? {} : { workers }),
    ...(emulation === undefined
      ? {}
      : {
          ...(emulation.rttUs === null ? {} : { rtt: formatDuration(emulation.rttUs) }),
          ...(emulation.jitterUs === 0 ? {} : { jitter: formatDuration(emulation.jitterUs) }),
          ...(isNone(emulation) || emulation.loss > 0
            ? { loss: `${Number((emulation.loss * 100).toFixed(2))}%` }
            : {}),
        }),
  })}`;
}

const isNone = ({ rttUs, jitterUs }: PlanEmulation) => rttUs === null && jitterUs === 0;

function loadLines(load: Load): string[] {
  if (load.kind === 'amount') {
    const { name, requests, users, capUs } = load;
    return [
      `- ${flow({ requests, users, for: formatDuration(capUs), ...(name ? { name } : {}) })}`,
    ];
  }
  return load.stages.map((stage) => {
    const what =
      'fromRate' in stage
        ? { rate: `${ends(decimal(stage.fromRate), decimal(stage.toRate))}/s` }
        : {
            users:
              stage.fromUsers === stage.toUsers
                ? stage.toUsers
                : ends(stage.fromUsers, stage.toUsers),
          };
    return `- ${flow({
      ...what,
      for: formatDuration(stage.durationUs),
      ...(stage.warmup ? { warmup: true } : {}),
      ...(stage.name === null ? {} : { name: stage.name }),
    })}`;
  });
}

/** Rates take no exponents. */
function decimal(rate: number): string {
  const text = String(rate);
  return text.includes('e') ? rate.toFixed(40).replace(/0+$/, '') : text;
}

function ends(from: number | string, to: number | string): string {
  return from === to ? String(to) : `${from}..${to}`;
}

function paceLines(load: Load): string[] {
  if (load.kind === 'open') return [];
  const relog = load.kind === 'closed' && load.relog ? ['relog: true'] : [];
  return [...paceLine(load.pace), ...relog];
}

function paceLine(pace: Pace): string[] {
  if (pace.kind === 'every') return [`every: ${formatDuration(pace.everyUs)}`];
  if (pace.kind === 'none') return [];
  return [`think: ${formatDuration(pace.minUs)}..${formatDuration(pace.maxUs)}`];
}

function dataLine({ name, pick, count, source }: DataSet): string {
  const { format, file } = source ?? { format: 'json', file: `${name}.json` };
  const table = { [format]: file, ...(pick === 'sequential' ? {} : { pick }) };
  return `${scalar(name)}: ${flow(table)} # ${count} ${count === 1 ? 'row' : 'rows'}`;
}

/** A plan that names none asks for the target itself, whose path is in the target. */
function listLines(plan: Plan): string[] {
  const { requests } = plan;
  return requests.length === 1 && requests[0]?.path === '' ? [] : requestsLines(plan);
}

function httpOf({ http }: Plan): object {
  const { timeoutUs, connectTimeoutUs, connections, expectUs } = http;
  return {
    timeout: formatDuration(timeoutUs),
    ...(connectTimeoutUs === timeoutUs ? {} : { connect: formatDuration(connectTimeoutUs) }),
    connections,
    ...(expectUs === null ? {} : { expect: formatDuration(expectUs) }),
    ...(http.insecure ? { insecure: true } : {}),
    ...(Object.keys(http.resolve).length === 0 ? {} : { resolve: http.resolve }),
    ...(http.probe ? {} : { probe: false }),
    ...(http.serverTime === null ? {} : { serverTime: http.serverTime }),
    ...(http.reuse === undefined ? {} : { reuse: http.reuse }),
    ...(http.followRedirects === undefined ? {} : { followRedirects: http.followRedirects }),
  };
}
