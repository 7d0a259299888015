import type { Flow } from 'isochrone-bench/flow';

interface Page {
  readonly items: readonly string[];
  /** Where it goes on; null: this is the last one. */
  readonly next: string | null;
}

/** Searches for a word, and turns the pages of what is found until there are no more. */
const search: Flow = async ({ http, data, vars, check, sleep }) => {
  // What a user does once: vars are kept from one iteration to the next.
  if (vars.welcome === undefined) {
    await http.get('/');
    vars.welcome = true;
  }
  const started = await http.post('/searches', { json: { word: data.words?.word } });
  let { next } = started.json() as { next: string | null };
  let found = 0;
  while (next !== null) {
    await sleep('50ms..150ms');
    const page = (await http.get(next, { name: 'page' })).json() as Page;
    found += page.items.length;
    next = page.next;
  }
  check('finds something', found > 0);
};
export default search;
