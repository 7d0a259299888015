import { describe, expect, it } from 'vitest';
import { readCsv, readJsonRows, TableMistake } from '../../lib/plan/data-file.js';
import { decodeRows, encodeRows } from '../../lib/plan/data-rows.js';

const csv = (text: string) => readCsv(Buffer.from(text));
const json = (value: unknown) => readJsonRows(Buffer.from(JSON.stringify(value)));

function mistake(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (!(error instanceof TableMistake)) throw error;
    return error.help === undefined ? error.message : `${error.message} | ${error.help}`;
  }
  return 'sound';
}

describe('a CSV file', () => {
  it('names its columns in its first line', () => {
    expect(csv('name,password\nann,a1\nbob,"b,2"\n')).toEqual({
      columns: ['name', 'password'],
      rows: [
        ['ann', 'a1'],
        ['bob', 'b,2'],
      ],
    });
  });

  it.each([
    ['semicolons', 'a;b\n1,5;2'],
    ['tabs', 'a\tb\n1,5\t2'],
    ['lines of Windows and a byte order mark', '\ufeffa;b\r\n1,5;2\r\n'],
    ['empty lines', 'a;b\n\n1,5;2\n\n'],
    ['a delimiter within the quotes of its first line', '"a";b\n1,5;2'],
    ['spaces round the names of columns', ' a ;b\n1,5;2'],
  ])('may have %s', (_, text) => {
    expect(csv(text)).toEqual({ columns: ['a', 'b'], rows: [['1,5', '2']] });
  });

  it('may have one column only, and values with quotes, lines and nothing in them', () => {
    expect(csv('term\n"say ""hi"""\n"two\nlines"\n""\n').rows).toEqual([
      ['say "hi"'],
      ['two\nlines'],
      [''],
    ]);
  });

  it.each([
    ['a,b\n1,2\n1,2,3\n', 'line 3 has 3 values, and there are 2 columns | values with a comma'],
    ['a,b\n1\n', 'line 2 has 1 value, and there are 2 columns'],
    ['a,b\n"1,2\n', 'a double quote is never closed'],
    ['a,b\n1,2"3\n', 'line 2 has a double quote within a value | put the value between'],
    ['a,b\n"1"x,2\n', 'line 2 has a double quote within a value | put the value between'],
    ['a,b,a\n1,2,3\n', "two of its columns are called 'a'"],
    ['a,,b\n1,2,3\n', 'one of its columns has no name'],
    ['a,b\n', 'it holds no row'],
    ['', 'it holds no row'],
  ])('%j is refused', (text, told) => {
    expect(mistake(() => csv(text))).toContain(told);
  });

  it('must be in UTF-8', () => {
    const latin = Buffer.from('name\nJosé\n', 'latin1');
    expect(mistake(() => readCsv(latin))).toBe('it is not in UTF-8 | save it in that encoding');
  });

  it('must not be larger than a worker can hold', () => {
    expect(mistake(() => readCsv(Buffer.alloc(32_000_001, 'a\n')))).toContain('larger than 32 MB');
  });
});

describe('a JSON file', () => {
  it('has the fields of its objects as columns, all as text', () => {
    const rows = [
      { name: 'ann', age: 7, tags: ['a'] },
      { vip: true, name: 'bob', age: null },
    ];
    expect(json(rows)).toEqual({
      columns: ['name', 'age', 'tags', 'vip'],
      rows: [
        ['ann', '7', '["a"]', ''],
        ['bob', '', '', 'true'],
      ],
    });
  });

  it.each([
    ['{}', 'it holds no list | write a list of objects'],
    ['[]', 'it holds no row'],
    ['[{"a":1},[2]]', 'row 2 is no object | write a list of objects'],
    ['[{"a":1},null]', 'row 2 is no object'],
    ['[{"a":1},', 'it is no JSON: '],
    ['[{"":1}]', 'one of its columns has no name'],
  ])('%s is refused', (text, told) => {
    expect(mistake(() => readJsonRows(Buffer.from(text)))).toContain(told);
  });

  it('may call its fields as objects are wont to', () => {
    const rows = readJsonRows(Buffer.from('[{"constructor":"a"},{"toString":"b"}]'));
    expect(rows.rows).toEqual([
      ['a', ''],
      ['', 'b'],
    ]);
  });
});

describe('rows that travel', () => {
  const table = { name: 'users', columns: ['a', 'b'], count: 2 };
  const rows = [
    ['1', '"ä"\n'],
    ['', '2'],
  ];

  it('come back as they were', () => {
    expect(decodeRows(encodeRows(rows), table)).toEqual(rows);
  });

  it.each([
    ['one row less', [rows[0]]],
    ['a column less', [['1'], ['2']]],
    ['what is no text', [['1', 2], rows[1]]],
    ['what is no row', [rows[0], 'ab']],
    ['no list', { length: 2 }],
  ])('are refused with %s', (_, value) => {
    const bytes = Buffer.from(JSON.stringify(value));
    expect(() => decodeRows(bytes, table)).toThrow("the rows of 'users' are not those of the plan");
  });
});
