import type { RequestItem } from './flow-schema.js';
import type { Mistakes } from './mistakes.js';
import type { DataSet, PlanFlow, PlanRequest } from './plan.js';
import { readFlow } from './read-flow.js';
import { type RequestSurroundings, readRequest } from './read-request.js';
import { nameOf, RequestNames } from './request-names.js';

interface ReadRequests {
  /** Plain ones and steps. */
  readonly requests: readonly PlanRequest[];
  readonly flows: readonly PlanFlow[];
}

/** The list of requests and flows; those with a mistake are left out, and `mistakes` knows. */
export function readRequests(
  list: readonly RequestItem[] | undefined,
  around: RequestSurroundings,
  data: readonly DataSet[],
  mistakes: Mistakes,
): ReadRequests {
  if (list === undefined) return { requests: [targetItself(around)], flows: [] };
  if (!Array.isArray(list)) return { requests: [], flows: [] };
  const names = new RequestNames(mistakes);
  const requests: PlanRequest[] = [];
  const flows: PlanFlow[] = [];
  const outside = { variables: [], data };
  list.forEach((item: RequestItem, i) => {
    const path = ['requests', i];
    if (typeof item !== 'string' && (typeof item !== 'object' || item === null)) return;
    if (typeof item !== 'string' && 'flow' in item) {
      const first = requests.length;
      const flow = readFlow(item, path, first, around, data, mistakes);
      if (!flow) return;
      names.takeFlow(flow.flow.name, path);
      flow.requests.forEach(({ request, own, path: stepPath }) => {
        requests.push({
          ...request,
          name: names.takeStep(flow.flow.name, request.name, own, stepPath),
        });
      });
      flows.push(flow.flow);
      return;
    }
    const written = typeof item === 'string' ? { request: item } : item;
    const linePath = typeof item === 'string' ? path : [...path, 'request'];
    const read = readRequest(written, path, linePath, around, outside, mistakes);
    if (!mistakes.sound(path)) return;
    const own = 'name' in written && written.name !== undefined;
    const name = own ? written.name! : nameOf(written.request);
    names.take(name, own ? [...path, 'name'] : path, own);
    if (!read || !mistakes.sound(path)) return;
    const weight = 'weight' in written ? (written.weight ?? 1) : 1;
    requests.push({ ...read, weight });
  });
  return { requests, flows };
}

function targetItself({ target, timeoutUs }: RequestSurroundings): PlanRequest {
  const prefix = target?.prefix ?? '';
  return {
    // A prefix that stands in the environment is not shown.
    name: `GET ${target?.secret || prefix === '' ? '/' : prefix}`,
    method: 'GET',
    path: prefix === '' ? '/' : '',
    weight: 1,
    headers: [],
    body: null,
    expect: null,
    timeoutUs,
  };
}
