import { TextMistake } from './diagnostics.js';
import type { WrittenFlow } from './flow-schema.js';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { DataSet, Input } from './plan.js';
import { inputOf } from './read-body.js';
import type { ReadFlow, StepRequest } from './read-flow.js';
import { type RequestSurroundings, readRequest } from './read-request.js';

/** A flow in TypeScript; null where it has a mistake. `first` is the index of its first request. */
export function readCodeFlow(
  written: WrittenFlow,
  path: Path,
  first: number,
  around: RequestSurroundings,
  data: readonly DataSet[],
  mistakes: Mistakes,
): ReadFlow | null {
  const { flow: name, weight = 1, steps, requests: list } = written;
  if (steps !== undefined) {
    mistakes.add([...path, 'steps'], "'code' and 'steps' do not go together", {
      part: 'key',
      help: 'keep one of them',
    });
  }
  if (list === undefined) {
    mistakes.add([...path, 'code'], 'what this code sends is not said', {
      help: 'list its requests beside it, as reports are to name them: requests: [GET /path]',
    });
  }
  if (!Array.isArray(list) || !mistakes.sound(path)) return null;
  const requests = list.flatMap((item, i): StepRequest[] => {
    const here = [...path, 'requests', i];
    const one = typeof item === 'string' ? { request: item } : item;
    const linePath = typeof item === 'string' ? here : [...here, 'request'];
    const request = readRequest(one, here, linePath, around, { variables: [], data }, mistakes);
    const own = typeof item !== 'string' && item.name !== undefined;
    return request ? [{ request, own, path: own ? [...here, 'name'] : here }] : [];
  });
  if (!mistakes.sound(path)) return null;
  const code = bundled(written.code!, [...path, 'code'], around, mistakes);
  if (!code) return null;
  const indices = requests.map((_, i) => first + i);
  return { flow: { kind: 'code', name, weight, code, requests: indices }, requests };
}

function bundled(
  file: string,
  path: Path,
  { bundle, keep }: RequestSurroundings,
  mistakes: Mistakes,
): Input | null {
  if (!bundle) {
    mistakes.add(path, 'code cannot be bundled here', {
      help: 'only isochrone run and plan do it',
    });
    return null;
  }
  try {
    const bytes = bundle(file);
    const input = inputOf(bytes, file);
    keep(input, bytes);
    return input;
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    mistakes.add(path, error.message, { help: error.help });
    return null;
  }
}
