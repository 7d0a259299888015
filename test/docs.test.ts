import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { program } from '../lib/cli/program.js';
import { planTemplate } from '../lib/plan/template.js';
import { commandsOf, isOnAws } from './support/documented-commands.js';
import { heardTerminal } from './support/heard-terminal.js';
import { isochrone } from './support/isochrone.js';
import { shellWords } from './support/shell-words.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Every command that the documents show is run, in the order of the page, against a real server;
// only the times are shorter, and the URL is that of the server. Pages know nothing of each other
// and run side by side: nothing is asked of their measurements.
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCS = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const PAGES = ['README.md', ...DOCS.map((name) => `docs/${name}`)];

const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'page-'));

let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.method === 'POST' ? 201 : 200;
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe.concurrent.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  test('names only commands that exist', () => {
    const known = program(heardTerminal().terminal).commands.map((command) => command.name());
    const named = [...text.matchAll(/`(?:npx )?isochrone ([a-z]+)/g)].map((match) => match[1]);
    expect(known).toEqual(expect.arrayContaining(named));
  });

  // The path through the guide is followed whole, with an emulator for AWS: test/emulator.
  const here = page === 'docs/deploy.md' ? [] : commandsOf(text);

  test.each(sequencesOf(here.filter((line) => !isOnAws(line))))(
    'shows commands that work: %s',
    async (_, lines) => {
      const folder = newFolder();
      const plan = join(folder, 'isochrone.yaml');
      const shown = /```yaml\n(# isochrone\.yaml\n[\s\S]*?)```/.exec(text)?.[1];
      if (shown) writeFileSync(plan, shown.replace(/https:\/\/shop\.example\.com/, url));
      else if (!lines.includes('isochrone run')) writeFileSync(plan, planTemplate(url));
      for (const [, code, name] of text.matchAll(/```ts\n(\/\/ (\w+\.ts)\n[\s\S]*?)```/g)) {
        writeFileSync(join(folder, name!), code!);
      }
      for (const line of lines) {
        const args = hastened(shellWords(line).slice(1), plan);
        const { code, err } = await isochrone(args, folder);
        // A service that is loaded by a noisy machine may miss what is promised; what is documented
        // must never be a mistake (2), in the way (3) or a bug (1).
        expect(
          [0, ...(/^(run|watch)$/.test(args[0] ?? '') ? [4, 99] : [])],
          `${line}\n${err}`,
        ).toContain(code);
      }
    },
    180_000,
  );
});

test('the words of a shell line are found as a shell finds them', () => {
  expect(shellWords(`isochrone run 'a b' "c \\"d\\"" e\\ f --x="g h"  # not this`)).toEqual([
    'isochrone',
    'run',
    'a b',
    'c "d"',
    'e f',
    '--x=g h',
  ]);
});

type Sequence = readonly [name: string, lines: readonly string[]];

/** A run of a URL needs nothing that was there before it; where all else stands, the order counts. */
function sequencesOf(commands: readonly string[]): Sequence[] {
  if (commands.length === 0) return [];
  if (!commands.every((line) => /^isochrone run (URL|http)/.test(line))) {
    return [['in their order', commands]];
  }
  return [...new Set(commands)].map((line) => [line, [line]]);
}

/** The same command, on the server of this test and within half a second. */
function hastened(args: readonly string[], plan: string): string[] {
  const ours = args.map((arg) =>
    arg === 'URL' ? `${url}/` : arg.replace(/^https?:\/\/[^/]+/, url),
  );
  if (ours[0] !== 'run') return ours;
  const times: Record<string, string> = {
    '--for': '400ms',
    '--ramp': '100ms',
    '--warmup': '100ms',
    '--think': '10ms..30ms',
  };
  const quick = ours.map((arg, i) => times[ours[i - 1] ?? ''] ?? arg);
  const withUrl = quick[1]?.startsWith('http') ?? false;
  const sized = quick.includes('--for') || quick.includes('--requests');
  const lengths = withUrl ? (sized ? [] : ['--for', '400ms']) : stageLengths(plan);
  // With some seeds so short a time has no arrival at all.
  return [...quick, ...lengths, '--seed', '1', '--allow-undecided'];
}

function stageLengths(plan: string): string[] {
  const { load } = parse(readFileSync(plan, 'utf8')) as { load: unknown[] };
  return load.flatMap((_, i) => ['--set', `load.${i}.for=200ms`]);
}
