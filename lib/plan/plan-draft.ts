import { checkPlan, type PlanContext } from './check-plan.js';
import { type Diagnostic, PlanError } from './diagnostics.js';
import {
  AFTER_FILE,
  FlagPlaces,
  type FlagValue,
  flagPlace,
  flagValue,
  type Path,
} from './places.js';
import type { Plan } from './plan.js';

/** The document that the flags make, and which flag made which part of it. */
export class PlanDraft {
  readonly #raw = emptyMap();
  readonly #values: FlagValue[] = [];
  readonly #mistakes: Diagnostic[] = [];

  put(path: Path, value: unknown): void {
    let holder = this.#raw;
    path.slice(0, -1).forEach((segment, i) => {
      holder[segment] ??= typeof path[i + 1] === 'number' ? [] : emptyMap();
      holder = holder[segment] as typeof holder;
    });
    holder[path.at(-1)!] = value;
  }

  /** Nothing is set by a flag that was not given. */
  set(
    path: Path,
    flag: string,
    value: string | undefined,
    read: (text: string) => unknown = (text) => text,
  ): void {
    if (value === undefined) return;
    this.put(path, read(value));
    this.blame(path, flag, value);
  }

  /** Says which flag is meant by mistakes at a path. */
  blame(path: Path, flag: string, value: string): void {
    this.blameValue(flagValue(path, flag, value));
  }

  blameValue(value: FlagValue): void {
    this.#values.push(value);
  }

  /** A mistake that only flags can have. */
  refuse(value: FlagValue, message: string, help?: string): void {
    const length = value.shown.replace(/["']$/, '').length - value.valueAt;
    const place = flagPlace(
      value,
      { start: value.valueAt, length },
      AFTER_FILE + this.#values.length,
    );
    this.#mistakes.push({ message, place, helps: help ? [help] : [] });
  }

  check(context: PlanContext): Plan {
    const places = new FlagPlaces(this.#values, null);
    try {
      const plan = checkPlan(this.#raw, places, context);
      if (this.#mistakes.length === 0) return plan;
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      this.#mistakes.push(...error.diagnostics);
    }
    throw new PlanError(this.#mistakes, places.title);
  }
}

/** Without a prototype: names of regions and headers come from the user. */
export function emptyMap(): Record<string | number, unknown> {
  return Object.create(null);
}

/** What looks like a whole number becomes one; the schema says what else is wrong. */
export function numberOr(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
