import { expect, test } from 'vitest';
import { interferenceSince, readInterference } from '../../lib/load/interference.js';

/** A machine by the files that it shows. */
function machine(files: Readonly<Record<string, string>>): (path: string) => string {
  return (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  };
}

const stat = (user: number, steal: number) =>
  `cpu  ${user} 0 100 ${900 - user} 0 0 0 ${steal} 50 0\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n`;

test('steal is the share of all ticks that went to others between two readings', () => {
  const before = readInterference(machine({ '/proc/stat': stat(100, 0) }));
  const after = readInterference(machine({ '/proc/stat': stat(400, 250) }));
  // Guest time is in user time already; 250 of 250 new ticks beside 0 of the others.
  expect(interferenceSince(before, after).steal).toBe(1);
  const half = machine({ '/proc/stat': 'cpu  350 0 100 800 0 0 0 250 0 0\n' });
  expect(interferenceSince(before, readInterference(half)).steal).toBe(0.5);
});

const V2 = 'usage_usec 9\nnr_periods 8\nnr_throttled 34\nthrottled_usec 2100000\n';
const V1 = 'nr_periods 8\nnr_throttled 34\nthrottled_time 2100000000\n';

test.each([
  ['its own cgroup', { '/proc/self/cgroup': '0::/app/x\n', '/sys/fs/cgroup/app/x/cpu.stat': V2 }],
  ['the root of a container', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.stat': V2 }],
  [
    'a container that shows paths of its host',
    { '/proc/self/cgroup': '0::/docker/abc\n', '/sys/fs/cgroup/cpu.stat': V2 },
  ],
  [
    'an older system',
    { '/proc/self/cgroup': '4:cpu,cpuacct:/x\n', '/sys/fs/cgroup/cpu/x/cpu.stat': V1 },
  ],
])('throttling is read of %s', (_, files) => {
  expect(readInterference(machine(files)).throttled).toEqual({ count: 34, totalUs: 2_100_000 });
});

test('throttling before the load is not counted', () => {
  const before = { cpu: null, throttled: { count: 30, totalUs: 1_000 } };
  const after = { cpu: null, throttled: { count: 34, totalUs: 9_000 } };
  expect(interferenceSince(before, after).throttled).toEqual({ count: 4, totalUs: 8_000 });
});

test('where a system tells none of it, nothing is claimed', () => {
  const nothing = readInterference(machine({}));
  expect(interferenceSince(nothing, nothing)).toEqual({ steal: null, throttled: null });
});
