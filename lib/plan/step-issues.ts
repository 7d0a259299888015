import { containerKind } from './mistakes.js';
import type { Refusal } from './not-yet.js';
import type { Path } from './places.js';
import { withinRequest } from './references.js';

/** Requests, flows and steps lie in each other; which of them a map is, its fields say. */
export function requestKind(path: Path, value: unknown): string {
  if (path.length < 2 || withinRequest(path).length > 0) return containerKind(path);
  if (path.length === 2) return has(value, 'flow') ? 'flow' : 'request';
  if (isOfCode(path)) return 'request';
  if (has(value, 'request')) return 'step';
  return has(value, 'pause') ? 'pause' : has(value, 'repeat') ? 'repeat' : 'step';
}

/** Fields that exist, but not beside the others of a request, a flow or a step. */
export function misplacedInRequests(
  container: string,
  key: string,
  path: Path,
  value: unknown,
): Refusal | null {
  if (isOfCode(path)) {
    const instead = OF_CODE[key];
    return instead === undefined
      ? null
      : { message: `a request of code has no ${key}`, help: instead };
  }
  if (container === 'request' && Object.hasOwn(OF_FLOWS, key)) {
    return {
      message: OF_FLOWS[key]!,
      help: 'a flow has several steps: - flow: NAME, and below it steps: [ … ]',
    };
  }
  if (container === 'step' && key === 'weight') {
    return { message: 'a step has no weight', help: 'the flow has one: its steps go together' };
  }
  const kind = container === 'step' ? 'request' : container;
  if (path.length < 4 || !STEP_KINDS.includes(kind)) return null;
  if (kind === 'repeat' && path.filter((one) => one === 'steps').length > 1) {
    return { message: 'a repetition cannot stand in another one', help: undefined };
  }
  if (!has(value, kind) || ![...STEP_KINDS, 'steps'].includes(key)) return null;
  return {
    message: `a step has '${kind}' or '${key}', not both`,
    help: 'each step does one thing; put it into a step of its own',
  };
}

const STEP_KINDS: readonly string[] = ['request', 'pause', 'repeat'];

const OF_FLOWS: Readonly<Record<string, string>> = {
  capture: 'nothing comes after this request that could use a capture',
  pause: 'a request that stands alone has no pause',
  repeat: 'a request that stands alone is not repeated',
  steps: 'steps make a flow',
};

/** What code does by itself. */
const OF_CODE: Readonly<Record<string, string>> = {
  capture: 'code reads answers by itself: (await http.get(…)).json()',
  pause: "code waits by itself: await sleep('1s..3s')",
  repeat: 'code sends it as often as it likes',
  weight: 'the flow has one; how often each request is sent, its code says',
};

/** `requests[n].requests[m]`, and what lies in it. */
function isOfCode(path: Path): boolean {
  return path[0] === 'requests' && path[2] === 'requests';
}

function has(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}
