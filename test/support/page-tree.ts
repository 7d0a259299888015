/** A page read strictly: what a browser would mend is a mistake here. */

export interface PageElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (PageElement | string)[];
  readonly parent: PageElement | null;
}

const VOID = new Set(['meta']);
const RAW = new Set(['script', 'style']);
/** Whose end tags may be left out, and what begins in their place. */
const CLOSED_BY: Readonly<Record<string, readonly string[]>> = {
  td: ['td', 'th', 'tr', 'tbody', 'tfoot'],
  th: ['td', 'th', 'tr', 'tbody', 'tfoot'],
  tr: ['tr', 'tbody', 'tfoot'],
  thead: ['tbody', 'tfoot'],
  tbody: ['tfoot'],
};
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#35;': '#',
  '&#58;': ':',
};

export function parsePage(text: string): PageElement {
  const root: PageElement = { name: '#page', attributes: new Map(), children: [], parent: null };
  let open = root;
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(
      `${what} at ${at}: ${JSON.stringify(text.slice(Math.max(0, at - 60), at + 60))}`,
    );
  };
  const close = () => {
    open = open.parent ?? fail('an end without a beginning');
  };
  while (at < text.length) {
    if (text[at] !== '<') {
      const end = text.indexOf('<', at);
      const piece = text.slice(at, end < 0 ? text.length : end);
      open.children.push(decoded(piece, fail));
      at += piece.length;
      continue;
    }
    const tag = /<!doctype html>|<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*(\/?)>/y;
    tag.lastIndex = at;
    const found = tag.exec(text) ?? fail('no tag');
    at = tag.lastIndex;
    const [, slash, name = '', attributes = '', selfClosing] = found;
    if (name === '') continue;
    if (slash === '/') {
      while (open.name !== name && isOptional(open, name)) close();
      if (open.name !== name) fail(`</${name}> in <${open.name}>`);
      close();
      continue;
    }
    while (CLOSED_BY[open.name]?.includes(name)) close();
    const made: PageElement = {
      name,
      attributes: attributesOf(attributes, fail),
      children: [],
      parent: open,
    };
    open.children.push(made);
    if (RAW.has(name)) {
      const end = text.indexOf(`</${name}>`, at);
      if (end < 0) fail(`<${name}> without an end`);
      made.children.push(text.slice(at, end));
      at = end + name.length + 3;
    } else if (selfClosing !== '/' && !VOID.has(name)) open = made;
  }
  if (open !== root) fail(`<${open.name}> without an end`);
  return root;
}

function isOptional(open: PageElement, closing: string): boolean {
  return (
    (closing === 'table' && CLOSED_BY[open.name] !== undefined) ||
    (closing === 'table' && open.name === 'tfoot')
  );
}

function attributesOf(text: string, fail: (what: string) => never): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, key = '', value = ''] of text.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)) {
    if (found.has(key)) fail(`${key} twice`);
    found.set(key, decoded(value, fail));
  }
  return found;
}

function decoded(text: string, fail: (what: string) => never): string {
  return text.replace(/&(?:[a-z]+|#\d+);|&/g, (entity) => ENTITIES[entity] ?? fail(`"${entity}"`));
}

export function* elementsOf(root: PageElement): Generator<PageElement> {
  for (const child of root.children) {
    if (typeof child === 'string') continue;
    yield child;
    yield* elementsOf(child);
  }
}

export function textOf(element: PageElement): string {
  return element.children
    .map((child) => (typeof child === 'string' ? child : textOf(child)))
    .join('');
}

/** Every text outside of scripts and styles, with the element that it stands in. */
export function* textsOf(
  root: PageElement,
): Generator<readonly [text: string, element: PageElement]> {
  for (const child of root.children) {
    if (typeof child !== 'string') {
      if (!RAW.has(child.name)) yield* textsOf(child);
    } else if (child.trim() !== '') yield [child, root];
  }
}

export function ancestor(
  element: PageElement | null,
  matches: (one: PageElement) => boolean,
): PageElement | null {
  for (let at = element; at !== null; at = at.parent) if (matches(at)) return at;
  return null;
}
