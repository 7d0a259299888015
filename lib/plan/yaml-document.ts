import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { type Diagnostic, type Place, PlanError } from './diagnostics.js';
import type { Path, Places, Span } from './places.js';
import { quoted, syntaxDiagnostics } from './yaml-syntax.js';

const MOST_ALIASES = 100;

/** The text of a plan as YAML (or JSON, which is YAML): its values, and where each one stands. */
export class YamlDocument implements Places {
  readonly title: string;
  /** Plain data, nothing shared between two places. */
  readonly value: unknown;
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /** Throws a PlanError with every mistake of syntax. */
  constructor(text: string, file: string) {
    this.title = file;
    this.#text = text;
    try {
      this.#document = parseDocument(text, {
        lineCounter: this.#lines,
        prettyErrors: false,
        strict: true,
        uniqueKeys: true,
        logLevel: 'error',
      });
      this.#refuse(syntaxDiagnostics(this.#document, text, (start, end) => this.at(start, end)));
      this.#refuse(this.#strangeKeys());
      this.value = unshared(this.#document.toJS({ maxAliasCount: MOST_ALIASES }), []);
    } catch (error) {
      if (error instanceof PlanError) throw error;
      throw new PlanError([this.#unreadable(error)], file);
    }
  }

  place(path: Path, part: 'key' | 'value', span?: Span): Place | null {
    const { node, key } = this.#find(path);
    if (span && isScalar(node) && node.range) {
      const [start] = node.range;
      const base = start + (node.type === 'PLAIN' ? 0 : 1);
      const value = String(node.value).slice(span.start, span.start + span.length);
      const from = base + span.start;
      // Escapes and folded lines move the text about: then the whole value is shown.
      if (this.#text.startsWith(value, from) && !this.#text.slice(start, from).includes('\n')) {
        return this.at(from, from + Math.max(1, span.length));
      }
    }
    const shown = part === 'key' ? (key ?? node) : (node ?? key);
    return this.#placeOf(shown ?? this.#document.contents);
  }

  flag(): null {
    return null;
  }

  written(path: Path): string | null {
    const { node } = this.#find(path);
    return isScalar(node) ? (node.source ?? null) : null;
  }

  holds(path: Path): boolean {
    return this.#find(path).exact;
  }

  /** The place of a stretch of the file, cut at the end of its first line. */
  at(start: number, end: number): Place {
    const { line, col } = this.#lines.linePos(start);
    const lineStart = start - (col - 1);
    const lineEnd = this.#text.slice(lineStart).search(/\r?\n|$/) + lineStart;
    return {
      where: `${this.title}:${line}:${col}`,
      line,
      text: this.#text.slice(lineStart, lineEnd),
      start: col - 1,
      length: Math.max(1, Math.min(end, lineEnd) - start),
      order: start,
    };
  }

  /** The node at a path, or the nearest one above it that exists. */
  #find(path: Path): { node: Node | null; key: Node | null; exact: boolean } {
    let node = this.#resolve(this.#document.contents);
    let key: Node | null = null;
    for (const segment of path) {
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isScalar(item.key) && String(item.key.value) === String(segment),
        ) as Pair<Node, Node | null> | undefined;
        if (!pair) return { node, key, exact: false };
        key = pair.key;
        node = this.#resolve(pair.value);
      } else if (isSeq(node) && node.items[Number(segment)]) {
        key = null;
        node = this.#resolve(node.items[Number(segment)] as Node);
      } else return { node, key, exact: false };
    }
    return { node, key, exact: true };
  }

  #resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? node) : node;
  }

  #placeOf(node: Node | null): Place | null {
    if (!node?.range) return null;
    const [start, end] = node.range;
    // A block of many lines is shown by its first field.
    if (isMap(node) && !node.flow) {
      const first = node.items[0]?.key as Node | undefined;
      if (first?.range) return this.at(first.range[0], first.range[1]);
    }
    return this.at(start, end);
  }

  /** Maps as keys, among them what YAML makes of `{{ x }}` without quotes. */
  #strangeKeys(): Diagnostic[] {
    const found: Diagnostic[] = [];
    visit(this.#document, {
      Pair: (_, pair) => {
        const key = pair.key as Node | null;
        if (!isCollection(key) || !key.range) return;
        // The outer brace of `{{` stands before the key.
        const braces = isMap(key) && this.#text[key.range[0] - 1] === '{';
        const place = this.at(key.range[0] - (braces ? 1 : 0), key.range[1] + (braces ? 1 : 0));
        found.push(
          quoted(place) ?? { message: 'the name of a field must be text', place, helps: [] },
        );
        return visit.SKIP;
      },
    });
    return found;
  }

  #unreadable(error: unknown): Diagnostic {
    const message = (error as Error).message;
    if (error instanceof RangeError) {
      return { message: 'this is nested too deeply', place: null, helps: [] };
    }
    if (/alias count/.test(message)) {
      return { message: `a plan may use at most ${MOST_ALIASES} aliases`, place: null, helps: [] };
    }
    const name = /\): (.+)$/.exec(message)?.[1];
    let place: Place | null = null;
    visit(this.#document, {
      Alias: (_, alias) => {
        if (place || !alias.range || (name && alias.source !== name)) return;
        place = this.at(alias.range[0], alias.range[1]);
      },
    });
    return { message: 'an alias must stand after its anchor, and outside of it', place, helps: [] };
  }

  #refuse(diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length > 0) throw new PlanError(diagnostics, this.title);
  }
}

/** A copy in which aliases have become values of their own; throws where one holds itself. */
function unshared(value: unknown, above: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) throw new Error('an alias stands inside its own anchor');
  const inside = [...above, value];
  if (Array.isArray(value)) return value.map((item) => unshared(item, inside));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, unshared(one, inside)]),
  );
}
