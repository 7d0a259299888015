import { describe, expect, test } from 'vitest';
import { TextMistake } from '../../lib/plan/diagnostics.js';
import { type ObjectiveScope, parseObjective } from '../../lib/plan/parse-objective.js';

const SCOPE: ObjectiveScope = {
  requests: ['GET /', 'POST /hospital', 'checkout'],
  regions: ['eu-west-1', 'ap-northeast-1'],
  stages: [
    { name: 'peak', warmup: false },
    { name: 'step 3', warmup: false },
    { name: 'warm', warmup: true },
  ],
};

const percentile = (hundredths: number, metric = 'latency') => ({
  kind: 'percentile',
  metric,
  hundredths,
});

describe('what an objective says', () => {
  test.each([
    ['p95 < 500ms', { among: 'all', measure: percentile(9500), comparison: '<', limit: 500_000 }],
    ['p95<500ms', { measure: percentile(9500), limit: 500_000 }],
    ['p99.99 <= 1s', { measure: percentile(9999), comparison: '<=', limit: 1_000_000 }],
    ['p99.9 < 1.5s', { measure: percentile(9990), limit: 1_500_000 }],
    ['p50 < 0.5ms', { measure: percentile(5000), limit: 500 }],
    ['ok service p95 < 1m30s', { among: 'ok', measure: percentile(9500, 'service') }],
    ['failed p95 < 2s', { among: 'failed', measure: percentile(9500) }],
    ['ttfb mean < 80ms', { measure: { kind: 'mean', metric: 'ttfb' } }],
    ['max < 3s', { measure: { kind: 'max', metric: 'latency' } }],
    ['tls p95 < 80ms in eu-west-1', { measure: percentile(9500, 'tls') }],
    ['errors < 1%', { measure: { kind: 'errors' }, limit: 0.01 }],
    ['errors <= 0%', { measure: { kind: 'errors' }, comparison: '<=', limit: 0 }],
    ['rate > 950/s', { measure: { kind: 'rate' }, comparison: '>', limit: 950 }],
    ['p95 < 1s of "POST /hospital"', { request: 'POST /hospital' }],
    ['p95 < 1s of checkout', { request: 'checkout' }],
    ['p95 < 1s in eu-west-1', { region: { name: 'eu-west-1' } }],
    ['p99 < 1s in every region during peak', { region: { every: true }, stage: 'peak' }],
    ['p99 < 1s during "step 3" of "GET /"', { stage: 'step 3', request: 'GET /' }],
    ['p99 < 1s', { request: null, region: null, stage: null }],
  ])('%s', (text, meaning) => {
    expect(parseObjective(text, SCOPE)).toMatchObject({ text, ...meaning });
  });
});

describe('a mistake points at the wrong word and helps', () => {
  test.each([
    ['latencey p95 < 5ms', 'latencey', "did you mean 'latency'?"],
    ['p999 < 5ms', 'p999', "did you mean 'p99.9'?"],
    ['p100 < 5ms', 'p100', "did you mean 'max'?"],
    ['p99.999 < 5ms', 'p99.999', 'at most two decimals'],
    ['p(95) < 5ms', 'p(95)', "did you mean 'p95'?"],
    ['avg < 5ms', 'avg', "did you mean 'mean'?"],
    ['error < 5%', 'error', "did you mean 'errors'?"],
    ['p95 = 5ms', '=', 'write < where less is better, else >'],
    ['p95 < 500', '500', 'give it a unit: 500ms'],
    ['errors < 1', '1', 'give it a unit: 1%'],
    ['rate > 950', '950', 'give it a unit: 950/s'],
    ['errors < 101%', '101%', undefined],
    ['ok errors < 1%', 'ok', 'leave it out'],
    ['service errors < 1%', 'service', 'leave it out'],
    ['ok tcp p95 < 1s', 'ok', 'leave it out'],
    ['failed ttfb p95 < 1s', 'failed', 'write failed p95 < …'],
    ['dns p95 < 1s of "GET /"', 'of', 'leave out `of`'],
    ['p95 < 1s of "GET /x"', '"GET /x"', "did you mean 'GET /'?"],
    ['p95 < 1s of POST /hospital', 'POST /hospital', 'write of "POST /hospital"'],
    ['p95 < 1s in eu-west-2', 'eu-west-2', "did you mean 'eu-west-1'?"],
    ['p95 < 1s in mars', 'mars', "there are 'eu-west-1', 'ap-northeast-1'"],
    ['p95 < 1s in every place', 'place', undefined],
    ['p95 < 1s during peek', 'peek', "did you mean 'peak'?"],
    ['p95 < 1s during warm', 'warm', undefined],
    ['p95 < 1s durring peak', 'durring', "did you mean 'during'?"],
    ['p95 < 1s in eu-west-1 in eu-west-1', 'in', undefined],
  ])('%s', (text, word, help) => {
    const found = mistakeIn(text);
    expect(text.slice(found.start, found.start + found.length)).toBe(word);
    if (help) expect(found.help).toBe(help);
  });

  test.each(['', 'p95', 'p95 <', 'ok', 'latency', 'p95 < 1s of', 'p95 < 1s in every'])(
    'an unfinished %j names what is needed',
    (text) => {
      expect(mistakeIn(text).message).toMatch(/^the objective ends where .* is needed$/);
    },
  );

  test('without named stages the help says how to name one', () => {
    const scope = { ...SCOPE, stages: [] };
    expect(() => parseObjective('p95 < 1s during peak', scope)).toThrowError(
      expect.objectContaining({ help: 'name one: name: peak' }),
    );
  });

  test('names are not judged where the plan is too wrong to know them', () => {
    const scope = { requests: null, regions: null, stages: null };
    const objective = parseObjective('p95 < 1s of "x" in y during z', scope);
    expect(objective).toMatchObject({ request: 'x', region: { name: 'y' }, stage: 'z' });
  });
});

function mistakeIn(text: string): TextMistake {
  try {
    parseObjective(text, SCOPE);
  } catch (error) {
    if (error instanceof TextMistake) return error;
    throw error;
  }
  throw new Error(`'${text}' was read without a mistake`);
}
