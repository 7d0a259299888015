import { expect, it } from 'vitest';
import { strangeCode } from '../../lib/load/strange-code.js';
import type { CodeFlow } from '../../lib/plan/plan.js';
import { step } from '../support/flow-run.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';

const sha256 = 'a'.repeat(64);
const flow: CodeFlow = {
  ...{ kind: 'code', name: 'own', weight: 1, requests: [0] },
  code: { sha256, bytes: 1, file: 'own.ts' },
};
const frozen = frozenFor(
  planFor('http://127.0.0.1:1', constantRate(1, 1), { requests: [step('GET /')], flows: [flow] }),
);

it('code is carried out only where the command that leads the run has bundled it', () => {
  expect(strangeCode(frozen, { code: [sha256] })).toBeNull();
  expect(strangeCode(frozen, { code: ['b'.repeat(64)] })).toContain('was not bundled');
  expect(strangeCode(frozen, {})).toContain('was not bundled');
});

it('on machines that were lent code is carried out where these allow it, and nowhere else', () => {
  const lent = (runsCode: boolean) => strangeCode(frozen, { code: [sha256], terms: { runsCode } });
  expect(lent(false)).toContain("flow 'own' is code, which this worker does not carry out");
  expect(lent(true)).toBeNull();
});
