import { describe, expect, it } from 'vitest';
import { Failure } from '../../lib/load/failure.js';
import { DEEPEST_JSON, readJson } from '../../lib/load/json-text.js';

function reading(body: Buffer | string): string {
  try {
    return JSON.stringify(readJson(Buffer.from(body)));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${error.code} ${error.message.split(': ')[0]}`;
  }
}

const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

describe('a body in JSON', () => {
  it.each(['{"a":[1,2.5,"x",null,true]}', '"text"', '7', '[]', '{"a":"\\"}{[\\\\"}', '{"ä":"😀"}'])(
    '%s',
    (text) => {
      expect(reading(text)).toBe(JSON.stringify(JSON.parse(text)));
    },
  );

  it('may begin with a byte order mark', () => {
    expect(reading('\ufeff{"a":1}')).toBe('{"a":1}');
  });

  it('may nest a hundred levels', () => {
    expect(reading(nested(DEEPEST_JSON))).toBe(nested(DEEPEST_JSON));
    expect(reading(`[${nested(99)},${nested(99)}]`)).toBe(`[${nested(99)},${nested(99)}]`);
  });

  it.each([
    ['a level more', nested(101)],
    ['200 levels', nested(200)],
    ['200 levels of objects', `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`],
    ['a megabyte of brackets', '['.repeat(1 << 20)],
    ['brackets behind texts that look like their end', `["]]]]",${'["]",'.repeat(100)}1`],
  ])('is not read with %s', (_, text) => {
    expect(reading(text)).toBe('1721 the body nests more than 100 levels of JSON');
  });

  it('counts no bracket within a text', () => {
    expect(reading(JSON.stringify(['['.repeat(500), '\\"['.repeat(200)]))).toContain('[[[');
  });

  it.each(['{"a":', 'nope', '<html>', '{"a":1}}', "{'a':1}", '"\n"'])('%j is none', (text) => {
    expect(reading(text)).toBe('1721 the body is no JSON');
  });

  it('is none where it is empty', () => {
    expect(reading('')).toBe('1721 the body is empty, and no JSON');
  });

  it.each([
    ['a byte that stands nowhere in UTF-8', [0x22, 0xff, 0x22]],
    ['a character that is cut off', [0x22, 0xc3, 0x22]],
    ['a character in a longer form than need be', [0x22, 0xc0, 0xaf, 0x22]],
    ['half a pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ])('is none with %s', (_, bytes) => {
    expect(reading(Buffer.from(bytes))).toBe('1721 the body is not in UTF-8, and so no JSON');
  });
});
