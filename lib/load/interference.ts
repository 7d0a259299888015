import { readFileSync } from 'node:fs';

/** What the machine has taken from this process so far, as its kernel counts it; null: it does not. */
export interface Interference {
  /** CPU time of the whole machine, in ticks: that given to other machines of its host, and all. */
  readonly cpu: { readonly stolen: number; readonly all: number } | null;
  readonly throttled: { readonly count: number; readonly totalUs: number } | null;
}

export function readInterference(read: (path: string) => string = readText): Interference {
  return { cpu: cpuTime(read), throttled: throttling(read) };
}

/** From one reading to a later one. */
export function interferenceSince(
  before: Interference,
  after: Interference,
): {
  readonly steal: number | null;
  readonly throttled: { readonly count: number; readonly totalUs: number } | null;
} {
  const all = after.cpu && before.cpu ? after.cpu.all - before.cpu.all : 0;
  return {
    steal: all > 0 ? (after.cpu!.stolen - before.cpu!.stolen) / all : null,
    throttled: after.throttled &&
      before.throttled && {
        count: after.throttled.count - before.throttled.count,
        totalUs: after.throttled.totalUs - before.throttled.totalUs,
      },
  };
}

/** `cpu  user nice system idle iowait irq softirq steal guest guest_nice`; guests are in user. */
function cpuTime(read: (path: string) => string): Interference['cpu'] {
  const line = /^cpu +(.*)$/m.exec(textAt(read, '/proc/stat'))?.[1];
  const ticks = line?.split(/ +/).slice(0, 8).map(Number);
  const stolen = ticks?.[7];
  if (ticks === undefined || stolen === undefined) return null;
  return { stolen, all: ticks.reduce((sum, n) => sum + n, 0) };
}

/** Of the cgroup that this process is in, which in a container is the root of what it sees. */
function throttling(read: (path: string) => string): Interference['throttled'] {
  const groups = textAt(read, '/proc/self/cgroup');
  const path = /^0::(.*)$/m.exec(groups)?.[1] ?? '/';
  const v1 = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1] ?? '/';
  const places = [`${path}/cpu.stat`, '/cpu.stat', `/cpu${v1}/cpu.stat`, '/cpu/cpu.stat'];
  for (const place of places) {
    const stat = textAt(read, `/sys/fs/cgroup${place.replace(/^\/+/, '/')}`);
    const count = /^nr_throttled (\d+)$/m.exec(stat)?.[1];
    const us = /^throttled_usec (\d+)$/m.exec(stat)?.[1];
    const ns = /^throttled_time (\d+)$/m.exec(stat)?.[1];
    if (count === undefined || (us === undefined && ns === undefined)) continue;
    return { count: Number(count), totalUs: us === undefined ? Number(ns) / 1000 : Number(us) };
  }
  return null;
}

/** Empty where there is none: each system tells what it tells. */
function textAt(read: (path: string) => string, path: string): string {
  try {
    return read(path);
  } catch {
    return '';
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
