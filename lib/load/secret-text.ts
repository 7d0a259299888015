import { ESCAPES } from './template.js';

const REFERENCE = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|secret:([\w/+=.@-]+))\}/g;

/** Shorter texts would blot out innocent ones wherever they occur. */
export const SHORTEST_SECRET = 4;

/** Values of `${secret:NAME}`, by name. */
export type Secrets = Readonly<Record<string, string>>;

/**
 * Puts in the values of `${env:NAME}` and `${secret:NAME}`, which the plan keeps unresolved, and
 * can take them out again of whatever is about to be stored or shown.
 */
export class SecretText {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #secrets: Secrets;
  readonly #values = new Set<string>();

  constructor(env: Readonly<Record<string, string | undefined>>, secrets: Secrets = {}) {
    this.#env = env;
    this.#secrets = secrets;
  }

  reveal(text: string): string {
    return text.replace(REFERENCE, (whole, variable?: string, secret?: string) => {
      const [from, name] =
        variable === undefined ? [this.#secrets, secret!] : [this.#env, variable];
      const value = Object.hasOwn(from, name) ? from[name] : undefined;
      if (value === undefined) return whole;
      this.keep(value);
      return value;
    });
  }

  /** A variable of the environment, for code that reads it by itself. */
  variable(name: string): string | undefined {
    const value = Object.hasOwn(this.#env, name) ? this.#env[name] : undefined;
    if (value !== undefined) this.keep(value);
    return value;
  }

  /** Something made out of a secret, which is to be hidden like it. */
  keep(derived: string): void {
    for (const form of formsOf(derived)) this.#values.add(form);
  }

  /** `also`: what must not be read either, this once. */
  hide(text: string, also: readonly string[] = []): string {
    let hidden = text;
    const all =
      also.length > 0 ? new Set([...this.#values, ...also.flatMap(formsOf)]) : this.#values;
    // The longest first: one may begin like another, whose end would stay to be read.
    const values = [...all].sort((a, b) => b.length - a.length);
    for (const value of values) hidden = hidden.replaceAll(value, '***');
    return values.reduce(hideEnd, values.reduce(hideBeginning, hidden));
  }
}

/** As it is, and as it is written in a path, a query, a form and in JSON; none if it is too short. */
function formsOf(value: string): string[] {
  if (value.length < SHORTEST_SECRET) return [];
  const escapes = [ESCAPES.path, ESCAPES.form, ESCAPES.json, encodeURIComponent];
  const wellFormed = value.toWellFormed();
  return [value, ...escapes.map((written) => written(wellFormed))];
}

/** A sample is cut somewhere: what stands at its end may be the beginning of a secret. */
function hideBeginning(text: string, secret: string): string {
  for (let size = secret.length - 1; size >= SHORTEST_SECRET; size--) {
    if (text.endsWith(secret.slice(0, size))) return `${text.slice(0, -size)}***`;
  }
  return text;
}

/** It may also have been cut before: what stands at its beginning is then the end of a secret. */
function hideEnd(text: string, secret: string): string {
  for (let size = secret.length - 1; size >= SHORTEST_SECRET; size--) {
    if (text.startsWith(secret.slice(-size))) return `***${text.slice(size)}`;
  }
  return text;
}
