import { type Rgb, ramp } from './palette.js';

/**
 * The heat map's cells as a PNG with a palette: one byte a cell before compression, some thousand
 * in all, where shapes would take a hundred times as many.
 */

/** Columns of time, from left to right, each from the fastest to the slowest. */
export interface HeatCells {
  /** Milliseconds between which the counts lie; one more than there are counts. */
  readonly edges: readonly number[];
  readonly columns: readonly (readonly number[])[];
}

interface HeatImage {
  /** Of the same cells for a light and for a dark ground, as `data:` addresses. */
  readonly light: string;
  readonly dark: string;
}

/** Shares of a column from which on a cell is coloured, and above which it is at its strongest. */
interface HeatRange {
  readonly least: number;
  readonly most: number;
}

const LEVELS = 15;
/** More rows than there are bands, so that bands whose edges were rounded lie where they should. */
const ROWS_A_BAND = 4;
const LEAST = 0.001;

export function heatRange({ columns }: HeatCells): HeatRange {
  let most = 0.01;
  for (const counts of columns) {
    const all = total(counts);
    for (const n of counts) if (all > 0 && n / all > most) most = n / all;
  }
  return { least: LEAST, most };
}

export function heatImage(cells: HeatCells, deflate: (bytes: Uint8Array) => Uint8Array): HeatImage {
  const width = cells.columns.length;
  const height = (cells.edges.length - 1) * ROWS_A_BAND;
  const levels = levelsOf(cells);
  const bands = bandsOf(cells.edges, height);
  // Each row begins with the number of its filter: 0 is none, 2 is what differs from the row above.
  const raw = new Uint8Array(height * (width + 1));
  for (const [row, band] of bands.entries()) {
    const at = row * (width + 1);
    const same = row > 0 && bands[row - 1] === band;
    raw[at] = same ? 2 : 0;
    if (!same && band !== null) {
      for (let x = 0; x < width; x++) raw[at + 1 + x] = levels[x]![band]!;
    }
  }
  const data = deflate(raw);
  const png = (theme: 'light' | 'dark') =>
    `data:image/png;base64,${base64(encoded(width, height, ramp(theme, LEVELS), data))}`;
  return { light: png('light'), dark: png('dark') };
}

/** Of each column's bands: 0 where nothing is, else 1 to LEVELS, by the logarithm of its share. */
function levelsOf(cells: HeatCells): number[][] {
  const { least, most } = heatRange(cells);
  return cells.columns.map((counts) => {
    const all = total(counts);
    return counts.map((n) => {
      if (n <= 0) return 0;
      const share = Math.log(n / all / least) / Math.log(most / least);
      return Math.min(LEVELS, 1 + Math.floor(Math.max(0, share) * LEVELS));
    });
  });
}

/** Which band each row of the image shows, from the slowest down; null: none. */
function bandsOf(edges: readonly number[], height: number): (number | null)[] {
  const low = Math.log(edges[0]!);
  const high = Math.log(edges.at(-1)!);
  return Array.from({ length: height }, (_, row) => {
    const ms = Math.exp(high - ((row + 0.5) / height) * (high - low));
    const band = edges.findIndex((edge, i) => i > 0 && ms < edge) - 1;
    return band < 0 ? null : band;
  });
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, n) => sum + n, 0);
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function encoded(
  width: number,
  height: number,
  colours: readonly Rgb[],
  data: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // Eight bits, palette, and the only compression, filter and order that there are.
  header.set([8, 3, 0, 0, 0], 8);
  return joined([
    Uint8Array.from(SIGNATURE),
    pngChunk('IHDR', header),
    // The first colour is no colour: it is seen through.
    pngChunk('PLTE', Uint8Array.from([0, 0, 0, ...colours.flat()])),
    pngChunk('tRNS', Uint8Array.of(0)),
    pngChunk('IDAT', data),
    pngChunk('IEND', new Uint8Array(0)),
  ]);
}

function pngChunk(name: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(
    [...name].map((letter) => letter.charCodeAt(0)),
    4,
  );
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
