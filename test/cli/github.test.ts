import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkGithub, placesIn, probeGithub, tellGithub } from '../../lib/cli/github.js';
import { renderMarkdown } from '../../lib/report/render/markdown.js';
import { heardTerminal } from '../support/heard-terminal.js';
import { largeReport } from '../support/sample-report.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = mkdtempSync(join(temporaryFolder(), 'github-'));

/** A job whose summary holds so many bytes already. */
function job(name: string, bytes: number) {
  const path = join(folder, name);
  writeFileSync(path, 'x'.repeat(bytes));
  return { path, ...heardTerminal({ env: { GITHUB_STEP_SUMMARY: path } }) };
}

test('what the steps before have written stays, and stdout is left alone', async () => {
  const { path, terminal, said } = job('some.md', 10);
  await tellGithub(largeReport(), terminal);
  expect(readFileSync(path, 'utf8')).toBe(`xxxxxxxxxx${renderMarkdown(largeReport())}`);
  expect(said().out).toBe('');
  expect(said().err).toMatch(/^::error title=Objective missed/);
});

test('a summary never grows beyond what GitHub takes', async () => {
  const { path, terminal, said } = job('nearly-full.md', 1024 * 1024 - 3_000);
  await tellGithub(largeReport(), terminal);
  const text = readFileSync(path, 'utf8');
  expect(text.length).toBeGreaterThan(1024 * 1024 - 3_000);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
  expect(said().err).not.toContain('note:');
  const full = job('full.md', 1024 * 1024);
  await tellGithub(largeReport(), full.terminal);
  expect(full.said().err).toMatch(/^note: the summary of this step is full/);
});

test('without a job, or with a summary that cannot be written, it is refused', async () => {
  expect(() => checkGithub(heardTerminal().terminal)).toThrow(/belongs into a job/);
  const { terminal } = heardTerminal({ env: { GITHUB_STEP_SUMMARY: join(folder, 'none.md') } });
  await expect(probeGithub(terminal)).rejects.toThrow(/cannot write .*none\.md/);
});

test('the file of an annotation is named from the root of the repository', async () => {
  mkdirSync(join(folder, 'load'));
  const file = join(folder, 'load/plan.yaml');
  writeFileSync(file, 'target: http://a\nobjectives:\n  - p95 < 1s\n');
  const { terminal } = heardTerminal({ env: { GITHUB_WORKSPACE: folder } });
  const places = await placesIn(file, terminal);
  expect(places('p95 < 1s')).toEqual({ file: 'load/plan.yaml', line: 3 });
  expect(places('p99 < 1s')).toBeNull();
});
