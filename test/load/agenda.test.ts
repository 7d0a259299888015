import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { Agenda } from '../../lib/load/agenda.js';

describe('an agenda', () => {
  it('is empty at first, and says that nothing is next', () => {
    const agenda = new Agenda<string>();
    expect(agenda.nextUs).toBe(Number.POSITIVE_INFINITY);
    expect(agenda.take()).toBeUndefined();
    agenda.add(5, 'a');
    expect(agenda.take()).toBe('a');
    expect(agenda.nextUs).toBe(Number.POSITIVE_INFINITY);
    expect(agenda.take()).toBeUndefined();
  });

  it.each([1, 2, 3])('gives the earliest first, whatever comes in between (seed %i)', (seed) => {
    const random = new Random(seed);
    const agenda = new Agenda<{ readonly atUs: number }>();
    // Few instants for many items: most are shared.
    const expected: { readonly atUs: number }[] = [];
    for (let step = 0; step < 5_000; step++) {
      expect(agenda.nextUs).toBe(Math.min(...expected.map(({ atUs }) => atUs)));
      if (expected.length === 0 || (random.next() < 0.55 && expected.length < 60)) {
        const item = { atUs: random.below(40) };
        expected.push(item);
        agenda.add(item.atUs, item);
        continue;
      }
      const nextUs = agenda.nextUs;
      const taken = agenda.take()!;
      expect(taken.atUs).toBe(nextUs);
      // Each item is given once.
      expect(expected).toContain(taken);
      expected.splice(expected.indexOf(taken), 1);
    }
  });

  it('keeps every one of many items of the same instant', () => {
    const agenda = new Agenda<number>();
    for (let i = 0; i < 100; i++) agenda.add(7, i);
    const taken = Array.from({ length: 100 }, () => agenda.take()!);
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
