import { draw, lognormal } from './draw.js';

/** What one request is answered with. */
export interface Answer {
  readonly status: number;
  readonly delayMs: number;
  readonly body: string;
}

interface Endpoint {
  readonly route: string;
  readonly matches: RegExp;
  readonly status: number;
  readonly medianMs: number;
  /** σ of the log-normal delay. */
  readonly spread: number;
  /** The share of answers that are 503. */
  readonly failing: number;
  readonly body: string;
}

const ENDPOINTS: readonly Endpoint[] = [
  {
    route: 'GET /',
    matches: /^GET \/$/,
    status: 200,
    medianMs: 4,
    spread: 0.2,
    failing: 0,
    body: 'Welcome to the demo shop.\n',
  },
  {
    route: 'GET /items/1',
    matches: /^GET \/items\/\d+$/,
    status: 200,
    medianMs: 7,
    spread: 0.2,
    failing: 0,
    body: '{"name":"a sundial","price":1250}\n',
  },
  {
    route: 'GET /search',
    matches: /^GET \/search$/,
    status: 200,
    medianMs: 45,
    spread: 0.3,
    failing: 0,
    body: '{"found":["a sundial","an hourglass"]}\n',
  },
  {
    route: 'GET /payments',
    matches: /^GET \/payments$/,
    status: 200,
    medianMs: 9,
    spread: 0.2,
    failing: 0,
    body: '{"payments":[]}\n',
  },
  {
    route: 'POST /payments',
    matches: /^POST \/payments$/,
    status: 201,
    medianMs: 14,
    spread: 0.3,
    failing: 0.025,
    body: '{"paid":true}\n',
  },
  {
    route: 'POST /login',
    matches: /^POST \/login$/,
    status: 200,
    medianMs: 22,
    spread: 0.3,
    failing: 0,
    body: '{"token":"let-me-in"}\n',
  },
  {
    route: 'GET /users',
    matches: /^GET \/users$/,
    status: 200,
    medianMs: 8,
    spread: 0.2,
    failing: 0,
    body: '{"users":[{"id":"17","name":"ada"}]}\n',
  },
  {
    route: 'GET /hospital',
    matches: /^GET \/hospital$/,
    status: 200,
    medianMs: 6,
    spread: 0.2,
    failing: 0,
    body: '{"beds":42}\n',
  },
  {
    route: 'PUT /hospital',
    matches: /^PUT \/hospital$/,
    status: 200,
    medianMs: 16,
    spread: 0.3,
    failing: 0,
    body: '{"beds":42}\n',
  },
  {
    route: 'GET /patient',
    matches: /^GET \/patient$/,
    status: 200,
    medianMs: 7,
    spread: 0.2,
    failing: 0,
    body: '{"patients":[]}\n',
  },
  {
    route: 'POST /patient',
    matches: /^POST \/patient$/,
    status: 201,
    medianMs: 18,
    spread: 0.3,
    failing: 0,
    body: '{"admitted":true}\n',
  },
  {
    route: 'POST /searches',
    matches: /^POST \/searches$/,
    status: 201,
    medianMs: 24,
    spread: 0.3,
    failing: 0,
    body: '{"next":"/searches/first"}\n',
  },
  {
    route: 'GET /searches/first',
    matches: /^GET \/searches\/first$/,
    status: 200,
    medianMs: 9,
    spread: 0.2,
    failing: 0,
    body: '{"items":["a sundial","an hourglass"],"next":"/searches/last"}\n',
  },
  {
    route: 'GET /searches/last',
    matches: /^GET \/searches\/\w+$/,
    status: 200,
    medianMs: 9,
    spread: 0.2,
    failing: 0,
    body: '{"items":["a water clock"],"next":null}\n',
  },
];

const ROUTES = ENDPOINTS.map(({ route }) => route);

const NOWHERE: Answer = {
  status: 404,
  delayMs: 0,
  body: `There is nothing here. There is: ${ROUTES.join(', ')}\n`,
};

const BUSY = '{"error":"the bank did not answer"}\n';

/**
 * What the demo service is asked for. The n-th request to an endpoint always gets the same answer
 * after the same delay, in whatever order the requests to different ones come.
 */
export class Shop {
  readonly #seed: number;
  readonly #asked = new Map<Endpoint, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** `path` may have a query. */
  answer(method: string, path: string): Answer {
    const route = `${method} ${path.split('?', 1)[0]}`;
    const endpoint = ENDPOINTS.find(({ matches }) => matches.test(route));
    if (!endpoint) return NOWHERE;
    const n = this.#asked.get(endpoint) ?? 0;
    this.#asked.set(endpoint, n + 1);
    const stream = 3 * ENDPOINTS.indexOf(endpoint);
    const drawn = (kind: number) => draw(this.#seed, stream + kind, n);
    const delayMs = endpoint.medianMs * lognormal(endpoint.spread, drawn(0), drawn(1));
    return drawn(2) < endpoint.failing
      ? { status: 503, delayMs, body: BUSY }
      : { status: endpoint.status, delayMs, body: endpoint.body };
  }
}
