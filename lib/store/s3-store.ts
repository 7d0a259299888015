import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { IsochroneError, UnavailableError } from '../errors.js';
import { checkKey, checkPrefix, isKeyName } from './key.js';
import { writeS3Address } from './s3-address.js';
import { AT_ONCE, type S3StoreSetting, s3Connection } from './s3-connection.js';
import { inTime, persist, S3_PATIENCE, type S3Patience } from './s3-patience.js';
import type { S3Requests } from './s3-requests.js';
import { type Asked, regionToldBy, s3Outcome, s3Trouble } from './s3-trouble.js';
import { Turns } from './s3-turns.js';
import type { ReadLimit, Store, Stored, StoreTime } from './store.js';

interface Condition {
  readonly IfNoneMatch?: '*';
  /** A tag; absent where nothing must be there. */
  readonly IfMatch?: string;
}

/** What an upload is expected to manage at least, bytes in a ms: 100 kB/s. */
const SLOWEST_UPLOAD = 100;
/** However slowly an object comes, by then it has come. */
const LONGEST_DOWNLOAD_MS = 60_000;
/** HTTP tells the time in whole seconds. */
const TICK_MS = 1_000;
/** Where the environment names no region; a bucket elsewhere says where. */
const SOME_REGION = 'us-east-1';
/** From no region to some region to the bucket's. */
const MOST_HOPS = 2;
/** Begins with a dot, so it is nobody's key and is listed nowhere. */
const PROBE = '.probe';

/**
 * A store in a bucket. Attempts are ours to count: the SDK's own retries are off, because a
 * condition that does not hold means something else once an attempt may have been carried out
 * without our having heard of it. Then the object is read, and equal bytes were ours; writers that
 * must be told apart put a nonce into theirs.
 *
 * Nothing but `list` and `folders` needs the right to list. Whoever lacks it is told 403 of an
 * object that is not there, and that stays an error: a worker must not take it for an absence.
 */
export class S3Store implements Store {
  readonly address: string;
  readonly #setting: S3StoreSetting;
  readonly #patience: S3Patience;
  readonly #root: string;
  readonly #common: { readonly Bucket: string; readonly ExpectedBucketOwner?: string };
  readonly #requests = { puts: 0, gets: 0, lists: 0, bytesOut: 0, bytesIn: 0, retries: 0 };
  readonly #turns = new Turns(AT_ONCE);
  #region: string | null;
  #client: S3Client;
  /** One that could be read, so that to ask for it again is no offence. */
  #readable: string;

  /** Asks nothing of S3 yet. */
  static open(setting: S3StoreSetting): S3Store {
    return new S3Store(setting);
  }

  private constructor(setting: S3StoreSetting) {
    const { bucket, prefix = '', accountId, region } = setting;
    this.address = writeS3Address({ bucket, prefix });
    this.#setting = setting;
    this.#patience = { ...S3_PATIENCE, ...setting.patience };
    this.#root = prefix === '' ? '' : `${prefix}/`;
    this.#common = { Bucket: bucket, ...(accountId && { ExpectedBucketOwner: accountId }) };
    this.#readable = `${this.#root}${PROBE}`;
    this.#region = region ?? null;
    this.#client = new S3Client(s3Connection(setting, this.#region));
  }

  /** All since the store was opened. */
  get requests(): S3Requests {
    return { ...this.#requests };
  }

  /** Closes the connections. */
  close(): void {
    this.#client.destroy();
  }

  /** Finds out by doing it whether objects can be written; throws UnavailableError if not. */
  async probe(): Promise<void> {
    // It stays: to delete it would take one more right.
    await this.#put(PROBE, Buffer.from('probe\n'), null);
  }

  async read(key: string, limit?: ReadLimit): Promise<Stored | null> {
    checkKey(key);
    const Key = `${this.#root}${key}`;
    const withinMs = limit?.withinMs ?? LONGEST_DOWNLOAD_MS;
    return this.#call(this.#asked('read', key, limit), async () => {
      this.#requests.gets++;
      try {
        const command = new GetObjectCommand({ ...this.#common, Key });
        return await inTime(withinMs, async (abortSignal) => {
          const { Body, ETag } = await this.#client.send(command, { abortSignal });
          const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
          this.#requests.bytesIn += bytes.length;
          this.#readable = Key;
          return { bytes, tag: this.#tagIn(ETag) };
        });
      } catch (error) {
        if (s3Outcome(error) === 'absent') return null;
        throw error;
      }
    });
  }

  async list(prefix: string, after?: string): Promise<string[]> {
    checkPrefix(prefix);
    const start = after ? { StartAfter: `${this.#root}${after}` } : {};
    const keys: string[] = [];
    for await (const { Contents } of this.#pages(prefix, start)) {
      for (const { Key = '' } of Contents ?? []) keys.push(Key.slice(this.#root.length));
    }
    return keys.filter((key) => key.split('/').every(isKeyName));
  }

  async folders(prefix: string): Promise<string[]> {
    checkPrefix(prefix);
    const folders: string[] = [];
    for await (const { CommonPrefixes } of this.#pages(prefix, { Delimiter: '/' })) {
      for (const { Prefix = '' } of CommonPrefixes ?? []) {
        folders.push(Prefix.slice(this.#root.length));
      }
    }
    return folders.filter((folder) => folder.slice(0, -1).split('/').every(isKeyName));
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    checkKey(key);
    return (await this.#put(key, bytes, { IfNoneMatch: '*' })) !== null;
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    await this.#put(key, bytes, null);
  }

  async swap(key: string, bytes: Uint8Array, tag: string): Promise<string | null> {
    checkKey(key);
    return this.#put(key, bytes, { IfMatch: tag });
  }

  /** By the `Date` of an answer, whatever else that says: a refusal knows what time it is, too. */
  async now(): Promise<StoreTime> {
    const limit = { withinMs: this.#patience.attemptMs };
    const atMs = await this.#call(this.#asked('read', '', limit), async () => {
      this.#requests.gets++;
      const command = new HeadObjectCommand({ ...this.#common, Key: this.#readable });
      let date = '';
      command.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          const { statusCode, headers } = result.response as HttpAnswer;
          if (statusCode < 500) date = headers.date ?? '';
          return result;
        },
        { step: 'deserialize', priority: 'low', name: 'isochroneDate' },
      );
      const send = inTime(limit.withinMs, (abortSignal) =>
        this.#client.send(command, { abortSignal }),
      );
      await send.catch((error: unknown) => {
        if (date === '') throw error;
      });
      return Date.parse(date);
    });
    if (!Number.isNaN(atMs)) return { atMs, tickMs: TICK_MS };
    throw this.#noS3('does not say what time it is');
  }

  /** The new tag; null where the condition does not hold. */
  async #put(key: string, bytes: Uint8Array, condition: Condition | null): Promise<string | null> {
    const withinMs = Math.ceil(this.#patience.attemptMs + bytes.length / SLOWEST_UPLOAD);
    const input = {
      ...this.#common,
      ...condition,
      Key: `${this.#root}${key}`,
      // A view, not a copy; the SDK sends Buffers whole, without chunks of its own.
      Body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    };
    let again = false;
    const attempt = async () => {
      this.#requests.puts++;
      this.#requests.bytesOut += bytes.length;
      try {
        const { ETag } = await inTime(withinMs, (abortSignal) =>
          this.#client.send(new PutObjectCommand(input), { abortSignal, requestTimeout: withinMs }),
        );
        return { tag: this.#tagIn(ETag) };
      } catch (error) {
        const outcome = s3Outcome(error);
        if (condition && (outcome === 'precondition' || outcome === 'absent')) return 'unmet';
        again ||= outcome !== 'elsewhere';
        throw error;
      }
    };
    try {
      const put = await this.#call(this.#asked('write', key), attempt);
      if (put !== 'unmet') return put.tag;
    } catch (error) {
      // The last attempt, too, may have been carried out, or be too late by now.
      const unsure = error instanceof IsochroneError && s3Outcome(error.cause) === 'unsure';
      const limit = { withinMs: this.#patience.attemptMs };
      const stored = unsure ? await this.read(key, limit).catch(() => null) : null;
      if (stored !== null && same(stored.bytes, bytes)) return stored.tag;
      if (stored !== null && condition && condition.IfMatch !== stored.tag) return null;
      throw error;
    }
    const stored = again ? await this.read(key) : null;
    return stored !== null && same(stored.bytes, bytes) ? stored.tag : null;
  }

  async *#pages(prefix: string, options: { StartAfter?: string; Delimiter?: string }) {
    const Prefix = `${this.#root}${prefix}`;
    let ContinuationToken: string | undefined;
    do {
      const from = ContinuationToken === undefined ? {} : { ContinuationToken };
      const input = { ...this.#common, ...options, ...from, Prefix };
      const page = await this.#call(this.#asked('list', prefix), () => {
        this.#requests.lists++;
        return inTime(LONGEST_DOWNLOAD_MS, (abortSignal) =>
          this.#client.send(new ListObjectsV2Command(input), { abortSignal }),
        );
      });
      if (page.Name === undefined) throw this.#noS3('answers without a bucket');
      yield page;
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  /** Attempts, once or as long as there is patience; what fails for good fails for people. */
  async #call<T>(asked: Asked, attempt: () => Promise<T>): Promise<T> {
    const there = async () => {
      for (let hops = 0; ; hops++) {
        const client = this.#client;
        try {
          return await attempt();
        } catch (error) {
          if (hops === MOST_HOPS || !this.#follows(error, client)) throw error;
        }
      }
    };
    try {
      if (asked.once) return await there();
      return await persist(there, this.#patience, this.#turns, () => this.#requests.retries++);
    } catch (error) {
      throw s3Trouble(error, asked);
    }
  }

  /** Turns to the region that an answer named, unless this client was there already. */
  #follows(error: unknown, client: S3Client): boolean {
    if (s3Outcome(error) !== 'elsewhere') return false;
    if (client !== this.#client) return true;
    const region = regionToldBy(error) ?? SOME_REGION;
    if (region === this.#region) return false;
    this.#region = region;
    // The old one is not destroyed: other calls may be under way, and its idle sockets hold nobody.
    this.#client = new S3Client(s3Connection(this.#setting, region));
    return true;
  }

  #asked(act: Asked['act'], key: string, limit?: ReadLimit): Asked {
    const { bucket, accountId: owner = null } = this.#setting;
    const address = `${this.address}/${key}`;
    const once = limit !== undefined;
    return { act, address, bucket, owner, once, withinMs: (limit ?? this.#patience).withinMs };
  }

  /** Without its quotes: S3 takes a condition with them and without, other servers only without. */
  #tagIn(etag: string | undefined): string {
    if (etag) return etag.replaceAll('"', '');
    throw this.#noS3('answers without an ETag');
  }

  #noS3(what: string): UnavailableError {
    return new UnavailableError(`what is asked for ${this.address} ${what}: is it an S3 server?`);
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}
