import type { Place } from './diagnostics.js';

/** The way to a value from the root of a plan: `['load', 1, 'rate']`. */
export type Path = readonly (string | number)[];

/** A stretch of a value that is text. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** Something that knows where the values of a plan were written. */
export interface Places {
  /** What all of it is called: `plan.yaml`, `the command line`. */
  readonly title: string;
  place(path: Path, part: 'key' | 'value', span?: Span): Place | null;
  /** The flag that wrote the value, which sentences then name instead of the field. */
  flag(path: Path): string | null;
  /** How the value stands in a file, before YAML made a number or a truth of it. */
  written(path: Path): string | null;
}

/** A value of a plan that came from the command line. */
export interface FlagValue {
  readonly path: Path;
  /** `--rate`, `-H`, `--set load.1.rate`. */
  readonly flag: string;
  /** The argument as typed, where in it the value begins, and what in it names the value. */
  readonly shown: string;
  readonly valueAt: number;
  readonly key: Span;
}

/** An argument without a flag is called by `name` but shown alone. */
export function argumentValue(path: Path, name: string, value: string): FlagValue {
  const key = { start: 0, length: value.length };
  return { path, flag: name, shown: value, valueAt: 0, key };
}

export function flagValue(path: Path, flag: string, value: string): FlagValue {
  const quoted = value === '' || /[\s"'<>|&$]/.test(value);
  const quote = quoted ? (value.includes('"') ? "'" : '"') : '';
  return {
    path,
    flag,
    shown: `${flag} ${quote}${value}${quote}`,
    valueAt: flag.length + 1 + quote.length,
    key: { start: 0, length: flag.length },
  };
}

/** Where a value from a flag is shown. */
export function flagPlace(value: FlagValue, stretch: Span, order: number): Place {
  const { start, length } = stretch;
  return { where: value.flag, line: null, text: value.shown, start, length, order };
}

/** A file that the flags change. */
export interface FilePlaces extends Places {
  holds(path: Path): boolean;
}

/** After everything in a file, in the order of the flags. */
export const AFTER_FILE = 1e9;

/** Values from flags, over those of a file where there is one. */
export class FlagPlaces implements Places {
  readonly title: string;
  readonly #values: readonly FlagValue[];
  readonly #file: FilePlaces | null;

  constructor(values: readonly FlagValue[], file: FilePlaces | null) {
    this.#values = values;
    this.#file = file;
    this.title = file?.title ?? 'the command line';
  }

  place(path: Path, part: 'key' | 'value', span?: Span): Place | null {
    const value = this.#covering(path) ?? (this.#file?.holds(path) ? null : this.#within(path));
    if (!value) return this.#file?.place(path, part, span) ?? null;
    const { shown, valueAt, key } = value;
    const exact = value.path.length === path.length;
    const whole = {
      start: valueAt,
      length: shown.length - valueAt - (/["']$/.test(shown) ? 1 : 0),
    };
    const inside = span && exact ? { start: valueAt + span.start, length: span.length } : whole;
    const stretch = part === 'key' && exact ? key : inside;
    return flagPlace(value, stretch, AFTER_FILE + this.#values.indexOf(value));
  }

  flag(path: Path): string | null {
    const value = this.#covering(path);
    return value?.path.length === path.length ? value.flag : null;
  }

  written(path: Path): string | null {
    return this.#covering(path) ? null : (this.#file?.written(path) ?? null);
  }

  #covering(path: Path): FlagValue | undefined {
    return this.#values.findLast((value) => startsWith(path, value.path));
  }

  #within(path: Path): FlagValue | undefined {
    return this.#values.find((value) => startsWith(value.path, path));
  }
}

export function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((segment, i) => String(path[i]) === String(segment));
}
