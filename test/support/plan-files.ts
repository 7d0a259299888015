// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { basename } from 'node:path';
import type { Plan } from '../../lib/plan/plan.js';
import { readPlan } from '../../lib/plan/read-plan.js';

const env = new Proxy({}, { get: () => 'x', has: () => true }) as Record<string, string>;

const FILES: Readonly<Record<string, string>> = {
  'users.csv': 'name,full name\nann,Ann A\nbob,Bob B\n',
  'words.json': '[{ "word": "shoe" }, { "word": "hat" }]',
  'many.csv': `name\n${'someone with a long name\n'.repeat(4_000)}`,
  't.csv': 'c d\nx\n',
  'a.bin': 'bytes',
  'b: #1 "x".bin': 'other bytes',
  'large.bin': 'x'.repeat(70_000),
};

export function readIn(text: string, readFile: (file: string) => Uint8Array): Plan {
  return readPlan(
    { text, file: 'plan.yaml' },
    { env, where: 'local', readFile, bundle: (file) => Buffer.from(`bundle of ${basename(file)}`) },
  );
}

export function readBeside(written: string): Plan {
  const text = [
    /^target:|^{/m.test(written) ? '' : 'target: https://shop.example.com\n',
    /^load:|^{/m.test(written) ? '' : 'load: [{ rate: 1/s, for: 1m }]\n',
    written,
  ].join('');
  return readIn(text, (file) => {
    const content = FILES[basename(file)];
    if (content === undefined) throw new Error(`${file} is not there`);
    return Buffer.from(content);
  });
}
