import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../lib/errors.js';
import { type FoundRun, findRun } from '../../lib/run/find-run.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { runState } from '../support/run-state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
const store = FolderStore.open(join(scratch, 'isochrone-runs'));
const OLD = '20261120-090000-search-aaaa';
const FOUR = '20261121-141503-checkout-7f3a';
const EIGHT = '20261121-151503-checkout-8e21';
const LATEST = '20261122-101010-checkout-c0de';
const LABELS = new Map([
  [FOUR, '4 workers'],
  [EIGHT, '8 workers'],
  [LATEST, '2026'],
]);

beforeAll(async () => {
  for (const run of [OLD, FOUR, EIGHT, LATEST]) {
    const files = runFiles(store, run);
    await files.state.write(runState(run, { label: LABELS.get(run) ?? null, name: 'shop' }));
    await files.report.write('report.json', '{}');
  }
});

const ofStore = (found: FoundRun) =>
  found.kind === 'run' ? [found.store.address, found.run] : [found.path];

async function refusal(form: string, where = store): Promise<string> {
  const error = await findRun(form, where).then(
    (found) => `found ${ofStore(found)}`,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message;
}

describe('a run is found', () => {
  test.each([
    ['by its id', FOUR, FOUR],
    ['by the unique start of its id', '20261121-1415', FOUR],
    ['by its label', '8 workers', EIGHT],
    ['by its label, even where that begins ids', '2026', LATEST],
    ['as the latest', 'latest', LATEST],
  ])('%s', async (_, form, run) => {
    expect(ofStore(await findRun(form, store))).toEqual([store.address, run]);
  });

  test('by its folder, in whatever store', async () => {
    const elsewhere = FolderStore.open(join(scratch, 'elsewhere'));
    for (const end of ['', '/']) {
      const found = await findRun(`${store.address}/runs/${OLD}${end}`, elsewhere);
      expect(ofStore(found)).toEqual([store.address, OLD]);
    }
  });

  test('as the latest of the folder that runs are kept in', async () => {
    const elsewhere = FolderStore.open(join(scratch, 'elsewhere'));
    expect(ofStore(await findRun(store.address, elsewhere))).toEqual([store.address, LATEST]);
  });

  test('by its report alone', async () => {
    const path = join(store.address, 'runs', OLD, 'report/report.json');
    expect(await findRun(path, store)).toEqual({ kind: 'report-file', path });
  });

  test('by the report in a copy of its folder', async () => {
    const copy = join(scratch, 'copy');
    await cp(join(store.address, 'runs', OLD), copy, { recursive: true });
    const path = join(copy, 'report/report.json');
    expect(await findRun(copy, store)).toEqual({ kind: 'report-file', path });
  });
});

describe('what cannot be found is told with what could', () => {
  test('an ambiguous start lists its candidates', async () => {
    expect(await refusal('20261121')).toBe(
      `2 runs in ${store.address} begin with "20261121": say which by more of its id\n` +
        `  ${EIGHT}  8 workers\n  ${FOUR}  4 workers`,
    );
  });

  test('a label that several carry lists them, and no more than five', async () => {
    const many = FolderStore.open(join(scratch, 'many'));
    for (let i = 0; i < 7; i++) {
      const run = `20261121-00000${i}-shop-0000`;
      await runFiles(many, run).state.write(runState(run, { label: 'nightly' }));
    }
    const message = await refusal('nightly', many);
    expect(message).toContain(`7 runs in ${many.address} are labelled "nightly"`);
    expect(message).toContain('  20261121-000006-shop-0000  nightly\n');
    expect(message).toMatch(/ {2}and 2 more$/);
    expect(message.split('\n')).toHaveLength(7);
  });

  test.each([
    ['a letter of the id wrong', '20261121-141503-checkout-7f3b', FOUR],
    ['a letter of its start wrong', '20261120-08', OLD],
    ['a label nearly right', '4 worker', FOUR],
  ])('%s', async (_, form, suggested) => {
    const message = await refusal(form);
    expect(message).toContain(`no run in ${store.address} has the id or label "${form}"`);
    expect(message.split('\n')[1]).toContain(suggested);
  });

  test('nothing near', async () => {
    expect(await refusal('banana')).toBe(
      `no run in ${store.address} has the id or label "banana": see its 4 with "isochrone runs"`,
    );
  });

  test('an empty store', async () => {
    const empty = FolderStore.open(join(scratch, 'empty'));
    expect(await refusal('latest', empty)).toBe(
      `there is no latest run: ${empty.address} holds none`,
    );
    expect(await refusal('banana', empty)).toContain('it holds no runs yet');
  });

  test('a path that leads nowhere', async () => {
    expect(await refusal('./nowhere/report.json')).toContain('there is no ./nowhere/report.json');
  });

  test('a folder without runs, and a file that is no report', async () => {
    const folder = join(scratch, 'photos');
    await mkdir(folder);
    await writeFile(join(folder, 'plan.yaml'), '');
    expect(await refusal(folder)).toContain(`${folder} holds no run`);
    expect(await refusal(join(folder, 'plan.yaml'))).toContain('is no report');
  });

  test('an address in S3 that cannot be one', async () => {
    expect(await refusal('s3://')).toContain('names no bucket');
  });

  test('an empty name', async () => {
    expect(await refusal('')).toContain('RUN is empty');
  });
});
