const HOUR_US = 3_600_000_000;

/** In µs; a number without a unit is in ms. A `µ` that was read as Latin-1 has two characters. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-3,
  us: 1,
  µs: 1,
  Âµs: 1,
  'Î¼s': 1,
  '': 1e3,
  ms: 1e3,
  s: 1e6,
};

/**
 * What a server says it took, out of one header of its answers. `Server-Timing` (W3C) may hold many
 * metrics, which overlap as they like and so cannot be added: taken is the one called `total`, else
 * `app`, else the first that has a duration. Any other header holds one number.
 */
export class ServerTime {
  readonly #line: RegExp;
  readonly #timing: boolean;

  /** `header` is a header's name in small letters. */
  constructor(header: string) {
    const name = header.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    this.#line = new RegExp(`\\n${name}:([^\\r\\n]*)`, 'gi');
    this.#timing = header === 'server-timing';
  }

  /** Whether this head has the header at all. */
  standsIn(head: string): boolean {
    this.#line.lastIndex = 0;
    return this.#line.test(head);
  }

  /** µs; -1 where the head says nothing that can be understood. */
  us(head: string): number {
    this.#line.lastIndex = 0;
    const first = this.#line.exec(head);
    if (first === null) return -1;
    if (!this.#timing) return timeUs(first[1]!.trim());
    let metrics = first[1]!;
    for (let more = this.#line.exec(head); more; more = this.#line.exec(head)) {
      metrics += `,${more[1]}`;
    }
    return timingUs(metrics);
  }
}

function timingUs(metrics: string): number {
  let chosenUs = -1;
  let rank = 3;
  for (const metric of withoutDescriptions(metrics).split(',')) {
    const [name = '', ...parameters] = metric.split(';').map((part) => part.trim());
    const duration = parameters.find((one) => /^dur\s*=/i.test(one));
    const us = duration === undefined ? -1 : timeUs(duration.replace(/^dur\s*=\s*/i, ''));
    if (us < 0) continue;
    const lower = name.toLowerCase();
    const here = lower === 'total' ? 0 : lower === 'app' ? 1 : 2;
    if (here < rank) {
      rank = here;
      chosenUs = us;
    }
  }
  return chosenUs;
}

/** Quoted texts may hold commas and semicolons; a quoted number is a number. */
function withoutDescriptions(metrics: string): string {
  return metrics.replace(/"((?:[^"\\]|\\.)*)"/g, (_, text: string) =>
    /^[\d.]+$/.test(text) ? text : '',
  );
}

function timeUs(text: string): number {
  const found = /^(\d+(?:\.\d*)?|\.\d+)\s*(\D*)$/.exec(text);
  if (found === null) return -1;
  const unit = found[2]!.trim();
  const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (factor === undefined) return -1;
  const us = Math.round(Number(found[1]) * factor);
  return us <= HOUR_US ? us : -1;
}
