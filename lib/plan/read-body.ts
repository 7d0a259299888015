import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { Body, BodyPart, Input } from './plan.js';
import { aroundReferences } from './references.js';
import type { WrittenParts, WrittenRequest } from './request-schema.js';
import { aroundTemplates, hasTemplate } from './template-scan.js';

/** A body, and the content-type that goes with it unless the plan gives one. */
interface TypedBody {
  readonly body: Body;
  readonly contentType: string | null;
}

/** Files, and where those go that are too large to stand in a plan. */
export interface PlanFiles {
  readonly readFile: (path: string) => Uint8Array;
  readonly keep: (input: Input, bytes: Uint8Array) => void;
  readonly bundle?: ((path: string) => Uint8Array) | undefined;
}

const FIELDS = ['json', 'form', 'multipart', 'body', 'bodyFile'] as const;
/** Larger ones travel beside the plan, which every worker reads as a whole. */
const MOST_WITHIN = 65_536;

export function readBody(
  request: WrittenRequest,
  path: Path,
  files: PlanFiles,
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
    return utf8(JSON.stringify(request.json), 'application/json', 'json');
  }
  if (given === 'form') {
    return utf8(formText(request.form!), 'application/x-www-form-urlencoded', 'form');
  }
  if (given === 'multipart') {
    const parts = readParts(request.multipart!, [...path, 'multipart'], files, mistakes);
    return { body: { encoding: 'utf8', data: '', parts }, contentType: null };
  }
  if (given === 'body') return utf8(request.body!, null);
  if (!given) return null;
  const body = readBodyFile(request.bodyFile!, [...path, 'bodyFile'], files, mistakes);
  return body && { body, contentType: null };
}

function utf8(data: string, contentType: string | null, language?: Body['escape']): TypedBody {
  const body: Body = { encoding: 'utf8', data };
  const filled = language && hasTemplate(data);
  return { body: filled ? { ...body, escape: language } : body, contentType };
}

function readParts(
  written: WrittenParts,
  path: Path,
  files: PlanFiles,
  mistakes: Mistakes,
): BodyPart[] {
  return Object.entries(written).flatMap(([name, values]) =>
    [values].flat().flatMap((part, i): BodyPart | [] => {
      const here = Array.isArray(values) ? [...path, name, i] : [...path, name];
      if (typeof part === 'string') {
        return { name, fileName: null, contentType: null, body: { encoding: 'utf8', data: part } };
      }
      const contentType = part.type ?? null;
      if ('text' in part) {
        const body: Body = { encoding: 'utf8', data: part.text };
        return { name, fileName: part.name ?? null, contentType, body };
      }
      const body = readBodyFile(part.file, [...here, 'file'], files, mistakes);
      if (!body) return [];
      return {
        name,
        fileName: part.name ?? basename(part.file),
        contentType: contentType ?? 'application/octet-stream',
        body,
      };
    }),
  );
}

/** Its bytes are sent as they are: nothing inside is looked at. */
function readBodyFile(
  file: string,
  path: Path,
  { readFile, keep }: PlanFiles,
  mistakes: Mistakes,
): Body | null {
  try {
    const bytes = readFile(file);
    if (bytes.length <= MOST_WITHIN) {
      const data = Buffer.from(bytes).toString('base64');
      return { encoding: 'base64', data, file: basename(file) };
    }
    const input = inputOf(bytes, file);
    keep(input, bytes);
    return { encoding: 'base64', data: '', input };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    mistakes.add(path, `cannot read ${file}: ${reason}`);
    return null;
  }
}

export function inputOf(bytes: Uint8Array, file: string): Input {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { sha256, bytes: bytes.length, file: basename(file) };
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

export function formText(form: NonNullable<WrittenRequest['form']>): string {
  return Object.entries(form)
    .flatMap(([name, value]) =>
      [value].flat().map((one) => `${encode(name)}=${encode(String(one))}`),
    )
    .join('&');
}

const encode = (text: string) =>
  aroundTemplates(text, (literal) =>
    aroundReferences(literal, (part) => new URLSearchParams([['', part]]).toString().slice(1)),
  );
