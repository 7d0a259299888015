/**
 * What the code of a flow is written against. Its module exports one function:
 *
 * @example
 * import type { Flow } from 'isochrone-bench/flow';
 *
 * const search: Flow = async ({ http, check, sleep }) => {
 *   const { id } = (await http.post('/search', { json: { q: 'ann' } })).json() as { id: string };
 *   await sleep('1s..3s');
 *   const found = await http.get(`/results/${id}`, { name: 'GET /results/ID' });
 *   check('found something', found.body.length > 2);
 * };
 * export default search;
 */
export type Flow = (tools: FlowTools) => Promise<void> | void;

export interface FlowTools {
  readonly http: FlowHttp;
  /** Kept between iterations of the same user; where load has no users, each begins with none. */
  readonly vars: Record<string, unknown>;
  /** The row of each table that this iteration works with: `data.users.name`. */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** For so many milliseconds, or a duration or range as in plans: `1s..3s`. */
  readonly sleep: (time: number | string) => Promise<void>;
  /** Counted in the report by its text, and returned; whether the flow goes on is its own affair. */
  readonly check: (text: string, holds: boolean) => boolean;
  /** The first lines of a worker are among the findings of the report. */
  readonly log: (...what: readonly unknown[]) => void;
}

/** Each ends well, or throws a RequestFailed: it is counted as failed then, whatever follows. */
export interface FlowHttp {
  get(path: string, options?: FlowRequest): Promise<FlowAnswer>;
  head(path: string, options?: FlowRequest): Promise<FlowAnswer>;
  options(path: string, options?: FlowRequest): Promise<FlowAnswer>;
  post(path: string, options?: FlowRequest): Promise<FlowAnswer>;
  put(path: string, options?: FlowRequest): Promise<FlowAnswer>;
  patch(path: string, options?: FlowRequest): Promise<FlowAnswer>;
  delete(path: string, options?: FlowRequest): Promise<FlowAnswer>;
}

export interface FlowRequest {
  /** What the plan calls it. Absent: method and path, as `GET /users`. */
  readonly name?: string;
  /** Besides those of the plan, or in their place; a list sends one more than once. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** One body at the most; absent: that of the plan. */
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: string | Uint8Array;
}

export interface FlowAnswer {
  readonly status: number;
  /** As text. */
  readonly body: string;
  /** Of a header, its first value; null: it is not there. */
  header(name: string): string | null;
  /** The body, read as JSON. */
  json(): unknown;
}
