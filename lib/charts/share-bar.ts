import { type Hatch, hatched, hatchPatterns } from './hatch.js';
import { element, escaped } from './markup.js';

interface SharePart {
  readonly name: string;
  readonly value: number;
  readonly kind: 'ok' | 'failed' | 'cut' | 'dropped' | 'lost';
}

interface ShareBarOptions {
  readonly width: number;
  readonly height: number;
  readonly id: string;
  /** Its accessible name; empty: decoration beside text that says the same. */
  readonly title: string;
}

const HATCHES: Readonly<Record<SharePart['kind'], Hatch>> = {
  ok: 'plain',
  failed: 'plain',
  cut: 'level',
  dropped: 'rising',
  lost: 'upright',
};
/** What is not nothing can be seen. */
const LEAST = 1.5;

/** One bar of 100 %, in the order of its parts. */
export function shareBar(parts: readonly SharePart[], options: ShareBarOptions): string {
  const { width, height, id, title } = options;
  const shown = parts.filter(({ value }) => value > 0);
  const all = shown.reduce((sum, { value }) => sum + value, 0);
  const room = Math.max(0, width - LEAST * shown.length);
  let x = 0;
  const rects = shown.map((part) => {
    const wide = LEAST + (part.value / all) * room;
    const gap = shown.length > 1 && wide > 3 ? 1 : 0;
    const box = { x, y: 0, width: wide - gap, height };
    x += wide;
    const look = { kind: part.kind, hatch: HATCHES[part.kind] };
    return element(
      'g',
      {},
      element('title', {}, escaped(part.name)),
      hatched(id, look, 'rect', box),
    );
  });
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'chart share-bar',
      ...{ id, width, height },
      ...(title === '' ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': title }),
    },
    title === '' ? '' : element('title', {}, escaped(title)),
    hatchPatterns(
      id,
      shown.map(({ kind }) => HATCHES[kind]),
    ),
    ...rects,
  );
}
