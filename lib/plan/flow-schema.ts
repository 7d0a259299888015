import { z } from 'zod';
import { plainRequest, requestFields, requestLine, weight } from './request-schema.js';
import { DURATION_RANGE_PATTERN, parseDurationRangeUs } from './units.js';
import { list, name, pattern, text, whole } from './written-values.js';

const STEP = 'a request like GET /path, { pause: 1s..3s } or { repeat: 3, steps: [ … ] }';
const STEPS = 'a list of steps like [GET /, { pause: 1s }]';
const CAPTURE = 'a map from name to where its value is, like { token: $.access }';
const WHERE =
  'a JSON path like $.access, `header location`, `cookie session`, or a regular expression between slashes';

const capture = z
  .record(text('a name'), text(WHERE), { error: CAPTURE })
  .describe(
    'Values of the answer that later steps fill in as `{{ NAME }}`: `$.access` (RFC 9535), `header location`, `cookie session`, or a regular expression between slashes, of which the first group is taken. A step whose answer lacks one has failed.',
  );

const requestStep = z
  .strictObject({ ...requestFields, capture: capture.optional() }, { error: STEP })
  .describe('A request.')
  .meta({ id: 'requestStep' });

const REQUEST = 'text like GET /path';
const codeRequest = z
  .strictObject(requestFields, { error: REQUEST })
  .describe('A request that code sends.')
  .meta({ id: 'codeRequest' });

/** Longer pauses than a worker waits for at its end would only be cut. */
const pauseStep = z
  .strictObject(
    {
      pause: pattern(DURATION_RANGE_PATTERN, 'a duration like 2s, or a range like 1s..3s')
        .refine((value) => parseDurationRangeUs(value) !== null, { error: 'in whole microseconds' })
        .meta({ title: 'duration or range' })
        .describe('How long, drawn evenly from a range.'),
    },
    { error: STEP },
  )
  .describe('Nothing is sent for a while.')
  .meta({ id: 'pauseStep' });

const simpleStep = [
  requestLine.describe('Method and path: `GET /`.'),
  requestStep,
  pauseStep,
] as const;

const repeatStep = z
  .strictObject(
    {
      repeat: whole(1, 1_000).describe('How many times.'),
      steps: list(z.union(simpleStep, { error: STEP }), STEPS).describe('What is repeated.'),
    },
    { error: STEP },
  )
  .describe('Steps that are carried out more than once.');

const flow = z
  .strictObject(
    {
      flow: name.describe('What reports and objectives call it: `of "flow NAME"`.'),
      weight,
      steps: list(z.union([...simpleStep, repeatStep], { error: STEP }), STEPS)
        .describe(
          'What happens one after the other; the first step is a request. A step that fails ends it.',
        )
        .optional(),
      code: text('the path of a file')
        .describe(
          'In place of `steps`: a module in TypeScript or JavaScript, relative to the plan, whose default export is carried out once per iteration. On AWS where the deployment allows code.',
        )
        .optional(),
      requests: list(
        z.union([requestLine.describe('Method and path: `GET /`.'), codeRequest], {
          error: REQUEST,
        }),
        'a list of requests like [GET /]',
      )
        .describe('With `code`: all that it sends, by the names under which it sends them.')
        .optional(),
    },
    { error: 'a map like { flow: pay, steps: [ … ] }' },
  )
  .describe('Several steps with state: variables and cookies of their own.');

const ITEM = 'text like GET /path';
export const requestItem = z.union(
  [requestLine.describe('Method and path: `GET /`.'), plainRequest, flow],
  { error: ITEM },
);

export type RequestItem = z.input<typeof requestItem>;
export type WrittenFlow = z.input<typeof flow>;
export type WrittenStep = NonNullable<WrittenFlow['steps']>[number];
export type WrittenRequestStep = z.input<typeof requestStep>;
