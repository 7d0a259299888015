import { element, px } from './markup.js';

/** Outlines about 0, 0 that can be told apart at eight pixels, filled. */
const SHAPES: readonly (readonly (readonly [number, number])[])[] = [
  polygon(12, 3.9, 0),
  [
    [-3.4, -3.4],
    [3.4, -3.4],
    [3.4, 3.4],
    [-3.4, 3.4],
  ],
  [
    [0, -4.6],
    [4.6, 3.6],
    [-4.6, 3.6],
  ],
  polygon(4, 5, 0),
  [
    [0, 4.6],
    [4.6, -3.6],
    [-4.6, -3.6],
  ],
  [
    [-5.2, -1.9],
    [5.2, -1.9],
    [5.2, 1.9],
    [-5.2, 1.9],
  ],
  cross(),
  [
    [-1.9, -5.2],
    [1.9, -5.2],
    [1.9, 5.2],
    [-1.9, 5.2],
  ],
];

/** The sign of the nth series. */
export function curveSign(n: number, x: number, y: number): string {
  const points = SHAPES[n % SHAPES.length]!;
  const d = points
    .map(([dx, dy], i) => `${i === 0 ? 'M' : 'L'}${px(x + dx)} ${px(y + dy)}`)
    .join('');
  return element('path', { class: 'sign', d: `${d}z` });
}

function polygon(corners: number, radius: number, turn: number): [number, number][] {
  return Array.from({ length: corners }, (_, i) => {
    const angle = turn + (i / corners) * 2 * Math.PI;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

function cross(): [number, number][] {
  const [inner, outer] = [1.5, 4.4];
  return [
    ...([
      [-outer, -inner],
      [-inner, -inner],
      [-inner, -outer],
      [inner, -outer],
    ] as [number, number][]),
    ...([
      [inner, -inner],
      [outer, -inner],
      [outer, inner],
      [inner, inner],
    ] as [number, number][]),
    ...([
      [inner, outer],
      [-inner, outer],
      [-inner, inner],
      [-outer, inner],
    ] as [number, number][]),
  ];
}
