/**
 * Every colour of the charts, for a light and a dark ground. Charts themselves name none: they name
 * classes, and the style sheet is made from this.
 */

/** Colour-blind safe (Okabe and Ito), darkened for white; no line is told by its colour alone. */
export const SERIES: readonly Tones[] = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#ff9350'],
  ['#008060', '#2fc79a'],
  ['#b0568a', '#f29ac8'],
  ['#8a6d00', '#e6c229'],
  ['#3a8fc7', '#9fd0ff'],
  ['#6b4fa0', '#b9a0f0'],
  ['#333a42', '#d5dce3'],
];

type Tones = readonly [light: string, dark: string];

/** From little to much: each a shade further from the ground, in grey too. */
const RAMPS: readonly [light: readonly string[], dark: readonly string[]] = [
  ['#d8e5f2', '#a9c8e6', '#6fa1d2', '#3a76b6', '#1b5092', '#0b2f62'],
  ['#26365c', '#46536f', '#6d7078', '#97907a', '#c9b75f', '#fde945'],
];

/** Steps of the map's dots. */
export const STEPS = 6;

/** Each step, and the ink that can be read on it. */
export const SEQUENCE: readonly { readonly fill: Tones; readonly ink: Tones }[] = Array.from(
  { length: STEPS },
  (_, i) => ({
    fill: [RAMPS[0][i]!, RAMPS[1][i]!],
    ink: [i < 3 ? '#10151b' : '#ffffff', i < 3 ? '#ffffff' : '#10151b'],
  }),
);

export type Rgb = readonly [red: number, green: number, blue: number];

/** The ramp in `steps` colours. */
export function ramp(theme: 'light' | 'dark', steps: number): Rgb[] {
  const stops = RAMPS[theme === 'light' ? 0 : 1].map(rgb);
  return Array.from({ length: steps }, (_, i) => {
    const at = steps === 1 ? 0 : (i / (steps - 1)) * (stops.length - 1);
    const from = stops[Math.floor(at)]!;
    const to = stops[Math.ceil(at)]!;
    const mixed = from.map((value, j) => Math.round(value + (to[j]! - value) * (at % 1)));
    return [mixed[0]!, mixed[1]!, mixed[2]!];
  });
}

function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** What is not data, and the parts of bars. */
export const TONES: Readonly<Record<string, Tones>> = {
  ink: ['#1a2027', '#e6ebf0'],
  faint: ['#5a6470', '#a3adb8'],
  grid: ['#e3e7eb', '#2b333d'],
  edge: ['#8b949e', '#6b7580'],
  ground: ['#ffffff', '#161b22'],
  land: ['#e4e7ea', '#2a323c'],
  grey: ['#b4bac1', '#56606b'],
  accent: ['#b3261e', '#ff7b6b'],
  good: ['#00704f', '#3fd0a0'],
  shade: ['#f0f2f4', '#1f262f'],
  lag: ['#8c1d18', '#ff7b6b'],
  blocked: ['#f0a878', '#b5651d'],
  setup: ['#7a5f00', '#e6c229'],
  distance: ['#86b0d9', '#3b6ea5'],
  processing: ['#b34a00', '#ff9350'],
  firstByte: ['#6b4fa0', '#b9a0f0'],
  body: ['#9fd3c0', '#1f7a5c'],
  ok: ['#a9d5c4', '#1f6b52'],
  failed: ['#a3211a', '#ff7b6b'],
  cut: ['#c9a24a', '#8a6d1a'],
  dropped: ['#e39a6b', '#b5651d'],
  lost: ['#6b7580', '#a3adb8'],
  p50: ['#5b8fc4', '#7fa9d6'],
  p99: ['#0b2f62', '#fde945'],
};
