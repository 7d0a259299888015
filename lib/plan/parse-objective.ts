import { nearest, suggest, TextMistake } from './diagnostics.js';
import { METRICS, type Measure, type Metric, type Objective } from './objective.js';
import { parseDurationUs } from './units.js';

/** What an objective may refer to; null where the plan is too wrong to know. */
export interface ObjectiveScope {
  /** Names of requests, and `flow NAME`. */
  readonly requests: readonly string[] | null;
  /** Those of them that are steps of flows. */
  readonly steps?: readonly string[];
  readonly regions: readonly string[] | null;
  readonly stages: readonly { readonly name: string; readonly warmup: boolean }[] | null;
}

/** A word of an objective, and where it stands. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly start: number;
  readonly length: number;
}

const TOKEN = /"([^"]*)"?|[<>]=?|==?|[^\s<>="]+/g;
const STATISTICS = ['p50', 'p95', 'p99', 'p99.9', 'min', 'mean', 'max', 'errors', 'rate'];
const OTHER_NAMES: Readonly<Record<string, string>> = {
  median: 'p50',
  med: 'p50',
  avg: 'mean',
  average: 'mean',
  minimum: 'min',
  maximum: 'max',
  p100: 'max',
  p0: 'min',
  error: 'errors',
  'errors%': 'errors',
};
/** Facts about connections: neither good nor failed, and of no single request. */
const OF_CONNECTIONS: readonly Metric[] = ['dns', 'tcp', 'tls'];
/** The times that are kept of failed requests. */
const OF_FAILED: readonly Metric[] = ['latency'];

/**
 * Reads `p99 < 1s in every region during peak`; throws a TextMistake that points at the word.
 */
export function parseObjective(text: string, scope: ObjectiveScope): Objective {
  return new ObjectiveReader(text, scope, 'objective').read();
}

/** The same as a part of something else, which mistakes then name. */
export function parseCondition(text: string, scope: ObjectiveScope, whole: string): Objective {
  return new ObjectiveReader(text, scope, whole).read();
}

export function wordsOf(text: string): readonly Token[] {
  return [...text.matchAll(TOKEN)].map((match) => ({
    text: match[1] ?? match[0],
    quoted: match[1] !== undefined,
    start: match.index,
    length: match[0].length,
  }));
}

class ObjectiveReader {
  readonly #text: string;
  readonly #scope: ObjectiveScope;
  readonly #whole: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, scope: ObjectiveScope, whole: string) {
    this.#text = text;
    this.#scope = scope;
    this.#whole = whole;
    this.#tokens = wordsOf(text);
  }

  read(): Objective {
    const amongToken = this.#takeWord('ok', 'failed');
    const among = (amongToken?.text ?? 'all') as Objective['among'];
    const metricToken = this.#metric();
    const metric = (metricToken?.text ?? 'latency') as Metric;
    const statistic = this.#need('a statistic like p95, or errors or rate');
    const measure = this.#measure(statistic, metric);
    if (measure.kind === 'errors' || measure.kind === 'rate') {
      const extra = metricToken ?? amongToken;
      if (extra) {
        throw mistake(extra, `'${extra.text}' does not go with ${measure.kind}`, 'leave it out');
      }
    } else if (amongToken) {
      this.#checkAmong(amongToken, metric);
    }
    const comparison = this.#comparison();
    const limit = this.#limit(measure);
    return { text: this.#text.trim(), among, measure, comparison, limit, ...this.#clauses(metric) };
  }

  #metric(): Token | null {
    const token = this.#peek();
    if (!token || token.quoted) return null;
    const known = this.#takeWord(...METRICS);
    if (known) return known;
    const following = this.#tokens[this.#next + 1];
    // Two words before the comparison: the first was meant to be a metric.
    if (following && isStatistic(following.text) && !isStatistic(token.text)) {
      throw mistake(token, `unknown metric '${token.text}'`, suggest(token.text, METRICS));
    }
    return null;
  }

  #measure(token: Token, metric: Metric): Measure {
    const { text } = token;
    if (text === 'errors' || text === 'rate') return { kind: text };
    if (text === 'min' || text === 'mean' || text === 'max') return { kind: text, metric };
    const percentile = /^p(\d{1,2})(?:\.(\d{1,2}))?$/.exec(text);
    if (percentile) {
      const [, whole, decimals = ''] = percentile;
      const hundredths = Number(whole) * 100 + Number(decimals.padEnd(2, '0'));
      if (hundredths > 0) return { kind: 'percentile', metric, hundredths };
    }
    throw mistake(token, `unknown statistic '${text}'`, statisticHelp(text));
  }

  #checkAmong(token: Token, metric: Metric): void {
    if (OF_CONNECTIONS.includes(metric)) {
      throw mistake(token, `${metric} is about connections, not about answers`, 'leave it out');
    }
    if (token.text === 'failed' && !OF_FAILED.includes(metric)) {
      throw mistake(token, `of failed requests only the latency is kept`, 'write failed p95 < …');
    }
  }

  #comparison(): Objective['comparison'] {
    const token = this.#need('a comparison like <');
    const { text } = token;
    if (text === '<' || text === '<=' || text === '>' || text === '>=') return text;
    throw mistake(token, `'${text}' is no comparison`, 'write < where less is better, else >');
  }

  #limit(measure: Measure): number {
    const kind = measure.kind === 'errors' || measure.kind === 'rate' ? measure.kind : 'time';
    const { example, parse } = LIMITS[kind];
    const token = this.#need(`a limit like ${example}`);
    const value = token.quoted ? null : parse(token.text);
    if (value !== null) return value;
    const bare = /^\d+(?:\.\d+)?$/.test(token.text);
    throw mistake(
      token,
      `the limit of ${kind === 'time' ? 'a time' : `the ${kind}`} is written like ${example}`,
      bare
        ? `give it a unit: ${token.text}${kind === 'time' ? 'ms' : example.replace(/\d+/, '')}`
        : undefined,
    );
  }

  #clauses(metric: Metric): Pick<Objective, 'request' | 'region' | 'stage'> {
    let request: Objective['request'] = null;
    let region: Objective['region'] = null;
    let stage: Objective['stage'] = null;
    for (let word = this.#take(); word; word = this.#take()) {
      if (word.text === 'of' && request === null) request = this.#request(word, metric);
      else if (word.text === 'in' && region === null) region = this.#region();
      else if (word.text === 'during' && stage === null) stage = this.#stage();
      else {
        const again = ['of', 'in', 'during'].includes(word.text);
        const message = again ? `'${word.text}' stands here twice` : `unexpected '${word.text}'`;
        const help = 'after the limit: of "REQUEST", in REGION or in every region, during STAGE';
        throw mistake(word, message, suggestClause(word.text) ?? help);
      }
    }
    return { request, region, stage };
  }

  #request(of: Token, metric: Metric): string {
    const token = this.#need('the name of a request between quotes');
    if (OF_CONNECTIONS.includes(metric)) {
      throw mistake(
        of,
        `${metric} is about connections, which all requests share`,
        'leave out `of`',
      );
    }
    if (!token.quoted && this.#peek()?.text.startsWith('/')) {
      const path = this.#take()!;
      const written = this.#text.slice(token.start, path.start + path.length);
      throw mistake(
        { ...token, length: written.length },
        'the name of a request stands between quotes',
        `write of "${written}"`,
      );
    }
    const name = known(token, 'request', this.#scope.requests);
    if (metric === 'iteration' && this.#scope.steps?.includes(name)) {
      const flows = this.#scope.requests?.filter((one) => one.startsWith('flow '));
      throw mistake(
        token,
        'an iteration is a whole flow, of which this is a step',
        flows && `write ${flows.map((one) => `of "${one}"`).join(' or ')}`,
      );
    }
    return name;
  }

  #region(): Objective['region'] {
    const token = this.#need('a region, or every region');
    if (token.text !== 'every' || token.quoted) {
      return { name: known(token, 'region', this.#scope.regions) };
    }
    const word = this.#need("the word 'region'");
    if (word.text !== 'region') throw mistake(word, "'every' is followed by 'region'");
    return { every: true };
  }

  #stage(): string {
    const token = this.#need('the name of a stage');
    const { stages } = this.#scope;
    if (stages?.length === 0) {
      throw mistake(token, 'no stage of this plan has a name', `name one: name: ${token.text}`);
    }
    const name = known(token, 'stage', stages?.map((one) => one.name) ?? null);
    if (stages?.find((one) => one.name === name)?.warmup) {
      throw mistake(token, `'${name}' is a warm-up, which is measured but not judged`);
    }
    return name;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  #takeWord(...words: readonly string[]): Token | null {
    const token = this.#peek();
    if (!token || token.quoted || !words.includes(token.text)) return null;
    this.#next++;
    return token;
  }

  #need(what: string): Token {
    const token = this.#take();
    if (token) return token;
    const end = this.#text.trimEnd().length;
    const last = this.#tokens.at(-1);
    const start = last?.start ?? 0;
    throw new TextMistake(`the ${this.#whole} ends where ${what} is needed`, start, end - start);
  }
}

const LIMITS = {
  time: { example: '500ms', parse: parseDurationUs },
  errors: {
    example: '1%',
    parse: (text: string) => {
      const percent = /^\d+(?:\.\d+)?%$/.test(text) ? Number.parseFloat(text) : 101;
      return percent <= 100 ? percent / 100 : null;
    },
  },
  rate: {
    example: '950/s',
    parse: (text: string) => (/^\d+(?:\.\d+)?\/s$/.test(text) ? Number.parseFloat(text) : null),
  },
} as const;

function known(token: Token, what: string, names: readonly string[] | null): string {
  if (names === null || names.includes(token.text)) return token.text;
  throw mistake(token, `the plan has no ${what} '${token.text}'`, suggest(token.text, names));
}

export function mistake(token: Token, message: string, help?: string): TextMistake {
  return new TextMistake(message, token.start, token.length, help);
}

function isStatistic(text: string): boolean {
  return /^p[\d.(]/.test(text) || STATISTICS.includes(text) || text in OTHER_NAMES;
}

function statisticHelp(text: string): string | undefined {
  const lower = text.toLowerCase();
  const meant = OTHER_NAMES[lower];
  if (meant) return `did you mean '${meant}'?`;
  const digits = /^p\(?(\d+(?:\.\d+)?)\)?$/.exec(lower)?.[1];
  if (digits && /^99\d{1,2}$/.test(digits)) return `did you mean 'p99.${digits.slice(2)}'?`;
  if (digits && Number(digits) < 100) {
    return /\.\d{3}/.test(digits) ? 'at most two decimals' : `did you mean 'p${digits}'?`;
  }
  return suggest(text, STATISTICS);
}

function suggestClause(text: string): string | undefined {
  const meant = text.length > 2 ? nearest(text, ['during']) : null;
  return meant ? `did you mean '${meant}'?` : undefined;
}
