import type { Body, Expect, Load, Match, Pace, Plan, PlanRegion, PlanRequest } from './plan.js';
import { formatDuration } from './units.js';
import { withoutCredentials } from './without-credentials.js';
import { flow, scalar } from './yaml-text.js';

/**
 * A checked plan as a plan file would say it, every default left out that changes nothing. Read
 * again it is the same plan, but for what is not to be shown: credentials, and bodies from files.
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
    ...block('requests', requestsLines(plan)),
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
          ...(emulation.loss === 0
            ? {}
            : { loss: `${Number((emulation.loss * 100).toFixed(2))}%` }),
        }),
  })}`;
}

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
        ? { rate: `${ends(stage.fromRate, stage.toRate)}/s` }
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

function ends(from: number, to: number): string {
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

/** A plan that names none asks for the target itself, whose path is in the target. */
function requestsLines({ requests, http }: Plan): string[] {
  if (requests.length === 1 && requests[0]?.path === '') return [];
  return requests.flatMap((one) => requestLines(one, http.timeoutUs));
}

function requestLines(request: PlanRequest, timeoutUs: number): string[] {
  const { headers, body } = withoutCredentials(request);
  const line = `${request.method} ${request.path}`;
  const fields = [
    `request: ${scalar(line)}`,
    ...(request.name === line ? [] : [`name: ${scalar(request.name)}`]),
    ...(request.weight === 1 ? [] : [`weight: ${request.weight}`]),
    ...(headers.length === 0 ? [] : [`headers: ${flow(headersOf(headers))}`]),
    ...(body === null ? [] : [bodyLine(body)]),
    ...(request.expect === null ? [] : [`expect: ${flow(expectOf(request.expect))}`]),
    ...(request.timeoutUs === timeoutUs ? [] : [`timeout: ${formatDuration(request.timeoutUs)}`]),
  ];
  if (fields.length === 1) return [`- ${scalar(line)}`];
  return fields.map((field, i) => (i === 0 ? `- ${field}` : `  ${field}`));
}

/** What is sent more than once stands in a list. */
function headersOf(headers: PlanRequest['headers']): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const before = found[name];
    found[name] = before === undefined ? value : [before, value].flat();
  }
  return found;
}

function bodyLine({ encoding, data }: Body): string {
  if (encoding === 'utf8') return `body: ${scalar(data)}`;
  return `body: # ${Buffer.byteLength(data, 'base64')} bytes of a file`;
}

function expectOf({ status, headers, body }: Expect): object {
  return {
    ...(status === null
      ? {}
      : { status: status.map(([from, to]) => (from === to ? from : `${from}..${to}`)) }),
    ...(headers.length === 0
      ? {}
      : { header: Object.fromEntries(headers.map(({ name, value }) => [name, matchText(value)])) }),
    ...(body.length === 0 ? {} : { body: body.map(matchText) }),
  };
}

function matchText(match: Match): string {
  return match.kind === 'contains' ? match.text : `/${match.source}/${match.flags}`;
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
  };
}
