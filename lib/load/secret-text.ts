const REFERENCE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Shorter texts would blot out innocent ones wherever they occur. */
const SHORTEST = 4;

/**
 * Puts in the values of `${env:NAME}`, which the plan keeps unresolved, and can take them out
 * again of whatever is about to be stored or shown.
 */
export class SecretText {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #values = new Set<string>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  reveal(text: string): string {
    return text.replace(REFERENCE, (whole, name: string) => {
      const value = this.#env[name];
      if (value === undefined) return whole;
      if (value.length >= SHORTEST) this.#values.add(value);
      return value;
    });
  }

  hide(text: string): string {
    let hidden = text;
    // The longest first: one may begin like another, whose end would stay to be read.
    const values = [...this.#values].sort((a, b) => b.length - a.length);
    for (const value of values) hidden = hidden.replaceAll(value, '***');
    return values.reduce(hideBeginning, hidden);
  }
}

/** A sample is cut somewhere: what stands at its end may be the beginning of a secret. */
function hideBeginning(text: string, secret: string): string {
  for (let size = secret.length - 1; size >= SHORTEST; size--) {
    if (text.endsWith(secret.slice(0, size))) return `${text.slice(0, -size)}***`;
  }
  return text;
}
