import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly engines?: { readonly node?: string };
  readonly hasInstallScript?: boolean;
  readonly deprecated?: string;
}

const json = (name: string) =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const manifest = json('package.json') as { allowScripts?: Record<string, boolean> };
const locked = Object.entries(json('package-lock.json').packages as Record<string, Locked>).filter(
  ([path]) => path !== '',
);

/** As much of npm's grammar as `engines` use: comparators side by side, and `||`. */
function admits(range: string, version: readonly number[]): boolean {
  return range.split('||').some((all) => {
    const comparators = all
      .replaceAll(/([<>=^~]+)\s+/g, '$1')
      .trim()
      .split(/\s+/);
    return comparators.every((comparator) => {
      const [, how = '', numbers = ''] = /^([<>=^~]*)v?([\d.x*]*)/.exec(comparator) ?? [];
      const parts = numbers
        .split('.')
        .filter((part) => /^\d+$/.test(part))
        .map(Number);
      const order = [0, 1, 2].reduce(
        (found, i) => found || Math.sign(version[i]! - (parts[i] ?? 0)),
        0,
      );
      if (how === '>=') return order >= 0;
      if (how === '<') return order < 0;
      const fixed = how === '^' ? 1 : how === '~' ? 2 : parts.length;
      return order >= 0 && parts.slice(0, fixed).every((part, i) => part === version[i]);
    });
  });
}

test('ranges of versions are read as npm reads them', () => {
  const v20 = [20, 19, 0];
  const good = [
    '>=20.19',
    '^18 || ^20 || >=22',
    '>= 0.4',
    '*',
    '20 || 22',
    '^20.19.0 || >=22.12.0',
  ];
  const bad = ['>=22', '^18 || ^22', '>=18 <20', '^20.20.0', '20.18.x', '~20.18.0'];
  expect(good.filter((range) => !admits(range, v20))).toEqual([]);
  expect(bad.filter((range) => admits(range, v20))).toEqual([]);
});

// npm warns of each package whose `engines` leave out the Node that installs it. The SDK of durable
// functions says Node 22; it is only ever bundled for Lambda's Node 24, so the lock does not say so.
// Its local runner says the same, and does its work in test/cloud/long-run.test.ts on Node 20, too.
// `npm install` of another version of either writes that line again: remove it.
test('no package of the lock makes npm warn of the oldest Node that we run on', () => {
  const warned = locked.filter(([, { engines }]) => !admits(engines?.node ?? '*', [20, 19, 0]));
  expect(warned.map(([path, { engines }]) => `${path} wants Node ${engines?.node}`)).toEqual([]);
});

// npm warns of install scripts that nobody has judged. esbuild's is a shortcut that it works without.
test('every package with an install script is allowed to run it, or not, in package.json', () => {
  const scripted = locked
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(Object.keys(manifest.allowScripts ?? {})).toEqual([...new Set(scripted)]);
});

test('no package of the lock is deprecated', () => {
  expect(locked.filter(([, { deprecated }]) => deprecated !== undefined)).toEqual([]);
});
