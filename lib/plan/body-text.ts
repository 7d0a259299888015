import type { Body, BodyPart } from './plan.js';
import { formText } from './read-body.js';
import { cut, hasReference } from './references.js';
import { hasTemplate } from './template-scan.js';
import { shownField, shownJson, shownText } from './without-credentials.js';
import { flow, scalar } from './yaml-text.js';

export interface BodyText {
  /** The line of the plan that says it. */
  readonly line: string;
  /** What reading this line adds where no content-type is given. */
  readonly contentType: string | null;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** A body as a plan file says it; of files their names and sizes. */
export function bodyText(body: Body, contentType: string | null): BodyText {
  const { encoding, data, parts } = body;
  if (parts) {
    const bytes = parts.reduce((sum, part) => sum + fileBytes(part.body), 0);
    const remark = bytes > 0 ? ` # ${bytes} bytes of files` : '';
    return { line: `multipart: ${flow(partsOf(parts))}${remark}`, contentType: null };
  }
  if (encoding === 'base64') return { line: fileLine(body), contentType: null };
  if (isJson(body, contentType)) {
    return { line: `json: ${flow(shownJson(JSON.parse(data)))}`, contentType: JSON_TYPE };
  }
  const fields = fieldsOf(body, contentType);
  if (fields) return { line: `form: ${flow(shownFields(fields))}`, contentType: FORM_TYPE };
  return { line: `body: ${scalar(shownText(data))}`, contentType: null };
}

function fileLine(body: Body): string {
  const size = `# ${fileBytes(body)} bytes`;
  const file = body.input?.file ?? body.file;
  return file === undefined ? `body: ${size} of a file` : `bodyFile: ${scalar(file)} ${size}`;
}

function fileBytes({ encoding, data, input }: Body): number {
  if (input) return input.bytes;
  return encoding === 'base64' ? Buffer.byteLength(data, 'base64') : 0;
}

/** Whether `json` says it, byte for byte: of text that is to be filled in, it alone does. */
function isJson({ data, escape: language }: Body, contentType: string | null): boolean {
  const mayBe =
    language === undefined ? isPlain(data) && contentType === JSON_TYPE : language === 'json';
  if (!mayBe) return false;
  try {
    const value: unknown = JSON.parse(data);
    return isWritten(value, DEEPEST) && JSON.stringify(value) === data;
  } catch {
    return false;
  }
}

/** Where something is put in, what may be depends on the field that it stands in. */
const isPlain = (data: string) => !hasTemplate(data) && !hasReference(data);

/** What lies deeper is no JSON for people. */
const DEEPEST = 1_000;

/** A plan file may say so. */
function isWritten(value: unknown, levels: number): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0 || Object.hasOwn(value, '__proto__')) return false;
  return Object.values(value).every((one) => isWritten(one, levels - 1));
}

type Fields = Readonly<Record<string, readonly string[]>>;

/** null: `form` does not say it byte for byte. */
function fieldsOf(body: Body, contentType: string | null): Fields | null {
  const { data, escape: language } = body;
  if (language !== 'form' && (!isPlain(data) || contentType !== FORM_TYPE)) return null;
  const fields = new Map<string, string[]>();
  // What is between braces may hold what fields are told apart by.
  const holes: string[] = [];
  const marked = cut(data)
    .map(({ hole, text }) => (hole ? `\0${holes.push(text) - 1}\0` : text))
    .join('');
  try {
    for (const field of marked.split('&')) {
      const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(field) ?? [];
      const [key, one] = [decoded(name), decoded(value)];
      fields.set(key, [...(fields.get(key) ?? []), one]);
    }
  } catch {
    return null;
  }
  const found = Object.fromEntries(fields);
  return !fields.has('') && !fields.has('__proto__') && formText(written(found)) === data
    ? found
    : null;

  function decoded(text: string): string {
    return text
      .split('\0')
      .map((part, i) =>
        i % 2 === 0 ? decodeURIComponent(part.replaceAll('+', ' ')) : holes[+part],
      )
      .join('');
  }
}

function shownFields(fields: Fields): Record<string, string | string[]> {
  const shown = Object.entries(fields).map(([name, values]): [string, string[]] => [
    name,
    values.map((value) => shownField(name, value)),
  ]);
  return written(Object.fromEntries(shown));
}

/** What is sent more than once stands in a list. */
export function written<T>(
  fields: Readonly<Record<string, readonly T[]>>,
): Record<string, T | T[]> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, values]) => [
      name,
      values.length === 1 ? values[0]! : [...values],
    ]),
  );
}

function partsOf(parts: readonly BodyPart[]): object {
  const fields: Record<string, unknown[]> = Object.create(null);
  for (const part of parts) {
    fields[part.name] ??= [];
    fields[part.name]!.push(partOf(part));
  }
  return written(fields);
}

function partOf({ name, fileName, contentType, body }: BodyPart): string | object {
  const type = contentType === null ? {} : { type: contentType };
  if (body.encoding === 'utf8') {
    const text = shownField(name, body.data);
    if (fileName === null && contentType === null) return text;
    return { text, ...(fileName === null ? {} : { name: fileName }), ...type };
  }
  const file = body.input?.file ?? body.file ?? fileName ?? '';
  return {
    file,
    ...(fileName === null || fileName === file ? {} : { name: fileName }),
    ...(contentType === 'application/octet-stream' ? {} : type),
  };
}
