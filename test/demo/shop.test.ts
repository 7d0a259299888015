import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { type Answer, Shop } from '../../lib/demo/shop.js';
import { readPlan } from '../../lib/plan/read-plan.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

const asked = (shop: Shop, times: number, route: string): Answer[] => {
  const [method = '', path = ''] = route.split(' ');
  return Array.from({ length: times }, () => shop.answer(method, path));
};
const median = (answers: readonly Answer[]) =>
  answers.map(({ delayMs }) => delayMs).sort((a, b) => a - b)[answers.length >> 1]!;

describe('the demo shop', () => {
  it('answers by its seed alone, in whatever order it is asked for different things', () => {
    const [one, other] = [new Shop(7), new Shop(7)];
    const pages = asked(one, 100, 'GET /');
    const payments = asked(one, 100, 'POST /payments');
    const mixed = Array.from({ length: 100 }, () => [
      ...asked(other, 1, 'POST /payments'),
      ...asked(other, 1, 'GET /'),
    ]);
    expect(mixed.map(([, page]) => page)).toEqual(pages);
    expect(mixed.map(([payment]) => payment)).toEqual(payments);
    expect(asked(new Shop(8), 100, 'GET /')).not.toEqual(pages);
  });

  it('is fast at some things, slow at others, and never the same twice', () => {
    const shop = new Shop(1);
    const page = asked(shop, 1_000, 'GET /');
    const search = asked(shop, 1_000, 'GET /search?q=clock');
    expect(median(search)).toBeGreaterThan(5 * median(page));
    expect(new Set(page.map(({ delayMs }) => delayMs)).size).toBeGreaterThan(990);
    expect(page.concat(search).every(({ delayMs }) => delayMs > 0 && delayMs < 500)).toBe(true);
  });

  it('fails a payment now and then, and nothing else', () => {
    const shop = new Shop(1);
    const failed = asked(shop, 10_000, 'POST /payments').filter(({ status }) => status === 503);
    // Four standard deviations round 250.
    expect(Math.abs(failed.length - 250)).toBeLessThan(63);
    for (const route of ['GET /', 'GET /items/12', 'GET /search', 'GET /payments']) {
      expect(asked(shop, 1_000, route).every(({ status }) => status === 200)).toBe(true);
    }
  });

  it.each(['GET /nowhere', 'DELETE /', 'GET /items/first'])(
    'knows no %s, and says what it knows',
    (route) => {
      const [answer] = asked(new Shop(1), 1, route);
      expect(answer).toMatchObject({ status: 404 });
      expect(answer!.body).toContain('POST /payments');
    },
  );
});

const examples = readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'));

test.each(examples)('the demo shop has what %s asks for', (file) => {
  const text = readFileSync(join(EXAMPLES, file), 'utf8');
  const readFile = (path: string) => readFileSync(join(EXAMPLES, path));
  const bundle = () => new Uint8Array();
  const { requests } = readPlan({ text, file }, { env: {}, readFile, bundle });
  const shop = new Shop(1);
  for (const { method, path } of requests) {
    const answers = asked(shop, 20, `${method} ${path}`);
    expect(answers.filter(({ status }) => status < 300).length, path).toBeGreaterThan(10);
  }
});
