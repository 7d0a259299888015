import { type Box, boxOf, type TextLabel, type TextStyle } from '../../lib/charts/text-label.js';

/** What a test reads out of a chart, strictly: what a browser would forgive is refused. */
export interface DrawnChart {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly { readonly text: string; readonly box: Box }[];
  readonly ids: readonly string[];
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly elements: ReadonlySet<string>;
}

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  text: string;
}

const TOKEN = /<(\/?)([a-zA-Z]+)((?: [a-zA-Z][\w:-]*="[^"<>]*")*)(\/?)>|([^<>]+)/y;
const ENTITY = /&(amp|lt|gt|quot|#39);/g;
const CHARACTERS: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
};

export function drawnChart(svg: string): DrawnChart {
  const open: Element[] = [];
  const all: Element[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < svg.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(svg);
    if (token === null) throw new Error(`not well-formed at ${at}: ${svg.slice(at, at + 80)}`);
    const [, closes, name, attributes, empty, text] = token;
    if (text !== undefined) {
      if (open.length === 0) throw new Error(`text outside: ${text}`);
      open.at(-1)!.text += plainText(text);
    } else if (closes === '/') {
      const last = open.pop();
      if (last?.name !== name) throw new Error(`</${name}> closes <${last?.name}>`);
    } else {
      const element = { name: name!, attributes: read(attributes!), text: '' };
      all.push(element);
      if (empty === '') open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`<${open[0]!.name}> is not closed`);
  const root = all[0]!.attributes;
  return {
    width: Number(root.get('width')),
    height: Number(root.get('height')),
    texts: all
      .filter(({ name }) => name === 'text')
      .map((element) => ({ text: element.text, box: boxOf(labelOf(element)) })),
    ids: all.flatMap(({ attributes }) => attributes.get('id') ?? []),
    attributes: all.flatMap(({ attributes }) => [...attributes]),
    elements: new Set(all.map(({ name }) => name)),
  };
}

function read(attributes: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, value] of attributes.matchAll(/ ([a-zA-Z-:]+)="([^"]*)"/g)) {
    if (found.has(name!)) throw new Error(`twice the same attribute: ${name}`);
    found.set(name!, plainText(value!));
  }
  return found;
}

function plainText(text: string): string {
  const plain = text.replace(ENTITY, (_, name: string) => CHARACTERS[name]!);
  if (/&/.test(text.replace(ENTITY, ''))) throw new Error(`a bare & in ${text}`);
  return plain;
}

function labelOf({ attributes, text }: Element): TextLabel {
  const style = /\bt-(\w+)/.exec(attributes.get('class') ?? '')?.[1];
  if (style === undefined) throw new Error(`a text without a style: ${text}`);
  const anchor = attributes.get('text-anchor') as TextLabel['anchor'];
  return {
    text,
    x: Number(attributes.get('x')),
    y: Number(attributes.get('y')),
    style: style as TextStyle,
    ...(anchor === undefined ? {} : { anchor }),
  };
}
