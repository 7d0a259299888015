import {
  FORMATS,
  type Format,
  OPERATIONS,
  type Operation,
} from '../../../lib/report/html/trace.js';
import { emulatedInShort, emulationLines } from '../../../lib/report/render/emulation-text.js';
import { plain } from '../../../lib/report/render/plain.js';
import { inShort } from '../../../lib/report/render/verdict-text.js';
import { PERCENTILE_KEYS, type Report } from '../../../lib/report/report-schema.js';
import { ancestor, elementsOf, type PageElement, textOf } from '../../support/page-tree.js';

/** A figure of the page, and where in report.json it says that it is from. */
export interface Figure {
  readonly element: PageElement;
  readonly text: string;
  readonly pointers: readonly string[];
  readonly as: string;
  readonly op: string | null;
}

/** Every element and every cell of a table that names its source. */
export function figuresOf(page: PageElement): Figure[] {
  const figures: Figure[] = [];
  for (const element of elementsOf(page)) {
    const from = element.attributes.get('data-from');
    if (from !== undefined) {
      figures.push({
        element,
        text: textOf(element),
        pointers: from.split(' ').flatMap(expanded),
        as: element.attributes.get('data-as') ?? '',
        op: element.attributes.get('data-op') ?? null,
      });
    }
    if (element.name === 'table') figures.push(...cellsOf(element));
  }
  return figures;
}

/** `/errors/{0,2}/count` are two places. */
function expanded(pointer: string): string[] {
  const [whole, before = '', indexes = '', after = ''] =
    /^(.*)\{([\d,]+)\}(.*)$/.exec(pointer) ?? [];
  if (whole === undefined) return [pointer];
  return indexes.split(',').map((index) => `${before}${index}${after}`);
}

function cellsOf(table: PageElement): Figure[] {
  const rows = [...elementsOf(table)].filter(({ name }) => name === 'tr');
  const head = rows.filter((row) => row.parent?.name === 'thead').at(-1);
  const columns = (head?.children ?? []).map((cell) => (typeof cell === 'string' ? null : cell));
  const list = table.attributes.get('data-list');
  const body = rows.filter((row) => row.parent?.name !== 'thead');
  return body.flatMap((row, i) => {
    const at = row.attributes.get('data-at') ?? (list === undefined ? null : `${list}/${i}`);
    return row.children.flatMap((cell, j): Figure[] => {
      const column = columns[j];
      const of = column?.attributes.get('data-of');
      if (typeof cell === 'string' || of === undefined || at === null) return [];
      // Below the sums, what is known only of some columns leaves the others empty.
      if (cell.children.length === 0 && row.parent?.name === 'tfoot') return [];
      return [
        {
          element: cell,
          text: textOf(cell).trim(),
          pointers: of.split(' ').map((path) => `${at}/${path}`),
          as: column?.attributes.get('data-as') ?? '',
          op: column?.attributes.get('data-op') ?? null,
        },
      ];
    });
  });
}

/** What report.json has at a JSON pointer. Written apart from what the page is made with. */
export function valueAt(report: Report, pointer: string): unknown {
  let value: unknown = report;
  for (const key of pointer.split('/').slice(1)) {
    if (value === null) return null;
    if (typeof value !== 'object' || !(key in value)) throw new Error(`no ${pointer}`);
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** What a figure must say, by what report.json has there. */
function expectedText(report: Report, { pointers, as, op }: Figure): string {
  const values = pointers.map((pointer) => valueAt(report, pointer));
  if (op !== null) {
    const numbers = values.map((value) => (Array.isArray(value) ? value.length : value));
    const result = OPERATIONS[op as Operation](numbers as (number | null)[]);
    return result !== null && Number.isFinite(result) ? FORMATS[as as Format](result) : '–';
  }
  const [value] = values;
  const [, distribution = '', key = ''] = /^(.*)\/([^/]+)$/.exec(pointers[0] ?? '') ?? [];
  if ((PERCENTILE_KEYS as readonly string[]).includes(key)) {
    const { masked } = (valueAt(report, distribution) ?? {}) as { masked?: readonly string[] };
    if (masked?.includes(key)) return 'errors';
  }
  return value === null ? '–' : FORMATS[as as Format](value);
}

/** Sentences that other formats say as well, and parts of what stands in report.json. */
const SAYINGS: Readonly<Record<string, (report: Report, figure: Figure) => boolean>> = {
  part: (report, { pointers, text }) =>
    plain(String(valueAt(report, pointers[0] ?? ''))).includes(plain(text)),
  short: (report, { text }) => text === inShort(report),
  emulated: (report, { text }) => text === emulatedInShort(report),
  'emulated in full': (report, { text }) => text === emulationLines(report).join('; '),
};

export function isTrue(report: Report, figure: Figure): boolean {
  const saying = SAYINGS[figure.as];
  return saying ? saying(report, figure) : figure.text === expectedText(report, figure);
}

export function sectionOf(element: PageElement): string {
  return ancestor(element, ({ name }) => name === 'section')?.attributes.get('id') ?? '';
}
