import type { AnswerContent } from './answer-content.js';
import type { Failure } from './failure.js';
import type { Job } from './job.js';

/** What came back, for whoever needs more of an answer than that it ended well. */
export interface Answer {
  readonly status: number;
  /** Status line and headers, a byte a character. */
  readonly head: string;
  /** The beginning of it, unpacked; where nobody looks into bodies, enough for a sample. */
  readonly body: Buffer;
  /** Nothing of the body is missing that somebody looks for. */
  readonly whole: boolean;
  /** Bytes of the body as they came, packed or not. */
  readonly size: number;
}

/** Takes out of answers what is needed later. */
export interface AnswerReader {
  /** `head`: status and headers are enough. */
  readonly needs: 'head' | 'body';
  /** What it takes may be a token: it looks into bad answers, too, to have it hidden in their samples. */
  readonly hides: boolean;
  /** Called once the answer has ended; null: it is good. */
  read(job: Job, content: AnswerContent): Failure | null;
}
