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
      if (value.length >= SHORTEST_SECRET) this.#values.add(value);
      return value;
    });
  }

  hide(text: string): string {
    let hidden = text;
    // The longest first: one may begin like another, whose end would stay to be read.
    const values = [...this.#values].sort((a, b) => b.length - a.length);
    for (const value of values) hidden = hidden.replaceAll(value, '***');
    return values.reduce(hideEnd, values.reduce(hideBeginning, hidden));
  }
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
