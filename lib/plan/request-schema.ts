// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { z } from 'zod';
import {
  duration,
  flag,
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
    'Headers to send; a list sends one more than once. Values may hold `{{ NAME }}` and `${env:NAME}`, on AWS `${secret:NAME}`.',
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

const JSON_TEST = 'a value, a comparison like "> 0", or a regular expression between slashes';
const jsonTest = z
  .union(
    [
      z.string({ error: JSON_TEST }),
      z.number({ error: JSON_TEST }),
      z.boolean({ error: JSON_TEST }),
      z.null({ error: JSON_TEST }),
      z
        .strictObject(
          { exists: flag.describe('Whether there is such a value.') },
          {
            error: JSON_TEST,
          },
        )
        .describe('Only whether it is there.'),
    ],
    { error: JSON_TEST },
  )
  .describe('`"paid"`, `7`, `"> 0"`, `"/^pay_/"`, or `{ exists: true }`.')
  .meta({ id: 'jsonTest' });

const SIZE = 'a number of bytes, like 12, "< 10kB" or 1..2kB';
const TIME = 'a duration like 500ms';
const EXPECT = 'a map with status, header, body, json, size or time';
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
      json: z
        .record(text('a JSON path like $.id'), jsonTest, { error: 'a map from JSON path to value' })
        .describe(
          'By JSON path (RFC 9535): what the values are that it finds, of which there is at least one.',
        )
        .optional(),
      size: z
        .union([z.int({ error: SIZE }).min(0, { error: SIZE }), text(SIZE)], { error: SIZE })
        .describe('Bytes of the body: `12`, `< 10kB`, `>= 1`, `1..2kB`.')
        .optional(),
      time: text(TIME)
        .describe(
          'The most that the answer may take, from the first byte sent to the last received.',
        )
        .optional(),
    },
    { error: EXPECT },
  )
  .refine((value) => Object.keys(value).length > 0, { error: EXPECT })
  .describe('What makes an answer good; it alone decides. Absent: every status below 400 is good.')
  .meta({ id: 'expect', minProperties: 1 });

const PART = 'a text, or a map like { file: photo.jpg } or { text: "…", type: text/plain }';
const part = z
  .union(
    [
      z.string({ error: PART }),
      z
        .strictObject(
          {
            file: text('the path of a file').describe('Its bytes are sent, relative to the plan.'),
            name: text('the name of a file')
              .describe("What the file is called there. Absent: the path's last part.")
              .optional(),
            type: text('a content-type').describe('Absent: `application/octet-stream`.').optional(),
          },
          { error: PART },
        )
        .describe('A file.'),
      z
        .strictObject(
          {
            text: z.string({ error: 'text' }).describe('Its text.'),
            name: text('the name of a file').describe('Absent: it is no file.').optional(),
            type: text('a content-type').describe('Absent: none.').optional(),
          },
          { error: PART },
        )
        .describe('A text with more to say.'),
    ],
    { error: PART },
  )
  .describe('A text, or a file.')
  .meta({ id: 'part' });

const AUTH = '{ bearer: … } or { basic: { user: …, password: … } }';
const auth = z
  .union(
    [
      z
        .strictObject({ bearer: text('a token').describe('The token.') }, { error: AUTH })
        .describe('`authorization: Bearer …`.'),
      z
        .strictObject(
          {
            basic: z
              .strictObject(
                {
                  user: text('a name').describe('The name.'),
                  password: z.string({ error: 'text' }).describe('The password.'),
                },
                { error: AUTH },
              )
              .describe('Name and password.'),
          },
          { error: AUTH },
        )
        .describe('`authorization: Basic …`.'),
    ],
    { error: AUTH },
  )
  .describe(
    'Logs in with a header. May hold `{{ NAME }}` and `${env:NAME}`, on AWS `${secret:NAME}`.',
  )
  .meta({ id: 'auth' });

const REQUEST = 'text like GET /path';
export const requestLine = text(REQUEST);

/** What a request may say, wherever it stands. */
export const requestFields = {
  request: requestLine.describe(
    'Method and path, with its query: `POST /hospital?ward=3`. May hold `{{ NAME }}` and `${env:NAME}`, on AWS `${secret:NAME}`.',
  ),
  name: name
    .describe('What reports and objectives call it. Absent: the method and path.')
    .optional(),
  headers: headers.optional(),
  auth: auth.optional(),
  json: z
    .unknown()
    .describe(
      'Body, sent as JSON with its content-type. May hold `{{ NAME }}` and `${env:NAME}`, on AWS `${secret:NAME}`.',
    )
    .optional(),
  form: z
    .record(
      text('the name of a field'),
      z.union([...formValue.options, list(formValue, FORM)], { error: FORM }),
      { error: FORM },
    )
    .describe(
      'Body, sent as a form with its content-type. May hold `{{ NAME }}` and `${env:NAME}`, on AWS `${secret:NAME}`.',
    )
    .optional(),
  multipart: z
    .record(text('the name of a field'), z.union([part, list(part, PART)], { error: PART }), {
      error: PART,
    })
    .describe('Body, sent as multipart/form-data: a map from field to text or file.')
    .optional(),
  body: z
    .string({ error: 'text' })
    .describe(
      'Body, sent as it stands. May hold `{{ NAME }}` and `${env:NAME}`, on AWS `${secret:NAME}`.',
    )
    .optional(),
  bodyFile: text('the path of a file')
    .describe('File whose bytes are the body, relative to the plan.')
    .optional(),
  expect: expect.optional(),
  timeout: duration(LONGEST_TIMEOUT_US)
    .describe('Counts from the first byte sent. Absent: `http.timeout`.')
    .optional(),
  followRedirects: whole(0, 20)
    .describe('How many redirects are followed. Absent: `http.followRedirects`.')
    .optional(),
  expectContinue: flag
    .describe('Asks the server before it sends the body. Absent: false.')
    .optional(),
};

export const weight = whole(1, 10_000)
  .describe('How often it is begun, relative to the others. Absent: 1.')
  .optional();

export const plainRequest = z
  .strictObject({ ...requestFields, weight }, { error: REQUEST })
  .describe('A request with more to say.');

export type WrittenRequest = Omit<z.input<typeof plainRequest>, 'weight'>;
export type WrittenExpect = NonNullable<WrittenRequest['expect']>;
export type WrittenAuth = NonNullable<WrittenRequest['auth']>;
export type WrittenParts = NonNullable<WrittenRequest['multipart']>;
