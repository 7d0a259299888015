import { AnswerContent } from './answer-content.js';
import { Failure, failureOf, SAMPLE_BYTES } from './failure.js';
import type { Job } from './job.js';
import { type BodyRoom, KeptBody, MOST_BYTES } from './kept-body.js';
import type { RequestTemplate } from './request-template.js';

/** What is kept of an answer that somebody looks into, or that is shown because it is bad. */
export class KeptAnswer {
  readonly #template: RequestTemplate;
  readonly #status: number;
  readonly #head: string;
  readonly #body: KeptBody;
  /** Somebody looks into the body. */
  readonly #wanted: boolean;

  /** `verdict`: why nothing more is asked of it; null: status and headers are as expected. */
  constructor(
    template: RequestTemplate,
    status: number,
    head: string,
    verdict: Failure | null,
    room: BodyRoom,
  ) {
    const { expectation, handling } = template;
    this.#template = template;
    this.#status = status;
    this.#head = head;
    const reader = handling?.reader ?? null;
    this.#wanted =
      (verdict === null && expectation.needsBody) ||
      (reader?.needs === 'body' && (verdict === null || reader.hides));
    this.#body = new KeptBody(room, head, this.#wanted ? MOST_BYTES : SAMPLE_BYTES);
  }

  add(bytes: Buffer, from: number, to: number): void {
    this.#body.add(bytes, from, to);
  }

  /** The answer is complete: null when all that was kept of it is as it must be. */
  judged(job: Job, verdict: Failure | null): Failure | null {
    try {
      return verdict ? this.#shown(job, verdict) : this.#read(job);
    } catch (error) {
      return failureOf(error, 'exchange');
    } finally {
      this.free();
    }
  }

  /** Nobody will look into it any more. */
  free(): void {
    this.#body.free();
  }

  /** It is bad whatever it holds; what would be captured is only taken out of its sample. */
  #shown(job: Job, verdict: Failure): Failure {
    const reader = this.#template.handling?.reader;
    try {
      if (reader?.hides) reader.read(job, this.#content());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
    return verdict.showing(this.#body.shown(SAMPLE_BYTES));
  }

  #content(): AnswerContent {
    const body = this.#body;
    return new AnswerContent({
      status: this.#status,
      head: this.#head,
      body: this.#wanted ? body.unpacked() : Buffer.from(body.shown(SAMPLE_BYTES)),
      whole: !this.#wanted || body.whole,
      size: body.size,
    });
  }

  #read(job: Job): Failure | null {
    const { expectation, handling } = this.#template;
    const content = this.#content();
    const failure = expectation.needsAnswer
      ? expectation.judgeAnswer(content, job.endUs - job.writtenUs)
      : null;
    // Of a bad answer too: what would be captured is then taken out of its sample.
    const missing = handling?.reader?.read(job, content) ?? null;
    return failure ?? missing;
  }
}
