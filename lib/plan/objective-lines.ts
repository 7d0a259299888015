import type { PlanSource } from './read-plan.js';
import { YamlDocument } from './yaml-document.js';

/** In which line of a plan file each of its objectives stands, by its text; counts from 1. */
export function objectiveLines({ text, file }: PlanSource): ReadonlyMap<string, number> {
  const document = new YamlDocument(text, file);
  const { objectives } = (document.value ?? {}) as { readonly objectives?: unknown };
  const lines = new Map<string, number>();
  if (!Array.isArray(objectives)) return lines;
  for (const [i, objective] of objectives.entries()) {
    const line = document.place(['objectives', i], 'value')?.line;
    if (typeof objective === 'string' && line != null) lines.set(objective, line);
  }
  return lines;
}
