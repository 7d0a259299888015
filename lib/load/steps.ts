import type { DataSet, Plan } from '../plan/plan.js';
import { unrolled } from '../plan/starts.js';
import type { AnswerReader } from './answer.js';
import { CaptureReader } from './capture.js';
import type { JsonEngine } from './json-query.js';
import type { LoadGuard } from './load-guard.js';
import {
  type RequestParts,
  type RequestTemplate,
  urlOf,
  withParts,
  withReader,
} from './request-template.js';
import { RequestText } from './request-text.js';
import type { SecretText } from './secret-text.js';
import type { TemplateValues } from './template.js';
import { Visit } from './visit.js';

/** The requests of flows, and those that are filled in: what each iteration sends of them. */
export class Steps {
  /** As they are sent where nothing is filled in and no cookie goes along. */
  readonly templates: readonly RequestTemplate[];
  readonly #texts: readonly (RequestText | null)[];
  readonly #urls: readonly URL[];
  readonly #prefix: string;

  constructor(
    plan: Plan,
    templates: readonly RequestTemplate[],
    secrets: SecretText,
    engine: JsonEngine | null,
    guard?: LoadGuard,
  ) {
    const variables = variablesOf(plan);
    const data: readonly DataSet[] = plan.data ?? [];
    this.#texts = plan.requests.map((request, i) =>
      request.templated
        ? new RequestText(request, templates[i]!.parts, {
            names: { variables: variables[i]!, data },
            reveal: (text) => secrets.reveal(text),
            keep: (derived) => secrets.keep(derived),
            guard,
          })
        : null,
    );
    const { pathname } = new URL(secrets.reveal(plan.target));
    this.#prefix = pathname.replace(/\/$/, '');
    this.#urls = templates.map(({ parts }) => urlOf(parts));
    this.templates = plan.requests.map(({ captures }, i) =>
      captures
        ? withReader(
            templates[i]!,
            readerOf(
              new CaptureReader(captures, engine),
              captures.map(({ name }) => variables[i]!.indexOf(name)),
            ),
          )
        : templates[i]!,
    );
  }

  /** The parts of a request before code has its say, and what stands before each path. */
  partsFor(request: number, values: TemplateValues): { parts: RequestParts; prefix: string } {
    const { parts } = this.templates[request]!;
    const text = this.#texts[request]!;
    return { parts: text ? text.fill(values) : parts, prefix: this.#prefix };
  }

  /** What this visit sends; null: what everybody sends. Throws a Failure where it cannot be sent. */
  made(request: number, visit: Visit): RequestTemplate | null {
    const template = this.templates[request]!;
    const text = this.#texts[request]!;
    const parts = text ? text.fill(visit) : template.parts;
    // Requests that stand alone take no part in what flows remember.
    const cookies = visit.flow.single ? null : visit.session.cookies;
    const cookie = cookies ? cookies.header(text ? urlOf(parts) : this.#urls[request]!) : '';
    return text || cookie !== '' ? withParts(template, parts, cookie) : null;
  }
}

/** By request: names of the variables of its flow. */
function variablesOf({ requests, flows = [] }: Plan): string[][] {
  const variables = requests.map((): string[] => []);
  for (const flow of flows) {
    if (flow.kind === 'code') continue;
    const own = new Set<number>();
    for (const step of unrolled(flow.steps)) if (step.kind === 'request') own.add(step.request);
    const names = [...own].flatMap((i) => (requests[i]!.captures ?? []).map(({ name }) => name));
    const unique = [...new Set(names)];
    for (const request of own) variables[request] = unique;
  }
  return variables;
}

function readerOf(captures: CaptureReader, slots: readonly number[]): AnswerReader {
  return {
    needs: captures.needsBody ? 'body' : 'head',
    hides: true,
    read: ({ owner }, content) => {
      if (!(owner instanceof Visit)) throw new Error('an answer of no iteration is captured from');
      const { session, variables } = owner;
      return captures.read(content, session.cookies, (slot, value) => {
        variables[slots[slot]!] = value;
      });
    },
  };
}
