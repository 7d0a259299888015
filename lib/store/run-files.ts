// The only file that knows key names: what lies where in a run.
//
//   runs/<run>/   stays       plan, control, state, progress, manifests/, merged/, report/
//   raw/<run>/    may expire  claims/, ready/, refused/, fragments/, partials/, inputs/
import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import type { Manifest } from '../measure/manifest.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import type { Claim, Ready, Refusal } from './arming.js';
import type { Control, RunState } from './control.js';
import { controlObject } from './control-object.js';
import { jsonObject } from './json-object.js';
import type { Progress } from './progress.js';
import type { Store } from './store.js';

/** Where shards belong. */
export interface Place {
  readonly region: string;
  readonly leg: number;
}

/** Names one fragment: the seq-th of a shard's attempt. */
export interface FragmentRef extends ShardRef {
  readonly seq: number;
}

export type RunFiles = ReturnType<typeof runFiles>;
export type FragmentFiles = RunFiles['fragments'];

/** All objects of one run, by what they are. */
export function runFiles(store: Store, run: string) {
  const kept = `runs/${run}/`;
  const raw = `raw/${run}/`;
  const controlKey = `${kept}control.json`;
  return {
    run,
    store,
    /** For people: where the run is kept. */
    address: `${store.address}/runs/${run}`,
    plan: jsonObject<FrozenPlan>(store, `${kept}plan.json`, 'isochrone.plan/1'),
    control: controlObject(
      jsonObject<Control>(store, controlKey, 'isochrone.control/1'),
      `${store.address}/${controlKey}`,
    ),
    state: jsonObject<RunState>(store, `${kept}state.json`, 'isochrone.state/1'),
    progress: jsonObject<Progress>(store, `${kept}progress.json`, 'isochrone.progress/1'),
    manifests: shardFiles<Manifest>(
      store,
      run,
      `${kept}manifests/`,
      '.json',
      'isochrone.manifest/1',
    ),
    claims: shardFiles<Claim>(store, run, `${raw}claims/`, '', null),
    ready: shardFiles<Ready>(store, run, `${raw}ready/`, '', null),
    refused: refusals(store, run, `${raw}refused/`),
    fragments: fragmentFiles(store, run),
    merged: namedFiles(store, `${kept}merged/`),
    partials: namedFiles(store, `${raw}partials/`),
    report: namedFiles(store, `${kept}report/`),
    inputs: inputFiles(store, `${raw}inputs/`),
  };
}

/** Ids of all runs that left a folder, oldest first. */
export async function runIds(store: Store): Promise<string[]> {
  const folders = await store.folders('runs/');
  return folders.map((folder) => folder.slice('runs/'.length, -1)).filter(isRunId);
}

export function isRunId(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,59}$/.test(text);
}

/** The store's folder and the run that a run's own folder would belong to, by its path alone. */
export function splitRunFolder(folder: string): { store: string; run: string } | null {
  const path = resolve(folder);
  const runs = dirname(path);
  if (basename(runs) !== 'runs' || !isRunId(basename(path))) return null;
  return { store: dirname(runs), run: basename(path) };
}

/** Where a process that leads a run without a terminal writes what it would have said there. */
export function runLogPath(folder: string, run: string): string {
  return join(folder, 'runs', run, 'log.txt');
}

/** Where the report lies within a run's folder, wherever that has been copied to. */
export const REPORT_IN_RUN_FOLDER = 'report/report.json';

/** Padded, so that the keys of a place sort by seq and the new ones can be listed alone. */
export function fragmentKey(ref: ShardRef, seq: number): string {
  return `${fragmentsOf(ref.run, ref)}${padded(seq)}/${shardName(ref)}.frag`;
}

/** null for a key that is no fragment's. */
export function parseFragmentKey(key: string): FragmentRef | null {
  const match = /^raw\/([^/]+)\/fragments\/([^/]+)\/(\d+)\/(\d{6,})\/(\d+)\.(\d+)\.frag$/.exec(key);
  if (match === null) return null;
  const [, run = '', region = '', leg, seq, n, attempt] = match;
  const shard = { run, region, leg: Number(leg), n: Number(n), attempt: Number(attempt) };
  return { ...shard, seq: Number(seq) };
}

/** What contents and reports call a fragment: `region/leg/n.attempt/seq`. */
export function fragmentId(ref: ShardRef, seq: number): string {
  return `${ref.region}/${ref.leg}/${shardName(ref)}/${seq}`;
}

/** `n.attempt`: names an attempt within its place. */
function shardName(ref: ShardRef): string {
  return `${ref.n}.${ref.attempt}`;
}

function padded(seq: number): string {
  return String(seq).padStart(6, '0');
}

function fragmentsOf(run: string, place?: Place): string {
  return `raw/${run}/fragments/${place ? `${place.region}/${place.leg}/` : ''}`;
}

function fragmentFiles(store: Store, run: string) {
  const list = async (prefix: string, after?: string): Promise<FragmentRef[]> =>
    (await store.list(prefix, after)).flatMap((key) => parseFragmentKey(key) ?? []);
  return {
    /** False when it is there already: a fragment is written once. */
    create: (ref: ShardRef, seq: number, bytes: Uint8Array) =>
      store.create(fragmentKey({ ...ref, run }, seq), bytes),
    read: async (ref: FragmentRef): Promise<Uint8Array | null> =>
      (await store.read(fragmentKey({ ...ref, run }, ref.seq)))?.bytes ?? null,
    /** All of the run, by place, then by seq. */
    list: () => list(fragmentsOf(run)),
    /** Those of a place from a seq on; costs little however many came before. */
    listFrom: (place: Place, seq: number) => {
      const prefix = fragmentsOf(run, place);
      // In every key "/" follows the seq, and "." sorts just before it.
      return list(prefix, `${prefix}${padded(seq)}.`);
    },
  };
}

/** Takes `region/leg/n.attempt` from the front of the rest of a key. */
function parseShard(run: string, path: string): { ref: ShardRef; rest: string } | null {
  const match = /^([^/]+)\/(\d+)\/(\d+)\.(\d+)(.*)$/.exec(path);
  if (match === null) return null;
  const [, region = '', leg, n, attempt, rest = ''] = match;
  return { ref: { run, region, leg: Number(leg), n: Number(n), attempt: Number(attempt) }, rest };
}

/** JSON objects of which each attempt of a shard writes at most one. */
function shardFiles<T>(
  store: Store,
  run: string,
  prefix: string,
  suffix: string,
  schema: string | null,
) {
  const objectOf = (ref: ShardRef) =>
    jsonObject<T>(store, `${prefix}${ref.region}/${ref.leg}/${shardName(ref)}${suffix}`, schema);
  return {
    /** False when this attempt has one. */
    create: (ref: ShardRef, value: T) => objectOf(ref).create(value),
    read: (ref: ShardRef) => objectOf(ref).read(),
    /** Which attempts have one, in the whole run or in one place. */
    list: async (place?: Place): Promise<ShardRef[]> => {
      const keys = await store.list(place ? `${prefix}${place.region}/${place.leg}/` : prefix);
      return keys.flatMap((key) => {
        const parsed = parseShard(run, key.slice(prefix.length));
        return parsed?.rest === suffix ? [parsed.ref] : [];
      });
    },
  };
}

/** An attempt may be refused as often as it is delivered, so each refusal carries its nonce. */
function refusals(store: Store, run: string, prefix: string) {
  return {
    create: (ref: ShardRef, refusal: Refusal) => {
      const key = `${prefix}${ref.region}/${ref.leg}/${shardName(ref)}.${refusal.nonce}`;
      return jsonObject<Refusal>(store, key, null).create(refusal);
    },
    list: async (place?: Place): Promise<{ ref: ShardRef; refusal: Refusal }[]> => {
      const keys = await store.list(place ? `${prefix}${place.region}/${place.leg}/` : prefix);
      const found = await Promise.all(
        keys.map(async (key) => {
          const parsed = parseShard(run, key.slice(prefix.length));
          const refusal = parsed && (await jsonObject<Refusal>(store, key, null).read());
          return parsed && refusal ? [{ ref: parsed.ref, refusal }] : [];
        }),
      );
      return found.flat();
    },
  };
}

/** Files whose names their writers choose. */
function namedFiles(store: Store, prefix: string) {
  return {
    write: (name: string, content: Uint8Array | string) =>
      store.write(`${prefix}${name}`, Buffer.from(content)),
    read: async (name: string): Promise<Uint8Array | null> =>
      (await store.read(`${prefix}${name}`))?.bytes ?? null,
    list: async (): Promise<string[]> =>
      (await store.list(prefix)).map((key) => key.slice(prefix.length)),
    /** For people: where it lies. */
    address: (name: string) => `${store.address}/${prefix}${name}`,
  };
}

/** Files that the plan names, kept under the digest of their content. */
function inputFiles(store: Store, prefix: string) {
  return {
    put: async (bytes: Uint8Array): Promise<string> => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await store.create(`${prefix}${sha256}`, bytes);
      return sha256;
    },
    read: async (sha256: string): Promise<Uint8Array | null> =>
      (await store.read(`${prefix}${sha256}`))?.bytes ?? null,
    any: async (): Promise<boolean> => (await store.list(prefix)).length > 0,
  };
}
