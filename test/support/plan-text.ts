import type { PlanContext } from '../../lib/plan/check-plan.js';
import { PlanError } from '../../lib/plan/diagnostics.js';
import type { Plan } from '../../lib/plan/plan.js';
import { type PlanOverrides, readPlan } from '../../lib/plan/read-plan.js';

export const CONTEXT: PlanContext = {
  env: {
    TOKEN: 'secret-token',
    HOST: 'shop.example.com',
    ID: '17',
    QUOTE: 'my"value',
    SPACE: 'my value',
  },
  readFile: (path) => {
    if (path === 'plans/body.bin') return Uint8Array.of(0xff, 0x00, 0x7b);
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  },
};

/** The two fields that every plan has. */
export const HEAD = 'target: https://shop.example.com\nload: [{ rate: 50/s, for: 10s }]\n';

export function read(text: string, overrides?: PlanOverrides): Plan {
  return readPlan({ text, file: 'plans/plan.yaml' }, { ...CONTEXT, overrides });
}

/** What a person is shown. */
export function mistakesIn(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof PlanError) return error.message;
    throw error;
  }
  throw new Error('there was no mistake');
}
