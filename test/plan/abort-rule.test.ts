import { describe, expect, test } from 'vitest';
import { TextMistake } from '../../lib/plan/diagnostics.js';
import { planFromFlags } from '../../lib/plan/from-flags.js';
import { parseAbort } from '../../lib/plan/parse-abort.js';
import type { ObjectiveScope } from '../../lib/plan/parse-objective.js';
import { CONTEXT, HEAD, mistakesIn, read } from '../support/plan-text.js';

const SCOPE: ObjectiveScope = {
  requests: ['GET /', 'POST /over', 'over 10s'],
  regions: ['eu-west-1', 'ap-northeast-1'],
  stages: [{ name: 'peak', warmup: false }],
};

const S = 1_000_000;

describe('a rule is an objective with a stretch to look back over', () => {
  test.each<[string, object, number]>([
    [
      'errors > 50% over 10s',
      { measure: { kind: 'errors' }, comparison: '>', limit: 0.5, region: null, request: null },
      10 * S,
    ],
    ['rate < 5/s over 1m30s', { measure: { kind: 'rate' }, comparison: '<', limit: 5 }, 90 * S],
    [
      'p99 > 2s over 500ms',
      { among: 'all', measure: { kind: 'percentile', metric: 'latency', hundredths: 9900 } },
      500_000,
    ],
    [
      'ok service p95 >= 2s in eu-west-1 over 20s',
      {
        among: 'ok',
        measure: { kind: 'percentile', metric: 'service', hundredths: 9500 },
        region: { name: 'eu-west-1' },
      },
      20 * S,
    ],
    ['max > 9s in every region over 1m', { region: { every: true } }, 60 * S],
    ['errors > 5% over 10s of "POST /over"', { request: 'POST /over' }, 10 * S],
    ['errors > 5% of "over 10s" over 20s', { request: 'over 10s' }, 20 * S],
  ])('%s', (text, condition, overUs) => {
    const rule = parseAbort(text, SCOPE);
    expect(rule.overUs).toBe(overUs);
    expect(rule.condition).toMatchObject(condition);
    expect(rule.condition).toMatchObject({ text, stage: null });
  });
});

describe('what no worker tells while it runs is refused by name, at its word', () => {
  test.each<[string, string, RegExp]>([
    ['errors > 50%', 'errors > 50%'.slice(9), /says over how long it looks back/],
    ['errors > 50% over', 'over', /'over' is followed by a duration/],
    ['errors > 50% over 10', '10', /'over' is followed by a duration/],
    ['errors > 50% over 0s', '0s', /'over' is followed by a duration/],
    ['errors > 50% over "10s"', '"10s"', /'over' is followed by a duration/],
    ['errors > 50% over 10s over 20s', 'over', /unexpected 'over'/],
    ['errors > 50% for 10s', '10s', /says over how long it looks back/],
    ['errors > 50% during peak over 10s', 'during', /whatever the stage/],
    ['ttfb p95 > 1s over 10s', 'ttfb', /ttfb is not told while a run goes on/],
    ['tls p95 > 1s over 10s', 'tls', /tls is not told/],
    ['failed p95 > 1s over 10s', 'failed', /how long failures took is not told/],
    ['p95 > 1s of "GET /" over 10s', 'of', /p95 latency of one request is not told/],
    ['errors > 5% of "GET /x" over 10s', '"GET /x"', /no request 'GET \/x'/],
    ['errors > 50 over 10s', '50', /written like 1%/],
    ['> 50% over 10s', '>', /unknown statistic '>'/],
    ['errors over 10s', 'errors', /the abort rule ends where a comparison/],
  ])('%s', (text, word, message) => {
    const mistake = mistakeIn(text);
    expect(mistake.message).toMatch(message);
    expect(text.slice(mistake.start, mistake.start + mistake.length)).toBe(word);
  });
});

test('rules of flags come after those of the plan, and are checked like them', () => {
  const plan = read(`${HEAD}abort: [errors > 50% over 10s]\n`, { abort: ['rate < 1/s over 5s'] });
  expect(plan.abort.map(({ condition }) => condition.text)).toEqual([
    'errors > 50% over 10s',
    'rate < 1/s over 5s',
  ]);
  expect(read(HEAD).abort).toEqual([]);
  const fromFlags = planFromFlags(
    { url: 'http://a.example/', abort: ['errors > 5% over 2s'] },
    CONTEXT,
  );
  expect(fromFlags.abort).toMatchObject([{ overUs: 2 * S }]);
  const shown = mistakesIn(() => read(HEAD, { abort: ['errors > 5% ovr 2s'] }));
  expect(shown).toContain('--abort "errors > 5% ovr 2s"');
  expect(shown).toContain('for example over 10s');
});

function mistakeIn(text: string): TextMistake {
  try {
    parseAbort(text, SCOPE);
  } catch (error) {
    if (error instanceof TextMistake) return error;
    throw error;
  }
  throw new Error(`${text} was read`);
}
