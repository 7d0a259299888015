// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
/**
 * What plans will be able to say and this version cannot do: refused by name, never ignored.
 * A field leaves this table in the change that makes it work.
 */
interface Absent {
  /** Completes "this version does not … yet". */
  readonly sentence: string;
  readonly help?: string;
}

const flows: Absent = {
  sentence: 'have flows of several steps',
  help: 'list the requests one by one; each start sends one of them, by weight',
};

/** By `container.field`, as sentences name the containers. */
const FIELDS: Readonly<Record<string, Absent>> = {
  'request.flow': flows,
  'request.steps': flows,
  'request.pause': flows,
  'request.repeat': flows,
  'request.code': { sentence: 'run flows written in TypeScript' },
  'request.capture': { sentence: 'capture values from responses' },
  'request.auth': {
    sentence: 'log in by itself',
    help: 'send a header: headers: { authorization: "Bearer ${env:TOKEN}" }',
  },
  'request.followRedirects': { sentence: 'follow redirects' },
  'plan.auth': {
    sentence: 'log in by itself',
    help: 'give each request a header: headers: { authorization: "Bearer ${env:TOKEN}" }',
  },
  'plan.data': { sentence: 'read data files' },
};

/** Fields that exist with one value only so far, by name of the field in `http`. */
const VALUES: Readonly<Record<string, Absent>> = {
  reuse: { sentence: 'reuse connections in any other way than shared' },
  version: { sentence: 'speak HTTP/2', help: 'write version: 1, or leave it out' },
  followRedirects: {
    sentence: 'follow redirects',
    help: 'a redirect is an answer like any other: expect: { status: 302 }',
  },
};

const TEXTS: Readonly<Record<'template' | 'iteration', Absent>> = {
  template: { sentence: 'fill in templates like {{ name }}', help: 'write the value itself' },
  iteration: {
    sentence: 'measure iterations, which are whole flows,',
    help: "write latency, which is a request's whole time",
  },
};

export interface Refusal {
  readonly message: string;
  readonly help: string | undefined;
}

export function refusedField(container: string, field: string): Refusal | null {
  return refusal(FIELDS[`${container}.${field}`]);
}

export function refusedValue(field: string): Refusal | null {
  return refusal(VALUES[field]);
}

export function refusedText(kind: keyof typeof TEXTS): Refusal {
  return refusal(TEXTS[kind])!;
}

function refusal(absent: Absent | undefined): Refusal | null {
  return absent
    ? { message: `this version does not ${absent.sentence} yet`, help: absent.help }
    : null;
}
