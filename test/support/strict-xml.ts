/** An element of an XML document; what stands between its tags is either elements or text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const NAME = /[A-Za-z_][\w.-]*/y;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};
// XML 1.0, production 2: all else may not even be referred to.
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * As much of XML 1.0 as a document without comments, sections and declarations of its own needs.
 * Whatever is not well formed, or none of it, throws.
 */
export function parseXml(document: string): XmlElement {
  if (FORBIDDEN.test(document)) throw new Error('a character that XML does not allow');
  const reader = new XmlReader(document);
  reader.take('<?xml version="1.0" encoding="UTF-8"?>');
  reader.space();
  const root = reader.element();
  reader.space();
  if (!reader.ended) throw reader.mistake('something behind the root element');
  return root;
}

class XmlReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at === this.#text.length;
  }

  mistake(what: string): Error {
    return new Error(`${what}: ${JSON.stringify(this.#text.slice(this.#at, this.#at + 60))}`);
  }

  take(expected: string): void {
    if (!this.#text.startsWith(expected, this.#at)) throw this.mistake(`no ${expected}`);
    this.#at += expected.length;
  }

  space(): boolean {
    const from = this.#at;
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#at > from;
  }

  element(): XmlElement {
    this.take('<');
    const name = this.#name();
    const attributes: Record<string, string> = {};
    while (this.space() && !this.#sees('/>') && !this.#sees('>')) {
      const key = this.#name();
      if (key in attributes) throw this.mistake(`a second ${key}`);
      this.take('="');
      attributes[key] = this.#characters('"');
      this.take('"');
    }
    if (this.#sees('/>')) {
      this.take('/>');
      return { name, attributes, children: [], text: '' };
    }
    this.take('>');
    const children: XmlElement[] = [];
    let text = '';
    while (!this.#sees('</')) {
      text += this.#characters('<');
      if (!this.#sees('</')) children.push(this.element());
    }
    this.take(`</${name}`);
    this.space();
    this.take('>');
    return { name, attributes, children, text };
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) throw this.mistake('no name');
    this.#at += name.length;
    return name;
  }

  /** Up to a character; it may not be written there in any other way than as an entity. */
  #characters(end: '"' | '<'): string {
    const to = this.#text.indexOf(end, this.#at);
    if (to < 0) throw this.mistake(`no ${end}`);
    const raw = this.#text.slice(this.#at, to);
    if (raw.includes('<') || raw.includes(']]>')) throw this.mistake('markup within text');
    this.#at = to;
    return raw.replace(/&([^;&\s]*);?/g, (reference, entity: string) => {
      const meant = ENTITIES[entity];
      if (meant === undefined || !reference.endsWith(';')) throw this.mistake(reference);
      return meant;
    });
  }
}
