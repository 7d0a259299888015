import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { WrittenRequest } from './request-schema.js';
import { hasTemplate } from './template-scan.js';
import { type TemplateNames, templateMistakes } from './template-text.js';

const FIELDS = ['headers', 'auth', 'json', 'form', 'body'] as const;

/** Checks all `{{ … }}` of a request; whether it has any. */
export function filledIn(
  written: WrittenRequest,
  path: Path,
  linePath: Path,
  names: TemplateNames,
  mistakes: Mistakes,
): boolean {
  const line = check(written.request, linePath);
  const others = FIELDS.map((field) => check(written[field], [...path, field]));
  return line || others.includes(true);

  function check(value: unknown, at: Path): boolean {
    if (typeof value === 'string') {
      if (!hasTemplate(value)) return false;
      for (const mistake of templateMistakes(value, names)) mistakes.addText(at, mistake);
      return true;
    }
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value)
      .map(([key, one]) => check(one, [...at, Array.isArray(value) ? Number(key) : key]))
      .includes(true);
  }
}
