import { type Diagnostic, PlanError, TextMistake } from './diagnostics.js';
import { type Path, type Places, type Span, startsWith } from './places.js';

interface Details {
  readonly part?: 'key' | 'value';
  readonly span?: Span;
  readonly help?: string | undefined;
}

/** Collects the mistakes of one plan, so that all can be shown together. */
export class Mistakes {
  readonly places: Places;
  readonly #found: { readonly path: Path; readonly diagnostic: Diagnostic }[] = [];

  constructor(places: Places) {
    this.places = places;
  }

  add(path: Path, message: string, { part = 'value', span, help }: Details = {}): void {
    const place = this.places.place(path, part, span);
    this.#found.push({ path, diagnostic: { message, place, helps: help ? [help] : [] } });
  }

  addText(path: Path, { message, start, length, help }: TextMistake): void {
    this.add(path, message, { span: { start, length }, help });
  }

  /** What is read of the text at `path`; null: it is wrong, and that is among the mistakes. */
  attempt<T>(read: () => T, path: Path): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof TextMistake)) throw error;
      this.addText(path, error);
      return null;
    }
  }

  /** Nothing wrong was found at this value, inside it, or with what holds it. */
  sound(path: Path): boolean {
    return !this.#found.some((one) => startsWith(one.path, path) || startsWith(path, one.path));
  }

  /** A sentence's name for a value: the flag that wrote it, else its field. */
  nameOf(path: Path): string {
    return this.places.flag(path) ?? fieldName(path);
  }

  throwIfAny(): void {
    if (this.#found.length === 0) return;
    throw new PlanError(
      this.#found.map(({ diagnostic }) => diagnostic),
      this.places.title,
    );
  }
}

const ENTRIES: Readonly<Record<string, string>> = {
  load: 'a stage',
  requests: 'a request',
  objectives: 'an objective',
  abort: 'an abort rule',
  from: 'a region',
  steps: 'a step',
};

export function fieldName(path: Path): string {
  const last = path.at(-1);
  const holder = path.at(-2);
  if (last === undefined) return 'the plan';
  if (typeof last === 'number') return ENTRIES[String(holder)] ?? fieldName(path.slice(0, -1));
  if (holder === 'headers' || holder === 'header') return `header '${last}'`;
  if (holder === 'from') return `the share of ${last}`;
  return last;
}

/** The kind of map that stands at a path, as the table of refusals calls it. */
export function containerKind(path: Path): string {
  const [root, , ...deeper] = path;
  if (root === undefined) return 'plan';
  if (path.length === 1) return String(root);
  if (deeper.length > 0) return String(path.at(-1));
  return (
    { load: 'stage', requests: 'request', from: 'region' }[String(root)] ?? String(path.at(-1))
  );
}
