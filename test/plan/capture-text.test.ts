import { describe, expect, it } from 'vitest';
import { parseCapture } from '../../lib/plan/capture-text.js';
import { TextMistake } from '../../lib/plan/diagnostics.js';
import { checkJsonPath, plainPath } from '../../lib/plan/json-path.js';

/** What is wrong, what it points at, and its help. */
function mistake(text: string, read: (text: string) => unknown): string {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    const { message, start, length, help } = error;
    return [message, text.slice(start, start + length), help ?? ''].join(' | ');
  }
  return 'sound';
}

describe('a capture', () => {
  it.each([
    ['$.access', { from: 'json', path: '$.access' }],
    ['$.items[?@.stock > 0].id', { from: 'json', path: '$.items[?@.stock > 0].id' }],
    ['header Location', { from: 'header', header: 'location' }],
    ['cookie  sessionId', { from: 'cookie', cookie: 'sessionId' }],
    ['/csrf" value="([^"]+)"/i', { from: 'regex', source: 'csrf" value="([^"]+)"', flags: 'i' }],
  ])('%s', (text, capture) => {
    expect(parseCapture('it', text)).toEqual({ name: 'it', ...capture });
  });

  it.each([
    ['access', /^this says nothing about where the value is \| access \| a JSON path like/],
    [
      'headr location',
      "this says nothing about where the value is | headr location | did you mean 'header location'?",
    ],
    ['header', /^which header\? \| header/],
    ['header ', /^which header\? \| header/],
    ['header x y', /^'x y' is no name of a header \| x y/],
    ['cookie a;b', /^'a;b' is no name of a cookie \| a;b/],
    ['/(/', /^this is no regular expression: /],
    ['/a/g', /^a regular expression takes no flag 'g' here \| g/],
    ['$.a[', /^this is no JSON path: /],
    ['$.a[?foo(@)]', /^this is no JSON path: no such function 'foo' \| f \| for example/],
  ])('%s is refused', (text, told) => {
    const found = mistake(text, (one) => parseCapture('it', one));
    if (typeof told === 'string') expect(found).toBe(told);
    else expect(found).toMatch(told);
  });
});

describe('a plain path', () => {
  it.each([
    ['$', []],
    ['$.a.b_2', ['a', 'b_2']],
    ['$.items[0][12].id', ['items', 0, 12, 'id']],
    [`$['full name']["it's"]`, ['full name', "it's"]],
    ['$.größe', ['größe']],
    ["$['']", ['']],
  ])('%s', (path, segments) => {
    expect(plainPath(path)).toEqual(segments);
  });

  it.each([
    '',
    'a',
    '$.',
    '$..a',
    '$.*',
    '$[*]',
    '$[-1]',
    '$[01]',
    '$[0:2]',
    '$.a b',
    "$['a\\n']",
    '$[?@.a]',
    '$.2a',
    '$.a ',
    "$['a','b']",
    '$[9999999999]',
    '$.a-b',
  ])("'%s' is none", (path) => {
    expect(plainPath(path)).toBeNull();
  });
});

describe('a JSON path', () => {
  it.each([
    '$.a.b',
    '$..id',
    '$.a[-1]',
    '$.a[?@.x > 1 && @.y].z',
    "$['a\\u0041']",
    '$.a[0,2:4].*',
    '$.a[?length(@) > 2]',
  ])('%s is one', (path) => {
    expect(mistake(path, checkJsonPath)).toBe('sound');
  });

  it.each([
    '$.',
    'a.b',
    '$.a[01]',
    '$[?@.a = 1]',
    '$.a ',
    '$[9007199254740992]',
    '$.a[?length()]',
    '$[?@.a == @.*]',
  ])("'%s' is none", (path) => {
    expect(mistake(path, checkJsonPath)).toMatch(/^this is no JSON path: .+ \| .? \| for example/s);
  });
});
