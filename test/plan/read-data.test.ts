import { describe, expect, it } from 'vitest';
import type { Plan } from '../../lib/plan/plan.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import { CONTEXT, HEAD, mistakesIn } from '../support/plan-text.js';

const FILES: Readonly<Record<string, string>> = {
  'plans/users.csv': 'name,password\nann,a1\nbob,b2\n',
  'plans/terms.json': '[{"word":"shoe"},{"word":"hat"}]',
  'plans/broken.csv': 'name,password\nann\n',
  'plans/empty.csv': 'name\n',
};

function read(text: string): Plan {
  const readFile = (path: string) => {
    const content = FILES[path];
    if (content !== undefined) return Buffer.from(content);
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  };
  return readPlan({ text: HEAD + text, file: 'plans/plan.yaml' }, { ...CONTEXT, readFile });
}

describe('data', () => {
  it('is read from beside the plan, all of it', () => {
    const plan = read(`data:
  users: { csv: users.csv, pick: unique }
  terms: { json: terms.json }
requests: [ 'GET /{{ users.name }}/{{ terms.word | urlencode }}' ]`);
    expect(plan.data).toEqual([
      {
        name: 'users',
        pick: 'unique',
        columns: ['name', 'password'],
        count: 2,
        source: { format: 'csv', file: 'users.csv' },
        rows: [
          ['ann', 'a1'],
          ['bob', 'b2'],
        ],
      },
      {
        name: 'terms',
        pick: 'sequential',
        columns: ['word'],
        count: 2,
        source: { format: 'json', file: 'terms.json' },
        rows: [['shoe'], ['hat']],
      },
    ]);
  });

  it('that cannot be read is told once, where it is named, not where it is used', () => {
    const told = mistakesIn(() =>
      read(`data:
  users: { csv: user.csv }
  broken: { csv: broken.csv }
  empty: { csv: empty.csv }
requests: [ 'GET /{{ users.name }}/{{ broken.name }}/{{ empty.nme }}' ]`),
    );
    expect(told).toContain('error: cannot read user.csv: there is no such file');
    expect(told).toContain('4 |   users: { csv: user.csv }');
    expect(told).toContain(
      'error: broken.csv cannot be used: line 2 has 1 value, and there are 2 columns',
    );
    expect(told).toContain('error: empty.csv cannot be used: it holds no row');
    expect(told).toContain('3 mistakes in plans/plan.yaml');
  });

  it.each([
    ['data: users.csv', 'data must be a map from the name of a table to its file'],
    ['data: [ users.csv ]', 'data must be a map from the name of a table to its file'],
    ['data: { users: users.csv }', 'a map with csv or json, like { csv: users.csv, pick: unique }'],
    ['data: { users: { csv: users.csv, pick: all } }', 'pick must be unique, sequential or random'],
    ['data: { uuid: { csv: users.csv } }', "'uuid' is what a helper is called: uuid"],
    ['data: { 2users: { csv: users.csv } }', "'2users' cannot stand in {{ }}"],
  ])('%s is refused', (text, told) => {
    const shown = mistakesIn(() => read(text));
    expect(shown).toContain(told);
    expect(shown).toContain('1 mistake in');
  });

  it('has no column that is not there', () => {
    const told = mistakesIn(() =>
      read(`data: { users: { csv: users.csv } }
requests: [ 'GET /{{ users.nam }}' ]`),
    );
    expect(told).toContain("'users' has no column 'nam'");
    expect(told).toContain("did you mean 'name'?");
  });
});
