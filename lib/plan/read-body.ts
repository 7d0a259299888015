import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { Body } from './plan.js';
import { aroundReferences } from './references.js';
import type { WrittenRequest } from './request-schema.js';

/** A body, and the content-type that goes with it unless the plan gives one. */
export interface TypedBody {
  readonly body: Body;
  readonly contentType: string | null;
}

const FIELDS = ['json', 'form', 'body', 'bodyFile'] as const;

export function readBody(
  request: WrittenRequest,
  path: Path,
  readFile: (path: string) => Uint8Array,
  mistakes: Mistakes,
): TypedBody | null {
  const [given, second] = FIELDS.filter((field) => request[field] !== undefined);
  if (given && !mistakes.sound([...path, given])) return null;
  if (second) {
    const names = [given!, second].map((field) => mistakes.nameOf([...path, field]));
    mistakes.add([...path, second], `${names[0]} and ${names[1]} do not go together`, {
      part: 'key',
      help: 'a request has one body; keep one of them',
    });
  }
  if (given === 'json') {
    checkJson(request.json, [...path, 'json'], mistakes);
    return utf8(JSON.stringify(request.json), 'application/json');
  }
  if (given === 'form') return utf8(formText(request.form!), 'application/x-www-form-urlencoded');
  if (given === 'body') return utf8(request.body!, null);
  return given ? readBodyFile(request.bodyFile!, [...path, 'bodyFile'], readFile, mistakes) : null;
}

const utf8 = (data: string, contentType: string | null): TypedBody => ({
  body: { encoding: 'utf8', data },
  contentType,
});

/** Its bytes are sent as they are: nothing inside is looked at. */
function readBodyFile(
  file: string,
  path: Path,
  readFile: (path: string) => Uint8Array,
  mistakes: Mistakes,
): TypedBody | null {
  try {
    const data = Buffer.from(readFile(file)).toString('base64');
    return { body: { encoding: 'base64', data }, contentType: null };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    mistakes.add(path, `cannot read ${file}: ${reason}`);
    return null;
  }
}

/** YAML has numbers that JSON lacks, and whole numbers that lose digits as JavaScript's. */
function checkJson(value: unknown, path: Path, mistakes: Mistakes): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) mistakes.add(path, 'JSON has no such number');
    else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      mistakes.add(path, 'this number has more digits than can be kept', {
        help: 'put quotes round it, or write the JSON as text in `body`',
      });
    }
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    checkJson(one, [...path, Array.isArray(value) ? Number(key) : key], mistakes);
  }
}

function formText(form: NonNullable<WrittenRequest['form']>): string {
  return Object.entries(form)
    .flatMap(([name, value]) =>
      [value].flat().map((one) => `${encode(name)}=${encode(String(one))}`),
    )
    .join('&');
}

const encode = (text: string) =>
  aroundReferences(text, (part) => new URLSearchParams([['', part]]).toString().slice(1));
