import { z } from 'zod';
import { DURATION_PATTERN, PERCENT_PATTERN, parseDurationUs } from './units.js';

/**
 * The kinds of values that fields of a plan take.
 * Every error text completes the sentence "FIELD must be …".
 */
export const text = (what: string) => z.string({ error: what }).min(1, { error: what });

export const pattern = (regex: RegExp, what: string) =>
  z.string({ error: what }).regex(regex, { error: what, abort: true });

const LONGEST_US = 7 * 24 * 3600e6;
export const LONGEST_TIMEOUT_US = 3600e6;
export const DURATION = 'a duration like 500ms, 10s, 5m or 1m30s';

export const duration = (longestUs = LONGEST_US) =>
  pattern(DURATION_PATTERN, DURATION)
    .refine((value) => parseDurationUs(value) !== null, {
      error: 'in whole microseconds',
      abort: true,
    })
    .refine((value) => parseDurationUs(value)! > 0, { error: 'longer than nothing', abort: true })
    .refine((value) => parseDurationUs(value)! <= longestUs, {
      error: `at most ${longestUs / 3600e6}h`,
    })
    .meta({ title: 'duration' });

export const whole = (least: number, most: number, what = 'a whole number') => {
  const range = `${what} from ${least} to ${most}`;
  return z.int({ error: range }).min(least, { error: range }).max(most, { error: range });
};

export const flag = z.boolean({ error: 'true or false' });

export const list = <T extends z.ZodType>(item: T, what: string) =>
  z.array(item, { error: what }).min(1, { error: what });

// Names stand in objectives between double quotes and in tables on one line. The pattern is
// spelt so that the regular expressions of all editors understand it.
const NAME = 'a text of at most 80 characters on one line, without double quotes';
export const name = pattern(
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal.
  /^[^\s"\x00-\x1f\x7f](?:[^"\x00-\x1f\x7f]{0,78}[^\s"\x00-\x1f\x7f])?$/,
  NAME,
);

const REGION = 'a name of small letters, digits and dashes, like eu-west-1';
export const regionName = pattern(/^[a-z0-9][a-z0-9-]{0,39}$/, REGION);

export const SHARE =
  'a percentage with at most two decimals, like 50%, or a whole number as weight';
export const share = z
  .union([whole(1, 10_000), pattern(PERCENT_PATTERN, SHARE).meta({ title: 'percentage' })], {
    error: SHARE,
  })
  .describe('Part of the load: percentages that add up to 100, or whole numbers as weights.');
