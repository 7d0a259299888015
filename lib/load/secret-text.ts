const REFERENCE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;

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
      // Very short values would blot out innocent text wherever they occur.
      if (value.length >= 4) this.#values.add(value);
      return value;
    });
  }

  hide(text: string): string {
    let hidden = text;
    // The longest first: one may begin like another, whose end would stay to be read.
    const values = [...this.#values].sort((a, b) => b.length - a.length);
    for (const value of values) hidden = hidden.replaceAll(value, '***');
    return hidden;
  }
}
