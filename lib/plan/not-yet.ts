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

/** By `container.field`, as sentences name the containers. */
const FIELDS: Readonly<Record<string, Absent>> = {
  'plan.auth': {
    sentence: 'log in for all requests at once',
    help: 'give each request its own: auth: { bearer: "${env:TOKEN}" }',
  },
};

/** Fields that exist with one value only so far, by name of the field in `http`. */
const VALUES: Readonly<Record<string, Absent>> = {
  version: { sentence: 'speak HTTP/2', help: 'write version: 1, or leave it out' },
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

function refusal(absent: Absent | undefined): Refusal | null {
  return absent
    ? { message: `this version does not ${absent.sentence} yet`, help: absent.help }
    : null;
}
