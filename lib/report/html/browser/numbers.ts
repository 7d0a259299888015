/** What the page shows, exactly: rows begin with an index of region, request (or flow) and stage. */
export interface Numbers {
  readonly run: object;
  readonly verdict: object;
  readonly columns: readonly string[];
  readonly slices: readonly (readonly (number | null)[])[];
  readonly seriesColumns: readonly string[];
  readonly series: readonly (readonly (number | null)[])[];
}

export async function readNumbers(): Promise<Numbers> {
  const text = document.getElementById('numbers')?.textContent ?? '';
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return (await new Response(inflated).json()) as Numbers;
}
