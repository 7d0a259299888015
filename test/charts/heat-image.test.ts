import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type HeatCells, heatImage } from '../../lib/charts/heat-image.js';
import { ramp } from '../../lib/charts/palette.js';
import { stored } from './sample-charts.js';

interface Png {
  readonly width: number;
  readonly height: number;
  readonly palette: Buffer;
  readonly alpha: Buffer;
  /** Indexes into the palette, row by row from the top. */
  readonly rows: readonly (readonly number[])[];
}

/** Reads what the encoder may write, and checks every sum. */
function decoded(address: string): Png {
  const png = Buffer.from(address.replace('data:image/png;base64,', ''), 'base64');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(png.subarray(at + 4, at + 8 + length)));
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect([...header.subarray(8)]).toEqual([8, 3, 0, 0, 0]);
  const raw = inflateSync(chunks.get('IDAT')!);
  expect(raw.length).toBe(height * (width + 1));
  const rows: number[][] = [];
  for (let y = 0; y < height; y++) {
    const line = [...raw.subarray(y * (width + 1), (y + 1) * (width + 1))];
    const filter = line.shift();
    rows.push(filter === 2 ? line.map((value, x) => (value + rows[y - 1]![x]!) & 255) : line);
  }
  return { width, height, palette: chunks.get('PLTE')!, alpha: chunks.get('tRNS')!, rows };
}

const CELLS: HeatCells = {
  edges: [1, 10, 100],
  columns: [
    [10, 0],
    [5, 5],
    [0, 0],
    [999, 1],
  ],
};

test('a column of the picture shows its bands, the slowest on top, none where nothing is', () => {
  const { width, height, rows } = decoded(heatImage(CELLS, deflateSync).light);
  expect([width, height]).toEqual([4, 8]);
  const [top, bottom] = [rows[0]!, rows.at(-1)!];
  expect(bottom[0]).toBe(15);
  expect(top[0]).toBe(0);
  expect(top[1]).toBe(bottom[1]);
  expect([top[2], bottom[2]]).toEqual([0, 0]);
  // One in a thousand is the least that has a colour.
  expect(top[3]).toBe(1);
  expect(rows.slice(0, 4).every((row) => String(row) === String(top))).toBe(true);
  expect(rows.slice(4).every((row) => String(row) === String(bottom))).toBe(true);
});

test('bands of unequal height lie where their edges are', () => {
  const cells: HeatCells = { edges: [1, 1, 10, 1000], columns: [[0, 4, 4]] };
  const rows = decoded(heatImage({ ...cells, columns: [[0, 4, 0]] }, deflateSync).light).rows;
  expect(rows.map(([value]) => (value! > 0 ? 1 : 0)).join('')).toBe('000000001111');
});

test('light and dark are the same cells in other colours, and the first colour is seen through', () => {
  const image = heatImage(CELLS, stored);
  const [light, dark] = [decoded(image.light), decoded(image.dark)];
  expect(light.rows).toEqual(dark.rows);
  expect(light.palette.equals(dark.palette)).toBe(false);
  expect([...light.alpha]).toEqual([0]);
});

test('more is further from the ground, also in grey', () => {
  const grey = ([red, green, blue]: readonly [number, number, number]) =>
    0.299 * red + 0.587 * green + 0.114 * blue;
  const light = ramp('light', 15).map(grey);
  const dark = ramp('dark', 15).map(grey);
  for (let i = 1; i < 15; i++) {
    expect(light[i]).toBeLessThan(light[i - 1]!);
    expect(dark[i]).toBeGreaterThan(dark[i - 1]!);
  }
});
