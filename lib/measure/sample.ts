/**
 * What the engine saw of one request. One object is reused for each connection, so the recorder
 * must read it at once. Instants are integer microseconds from the run's start instant, floored.
 */
export interface Sample {
  /** Index into the plan's requests. */
  request: number;
  /** Index of the time line's window that holds the scheduled instant. */
  window: number;
  /** When the schedule wanted it sent. */
  dueUs: number;
  /** When the pacer took it up; -1 when it never was. */
  takenUs: number;
  /** When the new connection that it waited for was begun; -1 when it waited for none. */
  connectUs: number;
  /** When its first byte was written; -1 when none was. */
  writtenUs: number;
  /** When its body had been sent, where that took more than one write; else -1. */
  sentUs: number;
  /** First byte of the final response; -1 when there was none. */
  firstByteUs: number;
  /** Last byte, or the instant of its failure. */
  endUs: number;
  bytesIn: number;
  bytesOut: number;
  /** Round trip of the connection's remote address; -1 when unknown. */
  roundTripUs: number;
  /** What the server itself said it took; -1 when it said nothing. */
  serverTimeUs: number;
  /** It was written a second time after a reused connection died. */
  resent: boolean;
  /** Redirects that were followed. */
  hops: number;
}

/** One connection that was opened, in microseconds; -1 where a step did not take place. */
export interface ConnectionSample {
  readonly address: string;
  /** Opened before any request needed it. */
  readonly ahead: boolean;
  readonly dnsUs: number;
  readonly tcpUs: number;
  readonly tlsUs: number;
}
