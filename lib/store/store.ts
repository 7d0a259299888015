/** An object as it was read: its bytes, and the tag that a compare-and-set needs. */
export interface Stored {
  readonly bytes: Uint8Array;
  readonly tag: string;
}

/** For a read that is of no use when it comes late. */
export interface ReadLimit {
  /** One attempt, given up after this long, ms. A disk is never so slow that it is looked at. */
  readonly withinMs: number;
}

/** An instant of the store's own clock, which ticks: it was `atMs`, or up to a tick later. */
export interface StoreTime {
  /** ms since the epoch. */
  readonly atMs: number;
  readonly tickMs: number;
}

/**
 * Where runs are kept: a flat space of keys with `/` in them. A folder and an S3 bucket are the
 * two that exist. Every failure that is not an answer is an UnavailableError with what to do.
 */
export interface Store {
  /** For people: a path or an `s3://` address. */
  readonly address: string;
  read(key: string, limit?: ReadLimit): Promise<Stored | null>;
  /** All keys below a prefix that sort after `after`, in order. */
  list(prefix: string, after?: string): Promise<string[]>;
  /** The sub-prefixes one level below, in order: `['run-a/', 'run-b/']`. */
  folders(prefix: string): Promise<string[]>;
  /**
   * True for exactly one of all callers that ever try: the object did not exist and does now.
   * A store that cannot tell who wrote the same bytes tells each of them true, so where it matters
   * there is a nonce in them.
   */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Replaces the object whole; a reader sees the old bytes or the new ones. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Compare-and-set: replaces the object only if its tag is still this one; the new tag, or null.
   * Whoever finds exactly what it would have written may be told that it wrote it.
   */
  swap(key: string, bytes: Uint8Array, tag: string): Promise<string | null>;
  /** What time it is by the store's own clock, while the call lasts. */
  now(): Promise<StoreTime>;
}
