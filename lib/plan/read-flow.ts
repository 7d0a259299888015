import { parseCapture } from './capture-text.js';
import type { WrittenFlow, WrittenRequestStep, WrittenStep } from './flow-schema.js';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { Capture, DataSet, FlowStep, PlanFlow, PlanRequest, StepFlow } from './plan.js';
import { readCodeFlow } from './read-code-flow.js';
import { type RequestSurroundings, readRequest } from './read-request.js';
import { unrolled } from './starts.js';
import { variableNameProblem } from './template-text.js';
import { parseDurationRangeUs } from './units.js';

/** What one iteration may come to: a worker holds it written out. */
const MOST_STEPS = 10_000;

export interface ReadFlow {
  readonly flow: PlanFlow;
  readonly requests: readonly StepRequest[];
}

export interface StepRequest {
  readonly request: PlanRequest;
  /** Its name was given, not made of its request line. */
  readonly own: boolean;
  readonly path: Path;
}

/** null where it has a mistake. `first` is the index of its first request in the plan. */
export function readFlow(
  written: WrittenFlow,
  path: Path,
  first: number,
  around: RequestSurroundings,
  data: readonly DataSet[],
  mistakes: Mistakes,
): ReadFlow | null {
  if (written.code !== undefined) {
    return readCodeFlow(written, path, first, around, data, mistakes);
  }
  if (written.steps === undefined) {
    mistakes.add([...path, 'flow'], 'this flow does nothing', {
      help: 'say what it does: steps: [ … ], or code: ./file.ts',
    });
  }
  if (written.requests !== undefined) {
    mistakes.add([...path, 'requests'], 'only code has a list of what it sends', {
      part: 'key',
      help: 'requests of a flow are among its steps',
    });
  }
  if (!Array.isArray(written.steps)) return null;
  const requests: StepRequest[] = [];
  const variables: string[] = [];
  const steps = readSteps(written.steps, [...path, 'steps']);
  checkBeginning(steps, path, mistakes);
  if (!mistakes.sound(path)) return null;
  const { flow: name, weight = 1 } = written;
  const flow: StepFlow = { kind: 'steps', name, weight, steps };
  const count = unrolled(steps).length;
  if (count > MOST_STEPS) {
    mistakes.add([...path, 'flow'], `an iteration of '${name}' has ${count} steps`, {
      help: `repeat less: ${MOST_STEPS} are the most`,
    });
  }
  return { flow, requests };

  function readSteps(list: readonly WrittenStep[], at: Path): FlowStep[] {
    return list.flatMap((step, i) => readStep(step, [...at, i]) ?? []);
  }

  function readStep(step: WrittenStep, at: Path): FlowStep | null {
    if (typeof step === 'string') return readRequestStep({ request: step }, at, at);
    if (typeof step !== 'object' || step === null) return null;
    if ('pause' in step) return mistakes.sound(at) ? pause(step.pause) : null;
    if (!('repeat' in step)) return readRequestStep(step, at, [...at, 'request']);
    if (!Array.isArray(step.steps)) return null;
    const inner = readSteps(step.steps, [...at, 'steps']);
    return { kind: 'repeat', times: step.repeat, steps: inner };
  }

  function readRequestStep(step: WrittenRequestStep, at: Path, linePath: Path): FlowStep | null {
    const names = { variables: [...variables], data };
    const read = readRequest(step, at, linePath, around, names, mistakes);
    const captures = readCaptures(step.capture ?? {}, [...at, 'capture'], data, mistakes);
    for (const capture of captures) {
      if (!variables.includes(capture.name)) variables.push(capture.name);
    }
    if (!read) return null;
    const request = captures.length > 0 ? { ...read, captures } : read;
    const own = step.name !== undefined;
    requests.push({ request, own, path: own ? [...at, 'name'] : at });
    return { kind: 'request', request: first + requests.length - 1 };
  }
}

function pause(text: string): FlowStep {
  const [fromUs, toUs] = parseDurationRangeUs(text)!;
  return { kind: 'pause', minUs: Math.min(fromUs, toUs), maxUs: Math.max(fromUs, toUs) };
}

function checkBeginning(steps: readonly FlowStep[], path: Path, mistakes: Mistakes): void {
  if (!mistakes.sound(path)) return;
  const flat = unrolled(steps);
  if (flat[0]?.kind === 'request') return;
  mistakes.add([...path, 'steps', 0], 'a flow begins with a request', {
    help: 'what comes before its first request is a matter of the load, or of `think` beside it',
  });
}

function readCaptures(
  written: NonNullable<WrittenRequestStep['capture']>,
  path: Path,
  data: readonly DataSet[],
  mistakes: Mistakes,
): Capture[] {
  // Their names are known even where something else is wrong, so that one mistake stays one.
  if (typeof written !== 'object') return [];
  return Object.entries(written).flatMap(([name, text]) => {
    const here = [...path, name];
    const problem =
      variableNameProblem(name) ??
      (data.some((set) => set.name === name) ? `'${name}' is the name of a table` : null);
    if (problem !== null) mistakes.add(here, problem, { part: 'key' });
    const unread = { name, from: 'header', header: '' } as const;
    if (typeof text !== 'string' || !mistakes.sound(here)) return unread;
    return mistakes.attempt(() => parseCapture(name, text), here) ?? unread;
  });
}
