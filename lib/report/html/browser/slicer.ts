import { mark } from './address.js';
import { button, element } from './elements.js';
import { parsed } from './lazy.js';
import type { Names } from './names.js';
import { prepareTable } from './tables.js';

const DIMENSIONS = ['region', 'request', 'stage'] as const;
type Dimension = (typeof DIMENSIONS)[number];
const TITLES: Readonly<Record<Dimension, string>> = {
  region: 'Regions',
  request: 'Requests',
  stage: 'Stages',
};

export interface Slicer {
  /** Shows the row with this address; false when it has none. */
  readonly show: (id: string) => boolean;
}

/** Index of region, request and stage; null: all of them. */
type Key = readonly (number | null)[];

/** One table in place of many: what its rows are, and which part of the result, is chosen. */
export function startSlicer(all: Names): Slicer | null {
  const cuts = document.getElementById('cuts');
  const place = document.getElementById('slicer');
  const model = cuts?.querySelector('table');
  if (!cuts || !place || !model) return null;
  const store = new RowStore(cuts, all);
  const names: Readonly<Record<Dimension, readonly string[]>> = {
    region: all.regions,
    request: all.requests,
    stage: all.stages,
  };
  let rows: Dimension = names.region.length > 1 ? 'region' : 'request';
  const choice = element('select', { id: 'slicer-of' });
  const filter = element('input', { type: 'search', id: 'slicer-filter', placeholder: 'Filter' });
  filter.setAttribute('aria-label', 'Show only rows whose name contains this');
  const holder = element('div');
  const buttons = DIMENSIONS.map((one) => {
    const made = button(TITLES[one], () => {
      rows = one;
      offer();
      draw();
    });
    return [one, made] as const;
  });
  place.append(
    element(
      'div',
      { className: 'choices' },
      group('Rows', ...buttons.map(([, made]) => made)),
      element('label', { htmlFor: choice.id, textContent: 'of' }),
      choice,
      filter,
    ),
    holder,
  );
  choice.addEventListener('change', draw);
  filter.addEventListener('input', sift);
  place.hidden = false;
  cuts.classList.add('paper');
  offer();
  const start = names.stage.length > 1 && all.headline >= 0 ? `stage ${all.headline}` : '';
  choice.value = start;
  draw();
  return { show };

  function offer(): void {
    const before = choice.value;
    choice.replaceChildren(element('option', { value: '', textContent: 'all measured time' }));
    for (const dimension of DIMENSIONS) {
      if (dimension === rows) continue;
      const options = names[dimension].map((name, i) =>
        element('option', { value: `${dimension} ${i}`, textContent: name }),
      );
      choice.append(element('optgroup', { label: TITLES[dimension] }, ...options));
    }
    const there = [...choice.options].some(({ value }) => value === before);
    choice.value = there ? before : '';
  }

  function scope(): Key {
    const [dimension, index] = choice.value.split(' ');
    return DIMENSIONS.map((one) => (one === dimension ? Number(index) : null));
  }

  function draw(): void {
    for (const [one, made] of buttons) made.setAttribute('aria-pressed', String(one === rows));
    const at = DIMENSIONS.indexOf(rows);
    const of = scope();
    const found = names[rows].flatMap((_, i) => store.row(of.with(at, i), rows) ?? []);
    const table = model!.cloneNode(false) as HTMLTableElement;
    table.classList.remove('ready');
    const head = model!.tHead!.cloneNode(true) as HTMLTableSectionElement;
    const heading = head.rows[head.rows.length - 1]?.cells[0];
    if (heading) heading.textContent = TITLES[rows].slice(0, -1);
    const body = element('tbody');
    body.append(...found);
    const foot = store.foot(of);
    const caption = `${TITLES[rows]} of ${choice.selectedOptions[0]?.textContent ?? ''}`;
    table.append(element('caption', { textContent: caption }), head, body);
    if (foot) table.append(element('tfoot', {}, foot));
    const frame = element('div', { className: 'frame', tabIndex: 0 }, table);
    frame.setAttribute('role', 'region');
    frame.setAttribute('aria-label', caption);
    holder.replaceChildren(frame);
    prepareTable(table);
    filter.hidden = found.length < 12;
    sift();
  }

  function sift(): void {
    const wanted = filter.hidden ? '' : filter.value.toLowerCase();
    for (const row of holder.querySelectorAll<HTMLTableRowElement>('tbody tr')) {
      row.hidden = !(row.cells[0]?.textContent ?? '').toLowerCase().includes(wanted);
    }
  }

  function show(id: string): boolean {
    const key = store.keyOf(id);
    if (key === null) return false;
    const given = DIMENSIONS.filter((_, i) => key[i] !== null);
    // Of a pair the one that is told first has the rows, but regions hold requests.
    const [first, second] = given[1] === 'request' ? [given[1], given[0]] : given;
    rows = first ?? 'region';
    filter.value = '';
    offer();
    choice.value = second === undefined ? '' : `${second} ${key[DIMENSIONS.indexOf(second)]}`;
    draw();
    const row = document.getElementById(id);
    if (row) mark(row);
    return row !== null;
  }
}

function group(name: string, ...children: Node[]): HTMLElement {
  const made = element('div', { className: 'segments' }, ...children);
  made.setAttribute('role', 'group');
  made.setAttribute('aria-label', name);
  return made;
}

function addressOf({ dataset }: HTMLTableRowElement): string {
  return dataset.address ?? '';
}

/** Every row that the page came with, found by what it is about. */
class RowStore {
  readonly #cuts: Element;
  readonly #names: Names;
  readonly #rows = new Map<string, HTMLTableRowElement>();
  readonly #regionHeads = new Map<string, Element>();
  #whole = false;

  constructor(cuts: Element, names: Names) {
    this.#cuts = cuts;
    this.#names = names;
    this.#take(cuts);
  }

  row(key: Key, rows: Dimension): HTMLTableRowElement | null {
    const found = this.#find(key);
    if (!found) return null;
    const row = found.cloneNode(true) as HTMLTableRowElement;
    row.id = addressOf(found);
    const head = row.cells[0];
    const index = key[DIMENSIONS.indexOf(rows)] ?? 0;
    const names = { region: 'regions', request: 'requests', stage: 'stages' } as const;
    const region = rows === 'region' ? this.#regionHeads.get(String(index)) : undefined;
    if (region) head?.replaceChildren(...region.cloneNode(true).childNodes);
    else head?.replaceChildren(this.#names[names[rows]][index] ?? '');
    return row;
  }

  foot(key: Key): HTMLTableRowElement | null {
    const found = this.#find(key);
    if (!found) return null;
    const row = found.cloneNode(true) as HTMLTableRowElement;
    row.cells[0]?.replaceChildren('Together');
    return row;
  }

  keyOf(id: string): Key | null {
    if (!/^slice-\d+$/.test(id)) return null;
    this.#takeAll();
    const row = [...this.#rows.values()].find((one) => addressOf(one) === id);
    if (!row) return null;
    return (row.dataset.cut ?? '').split('.').map((part) => (part === '' ? null : Number(part)));
  }

  #find(key: Key): HTMLTableRowElement | undefined {
    const text = key.map((part) => part ?? '').join('.');
    if (!this.#rows.has(text)) this.#takeAll();
    return this.#rows.get(text);
  }

  #takeAll(): void {
    if (this.#whole) return;
    this.#whole = true;
    for (const noscript of this.#cuts.querySelectorAll('noscript')) this.#take(parsed(noscript));
  }

  #take(within: ParentNode): void {
    for (const row of within.querySelectorAll<HTMLTableRowElement>('tr[data-cut]')) {
      const { cut = '' } = row.dataset;
      // A row of a body has an address, one of a foot has none. It goes to the row that is shown.
      if (row.id !== '') row.dataset.address = row.id;
      row.removeAttribute('id');
      if (!this.#rows.has(cut) || addressOf(row) !== '') this.#rows.set(cut, row);
      const head = row.cells[0];
      if (head?.querySelector('.faint') && /^\d+\.\./.test(cut) && addressOf(row) !== '') {
        this.#regionHeads.set(cut.split('.')[0] ?? '', head);
      }
    }
  }
}
