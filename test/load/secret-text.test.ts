// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { describe, expect, it } from 'vitest';
import { SecretText } from '../../lib/load/secret-text.js';

const ENV = {
  TOKEN: 'tok-123456',
  LONGER: 'tok-123456-and-more',
  PATTERN: '$& $1 .* [x]',
  SHORT: 'abc',
  EMPTY: '',
};

it('hides the beginning of a secret where a sample was cut', () => {
  const secrets = new SecretText({ TOKEN: 'supersecretvalue' });
  secrets.reveal('${env:TOKEN}');
  expect(secrets.hide('the token is supersecre')).toBe('the token is ***');
  expect(secrets.hide('the token is sup')).toBe('the token is sup');
});

it('hides the end of a secret where a sample begins within it', () => {
  const secrets = new SecretText({ TOKEN: 'supersecretvalue' });
  secrets.reveal('${env:TOKEN}');
  expect(secrets.hide('secretvalue is the token')).toBe('*** is the token');
  expect(secrets.hide('lue is the token')).toBe('lue is the token');
});

describe('a text with ${secret:NAME} in it', () => {
  it('gets the values of secrets put in, and nothing of the environment', () => {
    const secrets = new SecretText({ TOKEN: 'of the machine' }, { 'shop/token@1': 'tok-123456' });
    expect(secrets.reveal('Bearer ${secret:shop/token@1}')).toBe('Bearer tok-123456');
    expect(secrets.reveal('${secret:TOKEN}')).toBe('${secret:TOKEN}');
    expect(secrets.hide('who sent tok-123456?')).toBe('who sent ***?');
  });

  it('never finds what every object has', () => {
    const secrets = new SecretText({}, {});
    for (const text of ['${env:constructor}', '${secret:toString}', '${env:__proto__}']) {
      expect(secrets.reveal(text)).toBe(text);
    }
  });
});

describe('a text with ${env:NAME} in it', () => {
  it('gets the values put in, as they are, wherever they stand', () => {
    const secrets = new SecretText(ENV);
    expect(secrets.reveal('Bearer ${env:TOKEN}')).toBe('Bearer tok-123456');
    expect(secrets.reveal('${env:TOKEN}/${env:SHORT}/${env:TOKEN}')).toBe(
      'tok-123456/abc/tok-123456',
    );
    expect(secrets.reveal('<${env:PATTERN}>')).toBe('<$& $1 .* [x]>');
    expect(secrets.reveal('[${env:EMPTY}]')).toBe('[]');
  });

  it('keeps what is no reference, or names nothing', () => {
    const secrets = new SecretText(ENV);
    for (const text of ['$TOKEN', '${TOKEN}', '${env:NOBODY}', '${env:TOKEN', '$${env:}', '']) {
      expect(secrets.reveal(text)).toBe(text);
    }
  });

  it('is not read again after the values are in', () => {
    const nested = new SecretText({ A: '${env:B}', B: 'inner' });
    expect(nested.reveal('${env:A}')).toBe('${env:B}');
  });
});

describe('what is stored or shown', () => {
  it('holds no value that was put in, however often it stands there', () => {
    const secrets = new SecretText(ENV);
    secrets.reveal('${env:TOKEN} ${env:PATTERN}');
    expect(secrets.hide('tok-123456 was refused: tok-123456, $& $1 .* [x].')).toBe(
      '*** was refused: ***, ***.',
    );
  });

  it('holds no rest of a value that begins like another, in whatever order they came', () => {
    for (const names of [
      ['TOKEN', 'LONGER'],
      ['LONGER', 'TOKEN'],
    ]) {
      const secrets = new SecretText(ENV);
      for (const name of names) secrets.reveal(`\${env:${name}}`);
      expect(secrets.hide('tok-123456-and-more / tok-123456')).toBe('*** / ***');
    }
  });

  it('holds no value as it is written in a path, a form or in JSON either', () => {
    const secrets = new SecretText({ TOKEN: 'a "b" c&d/e' });
    secrets.reveal('${env:TOKEN}');
    const written = ['a%20%22b%22%20c&d/e', 'a+%22b%22+c%26d%2Fe', 'a \\"b\\" c&d/e'];
    for (const text of written) expect(secrets.hide(`<${text}>`)).toBe('<***>');
  });

  it('holds nothing that is private this once, and may hold it the next time', () => {
    const secrets = new SecretText(ENV);
    expect(secrets.hide('of t-1: t-12345', ['t-12345'])).toBe('of t-1: ***');
    expect(secrets.hide('of t-1: t-12345')).toBe('of t-1: t-12345');
  });

  it('is left alone where nothing was put in, or too little to be a secret', () => {
    const secrets = new SecretText(ENV);
    secrets.reveal('${env:SHORT}${env:EMPTY}');
    expect(secrets.hide('abc tok-123456')).toBe('abc tok-123456');
  });
});
