import { distance } from 'fastest-levenshtein';
import { UsageError } from '../errors.js';

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  /** In sentences, behind the number: ` MB`. */
  readonly unit?: string;
}

/**
 * Settings as CDK's context has them: text from `-c name=value`, or what JSON holds in cdk.json.
 * Collects what is wrong, so that all of it is said at once.
 */
export class ContextValues {
  readonly #context: Readonly<Record<string, unknown>>;
  readonly #problems: string[] = [];

  constructor(context: Readonly<Record<string, unknown>>) {
    this.#context = context;
  }

  problem(name: string, what: string): void {
    this.#problems.push(`-c ${name}: ${what}`);
  }

  /** Refuses names that are none of ours; CDK's own have a colon, a slash or a dash in them. */
  expect(names: readonly string[]): void {
    for (const name of Object.keys(this.#context)) {
      if (!/^\w+$/.test(name) || names.includes(name)) continue;
      const near = names
        .map((known) => ({ known, far: distance(known.toLowerCase(), name.toLowerCase()) }))
        .sort((a, b) => a.far - b.far)[0];
      const meant = near && near.far <= 3 ? `did you mean ${near.known}?` : names.join(', ');
      this.problem(name, `there is no such setting: ${meant}`);
    }
  }

  text(name: string): string | null {
    const value = this.#context[name];
    if (value === undefined || value === null || value === '') return null;
    if (typeof value === 'string') return value.trim() || null;
    if (typeof value === 'number') return String(value);
    this.problem(name, `${JSON.stringify(value)} is no text`);
    return null;
  }

  /** `a,b` or, in cdk.json, `["a", "b"]`; each once, in the order in which they stand. */
  list(name: string): readonly string[] {
    const value = this.#context[name];
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) {
      return [...new Set(value.map((one) => one.trim()).filter((one) => one !== ''))];
    }
    if (Array.isArray(value)) {
      this.problem(name, `${JSON.stringify(value)} is no list of texts`);
      return [];
    }
    const parts = (this.text(name) ?? '').split(',').map((one) => one.trim());
    return [...new Set(parts.filter((one) => one !== ''))];
  }

  number(name: string, otherwise: number, { least, most, whole, unit = '' }: Bounds): number {
    const text = this.text(name);
    if (text === null) return otherwise;
    const value = Number(text);
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
    const kind = whole ? 'a whole number' : 'a number';
    this.problem(name, `'${text}' must be ${kind} from ${least} to ${most}${unit}`);
    return otherwise;
  }

  flag(name: string): boolean {
    const value = this.#context[name];
    if (value === undefined || value === false || value === 'false' || value === '') return false;
    if (value === true || value === 'true') return true;
    this.problem(name, `'${String(value)}' must be true or false`);
    return false;
  }

  /** Throws if anything was wrong. */
  settle(): void {
    if (this.#problems.length > 0) throw new UsageError(this.#problems.join('\n'));
  }
}
