import type { RequestItem, WrittenFlow, WrittenStep } from './flow-schema.js';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';

/** What a request is called that the plan gives no name. */
export const nameOf = (line: string) => String(line).trim();

/** What a step is called: its own name, or its request line, with the flow's where that is taken. */
export function stepName(
  flow: string,
  name: string,
  own: boolean,
  taken: ReadonlySet<string>,
): string {
  return own || !taken.has(name) ? name : `${flow} › ${name}`;
}

/** Reports and objectives tell requests apart by name. */
export class RequestNames {
  readonly #mistakes: Mistakes;
  readonly #names = new Set<string>();
  readonly #flows = new Set<string>();

  constructor(mistakes: Mistakes) {
    this.#mistakes = mistakes;
  }

  take(name: string, path: Path, own: boolean): void {
    if (this.#names.has(name)) {
      this.#mistakes.add(path, `two requests are called '${name}'`, {
        help: own ? ONE_NAME : `give one a name: { request: "${name}", name: … }`,
      });
    }
    this.#names.add(name);
  }

  takeStep(flow: string, name: string, own: boolean, path: Path): string {
    const free = stepName(flow, name, own, this.#names);
    this.take(free, path, own);
    return free;
  }

  takeFlow(name: string, path: Path): void {
    if (this.#flows.has(name)) {
      this.#mistakes.add([...path, 'flow'], `two flows are called '${name}'`, { help: ONE_NAME });
    }
    this.#flows.add(name);
  }
}

const ONE_NAME = 'reports and objectives tell requests apart by name';

/** What promises may be about; names are known though other fields are wrong. */
interface WrittenNames {
  /** Plain requests, steps, and `flow NAME`. */
  readonly all: readonly string[];
  readonly steps: readonly string[];
}

/** null where names cannot be known. */
export function writtenNames(list: readonly RequestItem[]): WrittenNames | null {
  if (!Array.isArray(list)) return null;
  const taken = new Set<string>();
  const flows: string[] = [];
  const steps: string[] = [];
  for (const item of list as readonly RequestItem[]) {
    if (isFlow(item)) {
      if (typeof item.flow !== 'string') return null;
      flows.push(`flow ${item.flow}`);
      for (const step of requestsIn(item.code === undefined ? item.steps : item.requests)) {
        const name = ownName(step);
        if (name === null) return null;
        const called = stepName(item.flow, name.text, name.own, taken);
        taken.add(called);
        steps.push(called);
      }
    } else {
      const name = ownName(item);
      if (name === null) return null;
      taken.add(name.text);
    }
  }
  return { all: [...taken, ...flows], steps };
}

type Named = string | { readonly name?: unknown; readonly request?: unknown } | null;

function ownName(item: Named): { readonly text: string; readonly own: boolean } | null {
  if (typeof item === 'string') return { text: nameOf(item), own: false };
  if (typeof item?.name === 'string') return { text: item.name, own: true };
  return typeof item?.request === 'string' ? { text: nameOf(item.request), own: false } : null;
}

function isFlow(item: RequestItem | null): item is WrittenFlow {
  return typeof item === 'object' && item !== null && 'flow' in item;
}

function requestsIn(steps: readonly WrittenStep[] | undefined): Named[] {
  if (!Array.isArray(steps)) return [];
  return (steps as readonly WrittenStep[]).flatMap((step): Named[] => {
    if (typeof step !== 'object' || step === null) return [step];
    if ('repeat' in step) return requestsIn(step.steps);
    return 'pause' in step ? [] : [step];
  });
}
