// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { z } from 'zod';
import {
  duration,
  LONGEST_TIMEOUT_US,
  list,
  name,
  pattern,
  text,
  whole,
} from './written-values.js';

const HEADERS = 'a map from header to text';
const HEADER_VALUE = 'text between quotes, or a list of such';
const headers = z
  .record(
    text('the name of a header'),
    z.union(
      [z.string({ error: HEADER_VALUE }), list(z.string({ error: HEADER_VALUE }), HEADER_VALUE)],
      {
        error: HEADER_VALUE,
      },
    ),
    { error: HEADERS },
  )
  .describe(
    'Headers to send; a list sends one more than once. Values may hold `${env:NAME}`, on AWS `${secret:NAME}`.',
  );

const FORM = 'a map from field to text or number';
const formValue = z.union(
  [z.string({ error: FORM }), z.number({ error: FORM }), z.boolean({ error: FORM })],
  { error: FORM },
);

const STATUS = 'a status like 201, a class like 2xx, a range like 200..299, or a list of these';
const status = z.union([whole(100, 599), pattern(/^(?:[1-5]xx|[1-5]\d\d\.\.[1-5]\d\d)$/, STATUS)], {
  error: STATUS,
});

const MATCH = 'a text that must be contained, or a regular expression between slashes';
const match = text(MATCH);

const EXPECT = 'a map with status, header or body';
const expect = z
  .strictObject(
    {
      status: z
        .union([...status.options, list(status, STATUS)], { error: STATUS })
        .describe('`201`, `[200, 201]`, `2xx` or `200..299`.')
        .optional(),
      header: z
        .record(text('the name of a header'), match, { error: 'a map from header to text' })
        .describe('By header: text that it contains, or a regular expression between slashes.')
        .optional(),
      body: z
        .union([match, list(match, MATCH)], { error: MATCH })
        .describe(
          'Text that the body contains, or a regular expression between slashes (flags i, s, m, u); of a list, all.',
        )
        .optional(),
    },
    { error: EXPECT },
  )
  .refine((value) => Object.keys(value).length > 0, { error: EXPECT })
  .meta({ minProperties: 1 })
  .describe('What makes an answer good; it alone decides. Absent: every status below 400 is good.');

const REQUEST = 'text like GET /path';
const requestLine = text(REQUEST);

export const requestItem = z.union(
  [
    requestLine.describe('Method and path: `GET /`.'),
    z
      .strictObject(
        {
          request: requestLine.describe(
            'Method and path, with its query: `POST /hospital?ward=3`. May hold `${env:NAME}`, on AWS `${secret:NAME}`.',
          ),
          name: name
            .describe('What reports and objectives call it. Absent: the method and path.')
            .optional(),
          weight: whole(1, 10_000)
            .describe('How often it is sent, relative to the others. Absent: 1.')
            .optional(),
          headers: headers.optional(),
          json: z
            .unknown()
            .describe(
              'Body, sent as JSON with its content-type. May hold `${env:NAME}`, on AWS `${secret:NAME}`.',
            )
            .optional(),
          form: z
            .record(
              text('the name of a field'),
              z.union([...formValue.options, list(formValue, FORM)], { error: FORM }),
              {
                error: FORM,
              },
            )
            .describe(
              'Body, sent as a form with its content-type. May hold `${env:NAME}`, on AWS `${secret:NAME}`.',
            )
            .optional(),
          body: z
            .string({ error: 'text' })
            .describe('Body, sent as it stands. May hold `${env:NAME}`, on AWS `${secret:NAME}`.')
            .optional(),
          bodyFile: text('the path of a file')
            .describe('File whose bytes are the body, relative to the plan.')
            .optional(),
          expect: expect.optional(),
          timeout: duration(LONGEST_TIMEOUT_US)
            .describe('Counts from the first byte sent. Absent: `http.timeout`.')
            .optional(),
        },
        { error: REQUEST },
      )
      .describe('A request with more to say.'),
  ],
  { error: REQUEST },
);

export type RequestItem = z.input<typeof requestItem>;
export type WrittenRequest = Exclude<RequestItem, string>;
export type WrittenExpect = NonNullable<WrittenRequest['expect']>;
