import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync, inflateSync } from 'node:zlib';

/** A piece of a secret so long is no accident. */
const PIECE = 8;

export function filesIn(root: string): string[] {
  const names = readdirSync(root, { recursive: true, withFileTypes: true });
  return names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

/** The bytes as they are, and whatever is compressed within them. */
export function* unpacked(bytes: Buffer): Generator<string> {
  yield bytes.toString('latin1');
  const whatIsThere = { finishFlush: constants.Z_SYNC_FLUSH };
  for (let i = 0; i + 2 < bytes.length; i++) {
    const unpack =
      bytes[i] === 0x78 ? inflateSync : bytes.readUInt16BE(i) === 0x1f8b ? gunzipSync : null;
    if (!unpack) continue;
    try {
      yield unpack(bytes.subarray(i), whatIsThere).toString('latin1');
    } catch {
      // It only looked like it.
    }
  }
}

/** Where a piece of any secret stands, as it is or encoded. */
export function traces(all: ReadonlyMap<string, string>, values: readonly string[]): string[] {
  const pieces = values.flatMap((value) => [
    ...Array.from({ length: value.length - PIECE + 1 }, (_, i) => value.slice(i, i + PIECE)),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
  ]);
  return [...all].flatMap(([where, text]) =>
    pieces.filter((piece) => text.includes(piece)).map((piece) => `${where}: ${piece}`),
  );
}
