import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  FAILURE_CLASSES,
  type FailureClass,
  failureClass,
} from '../../lib/load/failure-classes.js';
import { errorClass } from '../../lib/report/error-list.js';
import { expectGolden } from '../support/golden.js';

/** From here as from test/golden. */
const PAGE = '../../docs/errors.md';

/** The table of docs/errors.md, in the order of the codes. */
function tableOf(classes: readonly FailureClass[]): string {
  const rows = classes
    .toSorted((a, b) => a.code - b.code || (a.to ?? 0) - (b.to ?? 0))
    .map(({ code, to, what, advice }) => {
      const codes = to === undefined ? `${code}` : `${code} to ${to}`;
      return `| ${codes} | ${errorClass(code)} | ${what} | ${advice} |`;
    });
  return ['| code | class | what happened | what to do |', '|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}

describe('docs/errors.md', () => {
  it('has the words of the program for every class, and no class more', () => {
    const page = readFileSync(new URL(PAGE, import.meta.url), 'utf8');
    const around = page.split(/(?:^\|.*\n)+/m);
    expect(around).toHaveLength(2);
    expectGolden(PAGE, around.join(tableOf(FAILURE_CLASSES)));
  });
});

describe('a class', () => {
  it('is told in words that make one sentence with what happened', () => {
    for (const { what, advice } of FAILURE_CLASSES) {
      expect(what + advice).not.toMatch(/[.:|\n]$|\. /);
      expect(advice, what).not.toMatch(/^[A-Z](?![A-Z])/);
    }
  });

  it('is there for every code that the program gives', () => {
    const folder = new URL('../../lib/load/', import.meta.url);
    const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
    const given = sources.flatMap((source) =>
      [...source.matchAll(/(?:Failure\(\s*|: \[\s*)(1\d{3})\b/g)].map(([, code]) => Number(code)),
    );
    expect(new Set(given).size).toBeGreaterThan(15);
    for (const code of given) expect(failureClass(code), `${code}`).not.toBeNull();
  });

  it('that the recorder gives has the same words there, where these cannot be read', () => {
    const source = readFileSync(new URL('../../lib/measure/recorder.ts', import.meta.url), 'utf8');
    const { what, advice } = failureClass(1051)!;
    expect(source).toContain(`'${what}: ${advice}'`);
  });

  it('of one status wins over that of its range', () => {
    expect(failureClass(1404)?.what).toBe('HTTP 404');
    expect(failureClass(1418)).toMatchObject({ code: 1402, to: 1499 });
    expect(failureClass(1599)).toMatchObject({ code: 1501, to: 1599 });
    expect(failureClass(1600)).toBeNull();
  });

  it('stands once, and ranges hold every status that is bad without expect', () => {
    const exact = FAILURE_CLASSES.filter(({ to }) => to === undefined).map(({ code }) => code);
    expect(new Set(exact).size).toBe(exact.length);
    for (let status = 400; status <= 599; status++) {
      expect(failureClass(1000 + status), `${status}`).not.toBeNull();
    }
  });
});
