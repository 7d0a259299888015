import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { isochrone } from '../support/isochrone.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
let server: ScriptedServer | null = null;
afterEach(async () => {
  await server?.close();
});

const plan = (target: string) => `
target: ${target.replace(/\/$/, '')}
load: [{ rate: 10/s, for: 2s }]
requests:
  - flow: heavy
    code: ./heavy.ts
    requests: [GET /things]
`;

const CODE = `
import { WORD } from './word.js';
export default async ({ http, check, log }: any): Promise<void> => {
  const { body } = await http.get('/things');
  const from: number = performance.now();
  while (performance.now() - from < 150);
  check('says the word', body === WORD);
  log(process.env.PLANTED);
};
`;

it('a flow in code that holds its worker up is named, and the run is not good', async () => {
  server = await scriptedServer((socket) => socket.write(answer('hello')));
  await writeFile(join(folder, 'plan.yaml'), plan(server.url));
  await writeFile(join(folder, 'heavy.ts'), CODE);
  await writeFile(join(folder, 'word.js'), "export const WORD = 'hello';");
  const { out, err, code } = await isochrone(['run', 'plan.yaml', '--json', '--quiet'], folder, {
    PLANTED: 'planted-s3cret',
  });
  expect([err, code]).toEqual(['', 4]);
  const report = JSON.parse(out);
  expect(report.checks).toEqual([
    { request: 'flow heavy', text: 'says the word', passed: 20, failed: 0 },
  ]);
  const found = report.findings.find(({ id }: { id: string }) => id === 'code-hogs');
  expect(found).toMatchObject({ severity: 'serious', evidence: { flow: 'heavy' } });
  // On a busy machine a short turn may take as long.
  expect(found.evidence.hogs).toBeGreaterThanOrEqual(20);
  expect(found.text).toContain('flow heavy');
  expect(out).not.toContain('planted');
  const row = report.slices.find(
    (slice: { request: string; region: null; stage: null }) =>
      slice.request === 'GET /things' && slice.region === null && slice.stage === null,
  );
  expect(row.requests).toMatchObject({ scheduled: 20, ok: 20 });
});

it('a detached run carries out the code that its command has bundled, and no other', async () => {
  server = await scriptedServer((socket) => socket.write(answer('hello')));
  await writeFile(join(folder, 'plan.yaml'), plan(server.url));
  await writeFile(join(folder, 'heavy.ts'), CODE.replace('150', '1'));
  await writeFile(join(folder, 'word.js'), "export const WORD = 'hello';");
  const begun = await isochrone(['run', 'plan.yaml', '--detach', '--quiet'], folder);
  const run = begun.out.trim();
  const { out } = await isochrone(['watch', run, '--json', '--quiet'], folder);
  expect(JSON.parse(out).checks).toMatchObject([{ passed: 20, failed: 0 }]);
});

it('failed requests that code does not wait for are counted, and nothing else becomes of them', async () => {
  server = await scriptedServer((socket) => socket.write(answer('no', 500)));
  await writeFile(
    join(folder, 'plan.yaml'),
    plan(server.url).replace('[GET /things]', '[GET /things, GET /more]'),
  );
  await writeFile(
    join(folder, 'heavy.ts'),
    `export default async ({ http }: any) => {
      http.get('/things');
      http.get('/more').then((answer: any) => answer.json());
    };`,
  );
  const { out } = await isochrone(
    ['run', 'plan.yaml', '--json', '--quiet', '--allow-undecided'],
    folder,
  );
  const { completeness } = JSON.parse(out);
  expect(completeness.workers).toMatchObject({ planned: 1, reported: 1 });
  expect(completeness.iterations).toMatchObject({ scheduled: 20, ok: 20 });
  expect(completeness.requests).toMatchObject({ scheduled: 40, failed: 40, lost: 0 });
});
