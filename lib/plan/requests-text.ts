import type { FlowStep, Plan, PlanFlow } from './plan.js';
import { entry, requestLines } from './request-text.js';
import { requestsOf } from './starts.js';
import { formatDuration } from './units.js';
import { scalar } from './yaml-text.js';

/** Requests and flows in the order in which they were written. */
export function requestsLines({ requests, flows = [], http }: Plan): string[] {
  const taken = new Set<string>();
  const lines: string[] = [];
  const starts = new Map(flows.map((flow) => [firstOf(flow), flow]));
  requests.forEach((request, i) => {
    const flow = starts.get(i);
    if (flow) lines.push(...flowLines(flow));
    else if (request.weight > 0) lines.push(...linesOf(i, null));
  });
  return lines;

  function flowLines(flow: PlanFlow): string[] {
    return entry([
      `flow: ${scalar(flow.name)}`,
      ...(flow.weight === 1 ? [] : [`weight: ${flow.weight}`]),
      ...(flow.kind === 'steps'
        ? ['steps:', ...indented(flow.steps.flatMap((step) => stepLines(step, flow.name)))]
        : [
            `code: ${scalar(flow.code.file)} # ${flow.code.bytes} bytes when bundled`,
            'requests:',
            ...indented(flow.requests.flatMap((request) => linesOf(request, flow.name))),
          ]),
    ]);
  }

  function stepLines(step: FlowStep, flow: string): string[] {
    if (step.kind === 'request') return linesOf(step.request, flow);
    if (step.kind === 'pause') return [`- pause: ${pauseText(step)}`];
    const steps = step.steps.flatMap((inner) => stepLines(inner, flow));
    return entry([`repeat: ${step.times}`, 'steps:', ...indented(steps)]);
  }

  function linesOf(index: number, flow: string | null): string[] {
    const request = requests[index]!;
    const text = requestLines(request, { timeoutUs: http.timeoutUs, flow, taken });
    taken.add(request.name);
    return text;
  }
}

/** The first request of a flow stands in the plan where the flow does. */
function firstOf(flow: PlanFlow): number {
  return Math.min(...(flow.kind === 'steps' ? requestsOf(flow.steps) : flow.requests));
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);

function pauseText({ minUs, maxUs }: { readonly minUs: number; readonly maxUs: number }): string {
  const [least, most] = [formatDuration(minUs), formatDuration(maxUs)];
  return least === most ? most : `${least}..${most}`;
}
