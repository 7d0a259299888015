import { IsochroneError } from '../errors.js';

/**
 * A key is one or more names joined by `/`. A name never begins with a dot: such names belong to
 * the store itself (temporary files, locks, `.gitignore`), and `..` leads out of it.
 */
const NAME = /^[a-zA-Z0-9_-][a-zA-Z0-9._-]*$/;

export function isKeyName(name: string): boolean {
  return NAME.test(name);
}

export function checkKey(key: string): void {
  if (key.split('/').every(isKeyName)) return;
  throw new IsochroneError(
    `${JSON.stringify(key)} cannot be a key of a store: names of a-z, A-Z, 0-9, ".", "_" and "-" that do not begin with a dot, joined by "/"`,
  );
}

/** A prefix is the beginning of a key, anywhere in it, and may be empty. */
export function checkPrefix(prefix: string): void {
  const names = prefix.split('/');
  const last = names.pop();
  for (const name of names) checkKey(name);
  if (last) checkKey(last);
}
