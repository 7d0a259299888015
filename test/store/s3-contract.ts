import { afterEach, describe, expect, test } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import type { S3Patience } from '../../lib/store/s3-patience.js';
import type { S3Store } from '../../lib/store/s3-store.js';
import { type S3Front, type SeenRequest, SLOW_DOWN } from '../support/s3-front.js';

export interface S3Rig {
  readonly front: S3Front;
  /** Opens an empty store. */
  readonly open: (patience?: Partial<S3Patience>) => S3Store;
  /** How long an attempt of these stores may take. */
  readonly attemptMs: number;
}

const bytes = (text: string) => Buffer.from(text);
const puts = ({ kind }: SeenRequest) => kind === 'put';
const gets = ({ kind }: SeenRequest) => kind === 'get';

/** What the store in S3 does when S3 does not do as it should; behind the front may be any S3. */
export function s3Contract(rig: () => S3Rig): void {
  afterEach(() => rig().front.heal());

  describe('an answer that does not come', () => {
    const LOSSES = ['store and drop', 'store and hang', 'hang'] as const;

    test.each(LOSSES)('create knows its own object again: %s', async (harm) => {
      const { front, open } = rig();
      const store = open();
      front.fault({ when: puts, times: 1, harm: { do: harm } });
      expect(await store.create('claim', bytes('nonce 1'))).toBe(true);
      expect(await store.create('claim', bytes('nonce 2'))).toBe(false);
      expect(store.requests.retries).toBe(1);
    });

    test.each(LOSSES)('create knows that the object is foreign: %s', async (harm) => {
      const { front, open } = rig();
      const store = open();
      await store.create('claim', bytes('nonce 1'));
      front.fault({ when: puts, times: 1, harm: { do: harm } });
      expect(await store.create('claim', bytes('nonce 2'))).toBe(false);
    });

    test.each(LOSSES)('swap knows its own object again: %s', async (harm) => {
      const { front, open } = rig();
      const store = open();
      await store.create('control', bytes('armed'));
      const { tag } = (await store.read('control'))!;
      front.fault({ when: puts, times: 1, harm: { do: harm } });
      const next = await store.swap('control', bytes('go'), tag);
      expect(next).toBe((await store.read('control'))!.tag);
      expect(await store.swap('control', bytes('stop'), tag)).toBeNull();
    });

    test('swap whose answer was lost does not claim what another wrote since', async () => {
      const { front, open } = rig();
      const store = open();
      await store.create('control', bytes('armed'));
      const { tag } = (await store.read('control'))!;
      const between = async () => {
        const { tag } = (await store.read('control'))!;
        await store.swap('control', bytes('stop'), tag);
      };
      let rival = Promise.resolve();
      front.fault({
        when: (request) => {
          if (puts(request)) rival = Promise.resolve().then(between);
          return puts(request);
        },
        times: 1,
        harm: { do: 'hang' },
      });
      expect(await store.swap('control', bytes('go'), tag)).toBeNull();
      await rival;
      expect(Buffer.from((await store.read('control'))!.bytes).toString()).toBe('stop');
    });

    test('of twenty who create with every third answer lost exactly one has it', async () => {
      const { front, open } = rig();
      const store = open();
      front.fault({ when: puts, share: 1 / 3, harm: { do: 'store and drop' } });
      for (const key of ['a', 'b', 'c']) {
        const names = Array.from({ length: 20 }, (_, i) => `${key} by ${i}`);
        const won = await Promise.all(names.map((name) => store.create(key, bytes(name))));
        const winners = names.filter((_, i) => won[i]);
        expect(winners).toHaveLength(1);
        expect(Buffer.from((await store.read(key))!.bytes).toString()).toBe(winners[0]);
      }
    });

    test('what was stored is found at last where no answer to an upload ever comes', async () => {
      const { front, open } = rig();
      const store = open({ withinMs: 600 });
      front.fault({ when: puts, harm: { do: 'store and drop' } });
      expect(await store.create('fragment', bytes('ours'))).toBe(true);
      expect(await store.create('fragment', bytes('another'))).toBe(false);
      await store.write('report', bytes('whole'));
      const { tag } = (await store.read('report'))!;
      expect(await store.swap('report', bytes('changed'), tag)).not.toBeNull();
      expect(await store.swap('report', bytes('late'), tag)).toBeNull();
    });

    test('an upload that nobody carried out fails when patience ends', async () => {
      const { front, open, attemptMs } = rig();
      const store = open({ withinMs: 600 });
      front.fault({ when: puts, harm: { do: 'hang' } });
      const begunMs = performance.now();
      const refusal = await store.create('fragment', bytes('ours')).catch((error: Error) => error);
      expect(refusal).toBeInstanceOf(UnavailableError);
      expect((refusal as Error).message).toContain(`${store.address}/fragment (no answer in`);
      // At most one attempt beyond patience, and one look whether it was carried out after all.
      expect(performance.now() - begunMs).toBeLessThan(600 + 3 * attemptMs);
    });
  });

  describe('reading', () => {
    test('goes on where an answer is lost, hangs or stops half-way', async () => {
      const { front, open } = rig();
      const store = open();
      await store.write('a', bytes('0123456789'));
      for (const harm of ['store and drop', 'hang', 'stall'] as const) {
        front.fault({ when: gets, times: 1, harm: { do: harm } });
        const stored = await store.read('a');
        expect(Buffer.from(stored!.bytes).toString()).toBe('0123456789');
      }
      expect(store.requests).toMatchObject({ gets: 6, retries: 3, bytesIn: 30 });
    });

    test('within a time makes one attempt and gives up in time', async () => {
      const { front, open } = rig();
      const store = open();
      await store.write('control', bytes('go'));
      for (const harm of ['hang', 'stall'] as const) {
        const before = front.count('get');
        const lift = front.fault({ when: gets, harm: { do: harm } });
        const begunMs = performance.now();
        await expect(store.read('control', { withinMs: 150 })).rejects.toThrow(
          `cannot read ${store.address}/control (no answer in 0.15 s)`,
        );
        expect(performance.now() - begunMs).toBeLessThan(2_000);
        expect(front.count('get') - before).toBe(1);
        lift();
      }
      front.fault({ when: gets, times: 1, harm: SLOW_DOWN });
      await expect(store.read('control', { withinMs: 2_000 })).rejects.toThrow(UnavailableError);
      expect(await store.read('control', { withinMs: 2_000 })).not.toBeNull();
    });
  });

  describe('a server that is busy', () => {
    test('is asked again after a pause, and all is done in the end', async () => {
      const { front, open } = rig();
      const store = open();
      front.fault({ share: 0.5, harm: SLOW_DOWN });
      const keys = Array.from({ length: 12 }, (_, i) => `k/${String(i).padStart(2, '0')}`);
      const created = await Promise.all(keys.map((key) => store.create(key, bytes(key))));
      expect(created).toEqual(keys.map(() => true));
      expect(await store.list('k/')).toEqual(keys);
      expect(store.requests.retries).toBeGreaterThan(0);
    });

    test('that stays so is told of', async () => {
      const { front, open } = rig();
      const store = open({ withinMs: 600 });
      front.fault({ harm: SLOW_DOWN });
      await expect(store.list('')).rejects.toThrow(/^cannot list .* \(S3 asked to slow down for/);
      await expect(store.write('a', bytes('1'))).rejects.toThrow(
        /^cannot write to .*\/a \(S3 asked/,
      );
    });

    test('beyond a rate of reads refuses, and readers get theirs later', async () => {
      const { front, open } = rig();
      const store = open();
      await store.write('control', bytes('go'));
      const lift = front.fault({ when: gets, beyondPerSecond: 20, harm: SLOW_DOWN });
      const reads = await Promise.all(Array.from({ length: 30 }, () => store.read('control')));
      expect(reads.every((stored) => stored !== null)).toBe(true);
      lift();
    });

    test('a failure of the server is no answer, and not taken for one', async () => {
      const { front, open } = rig();
      const store = open();
      const harm = { do: 'refuse', status: 500, code: 'InternalError' } as const;
      front.fault({ times: 1, harm });
      expect(await store.read('none')).toBeNull();
      front.fault({ times: 1, harm });
      expect(await store.create('a', bytes('1'))).toBe(true);
    });
  });

  test('the time is told by whatever answers', async () => {
    const { front, open } = rig();
    const store = open();
    front.fault({ harm: { do: 'refuse', status: 403, code: 'AccessDenied' } });
    const beforeMs = Date.now();
    const { atMs, tickMs } = await store.now();
    expect(atMs + tickMs).toBeGreaterThanOrEqual(beforeMs);
    expect(atMs).toBeLessThanOrEqual(Date.now());
    front.heal();
    front.fault({ harm: SLOW_DOWN });
    await expect(store.now()).rejects.toThrow(UnavailableError);
  });

  test('every request is counted by its kind, and so are bytes', async () => {
    const { front, open } = rig();
    const store = open();
    const from = front.seen.length;
    await store.create('a', bytes('12345'));
    await store.create('a', bytes('12345'));
    await store.read('a');
    await store.read('none');
    await store.now();
    await store.list('');
    await store.folders('');
    expect(store.requests).toEqual({
      ...{ puts: 2, gets: 3, lists: 2 },
      ...{ bytesOut: 10, bytesIn: 5, retries: 0 },
    });
    const kinds = front.seen.slice(from).map(({ kind }) => kind);
    expect(kinds).toEqual(['put', 'put', 'get', 'get', 'head', 'list', 'list']);
  });

  test('two prefixes of a bucket are two stores', async () => {
    const { open } = rig();
    const [one, other] = [open(), open()];
    await one.write('runs/a/plan.json', bytes('one'));
    expect(await other.read('runs/a/plan.json')).toBeNull();
    expect(await other.folders('')).toEqual([]);
    await one.probe();
    expect(await one.list('')).toEqual(['runs/a/plan.json']);
  });
}
