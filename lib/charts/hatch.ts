import type { KeyEntry } from './chart-key.js';
import { type Attributes, element } from './markup.js';

/** How a part looks beside its colour, so that it can be told in grey. */
export type Hatch = 'plain' | 'rising' | 'falling' | 'level' | 'upright';

const TURNS: Readonly<Record<Exclude<Hatch, 'plain'>, string>> = {
  rising: 'rotate(45)',
  falling: 'rotate(-45)',
  level: 'rotate(90)',
  upright: 'rotate(0)',
};

/** The patterns that `hatched` names, once for each chart. */
export function hatchPatterns(id: string, used: readonly Hatch[]): string {
  const hatches = [...new Set(used)].filter((hatch) => hatch !== 'plain');
  if (hatches.length === 0) return '';
  return element(
    'defs',
    {},
    ...hatches.map((hatch) =>
      element(
        'pattern',
        {
          id: `${id}-${hatch}`,
          width: 5,
          height: 5,
          patternUnits: 'userSpaceOnUse',
          patternTransform: TURNS[hatch],
        },
        element('path', { class: 'hatch', d: 'M2 0v5' }),
      ),
    ),
  );
}

/** A shape of a part: its colour, and over it its hatch. */
export function hatched(
  id: string,
  { kind, hatch }: { readonly kind: string; readonly hatch: Hatch },
  name: 'rect' | 'path',
  shape: Attributes,
): string {
  const coloured = element(name, { class: `part-${kind}`, ...shape });
  return hatch === 'plain'
    ? coloured
    : coloured + element(name, { fill: `url(#${id}-${hatch})`, ...shape });
}

export function hatchKey(
  id: string,
  part: { readonly kind: string; readonly title: string; readonly hatch: Hatch },
): KeyEntry {
  return {
    text: part.title,
    width: 22,
    sign: (x, y) => hatched(id, part, 'rect', { x, y: y - 6, width: 22, height: 12 }),
  };
}
