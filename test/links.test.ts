import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { anchorsOf, linksOf } from './support/markdown-links.js';
import { temporaryFolder } from './support/temporary-folder.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const scratch = temporaryFolder();
let count = 0;

function documents(): string[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const top = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
  return [...top.filter((name) => existsSync(join(ROOT, name))), ...docs.map((n) => `docs/${n}`)];
}

/** Those links of a file that lead to nothing in this folder; the web is not asked. */
function broken(root: string, file: string): string[] {
  return linksOf(readFileSync(join(root, file), 'utf8')).filter((link) => {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(link)) return false;
    const [path = '', anchor] = decodeURI(link).split('#');
    const target = path === '' ? join(root, file) : join(root, dirname(file), path);
    if (!existsSync(target)) return true;
    if (!anchor || !target.endsWith('.md')) return false;
    return !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
  });
}

test.each(documents())('every link in %s leads to something', (file) => {
  expect(broken(ROOT, file)).toEqual([]);
});

test.each([
  ['[a](none.md)', ['none.md']],
  ['[a](none.md "title") and ![b](./none.png)', ['none.md', './none.png']],
  ['[a]: none.md\n\n[a]', ['none.md']],
  ['<img src="none.svg" alt="x"><a href="none.md">x</a>', ['none.svg', 'none.md']],
  ['[a](#nowhere)', ['#nowhere']],
  ['[a](other.md#nowhere) [b](other.md#two-words-1)', ['other.md#nowhere']],
  ['[a](other.md#two-words) [b](other.md) [c](<other.md>)', []],
  ['# Here & there\n\n[a](#here--there)', []],
  ['[a](https://example.com/none.md) [b](mailto:a@example.com)', []],
  ['`[a](none.md)` and ``[b](`none.md`)``', []],
  ['```md\n[a](none.md)\n```\n\n[b](other.md)', []],
])('links are found where they stand: %j', (markdown, expected) => {
  const folder = join(scratch, String(++count));
  mkdirSync(folder);
  writeFileSync(join(folder, 'page.md'), markdown);
  writeFileSync(join(folder, 'other.md'), '# Two words\n\n## Two words\n\n```\n# nowhere\n```\n');
  expect(broken(folder, 'page.md')).toEqual(expected);
});
