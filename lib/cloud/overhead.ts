// What nobody counts, and is therefore reckoned alike before a run and after it.

/** A request to S3 beside the object in it, with its signature and its session's token, bytes. */
export const S3_REQUEST_BYTES = 2_000;
/** The answer's, bytes. */
export const S3_ANSWER_BYTES = 600;
/** What Lambda says of an invocation in its log, bytes. */
export const LOG_BYTES = 1_000;
