import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputFiles } from '../../lib/load/input-files.js';
import { requestTemplates } from '../../lib/load/request-template.js';
import { SecretText } from '../../lib/load/secret-text.js';
import type { Input, Plan } from '../../lib/plan/plan.js';
import { constantRate, planFor, requestOf } from '../support/load-plans.js';

const BYTES = Buffer.from('what is to be sent');
const sha256 = createHash('sha256').update(BYTES).digest('hex');
const input = (change: Partial<Input> = {}): Input => ({
  sha256,
  bytes: BYTES.length,
  file: '/etc/passwd',
  ...change,
});
const store = (bytes: Uint8Array = BYTES) => ({
  read: async (digest: string) => (digest === sha256 ? bytes : null),
});

function planWith(...inputs: readonly Input[]): Plan {
  const requests = inputs.map((one, i) =>
    requestOf(`PUT /${i}`, { body: { encoding: 'base64', data: '', input: one } }),
  );
  return planFor('http://127.0.0.1:1', constantRate(1, 1), { requests });
}

describe('inputs', () => {
  it('are brought once each, and gone when the worker is', async () => {
    let reads = 0;
    const files = new InputFiles({
      read: async () => {
        reads++;
        return BYTES;
      },
    });
    await files.bring(planWith(input(), input({ file: 'b' })));
    const path = files.fileOf(input());
    expect(reads).toBe(1);
    expect(readFileSync(path)).toEqual(BYTES);
    await files.close();
    expect(existsSync(dirname(path))).toBe(false);
  });

  it('of parts of a form are brought, too', async () => {
    const files = new InputFiles(store());
    const body = { encoding: 'base64' as const, data: '', input: input() };
    const parts = [{ name: 'a', fileName: 'a', contentType: null, body }];
    const plan = planFor('http://127.0.0.1:1', constantRate(1, 1), {
      requests: [requestOf('PUT /', { body: { encoding: 'utf8', data: '', parts } })],
    });
    await files.bring(plan);
    expect(readFileSync(files.fileOf(input()))).toEqual(BYTES);
    await files.close();
  });

  it.each([
    ['that are not there', input({ sha256: '0'.repeat(64) }), store(), /not among the inputs/],
    ['that have changed', input(), store(Buffer.from('other')), /not what it was/],
    ['of another length', input({ bytes: 3 }), store(), /not what it was/],
    ['whose digest is a path', input({ sha256: '../plan.json' }), store(), /not among the inputs/],
  ])('%s are refused', async (_what, wrong, from, message) => {
    const files = new InputFiles(from);
    await expect(files.bring(planWith(wrong))).rejects.toThrow(message);
    await files.close();
  });

  it('are never looked for where a plan says that they were', () => {
    const plan = planWith(input());
    expect(() => requestTemplates(plan, 'test', new SecretText({}))).toThrow(/not brought here/);
    expect(() => new InputFiles(store()).fileOf(input())).toThrow(/not brought here/);
  });
});
