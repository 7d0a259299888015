import { type PerformanceEntry, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Health } from '../measure/health.js';
import { type Interference, interferenceSince, readInterference } from './interference.js';
import {
  INSTANT_EVERY_MS,
  INSTANTS_A_SECOND,
  type LoopReading,
  LoopRecord,
  type LoopSpan,
} from './loop-record.js';
import type { Pacer } from './pacer.js';
import type { RunClock } from './run-clock.js';

/** What one shard has seen so far. */
interface Watch {
  readonly loop: LoopSpan;
  readonly gc: { count: number; totalUs: number; longestUs: number };
  heapBytes: number;
}

/**
 * Watches one load thread while shards run on it. All of it is done by one timer every 10 ms: what
 * is measured is the loop that the requests go through, and nothing is asked of the requests.
 */
export class ThreadHealth {
  readonly #clock: RunClock;
  readonly #pacer: Pacer;
  readonly #record = new LoopRecord();
  readonly #watches = new Set<Watch>();
  readonly #collections = new PerformanceObserver((list) => this.#collected(list.getEntries()));
  #timer: NodeJS.Timeout | null = null;
  #nextMs = 0;
  #instants = 0;
  readonly #tick = () => this.#note();

  constructor(clock: RunClock, pacer: Pacer) {
    this.#clock = clock;
    this.#pacer = pacer;
  }

  /**
   * Watches for one shard, whose load begins in so many ms and lasts so long. What it returns ends
   * that, whenever it is called, and tells.
   */
  watch(startsInMs: number, lastsMs: number): () => Health {
    // Files are read while there is nothing else to do.
    const before = readInterference();
    let watch: Watch | null = null;
    const begin = () => {
      watch ??= this.#begin();
      return watch;
    };
    const starting = setTimeout(begin, Math.max(0, startsInMs));
    // What comes after its last arrival is no load: it must not make a short one look idle.
    const ending = setTimeout(() => this.#judge(begin()), Math.max(0, startsInMs + lastsMs));
    return () => {
      clearTimeout(starting);
      clearTimeout(ending);
      return this.#end(begin(), before);
    };
  }

  #begin(): Watch {
    const watch: Watch = {
      loop: this.#record.begin(this.#reading()),
      gc: { count: 0, totalUs: 0, longestUs: 0 },
      heapBytes: usedHeap(),
    };
    this.#watches.add(watch);
    if (this.#timer === null) this.#start();
    return watch;
  }

  #end(watch: Watch, before: Interference): Health {
    this.#collected(this.#collections.takeRecords());
    this.#judge(watch);
    this.#record.end(watch.loop);
    this.#watches.delete(watch);
    if (this.#watches.size === 0) this.#stop();
    return {
      ...watch.loop.worst,
      gc: watch.gc,
      ...interferenceSince(before, readInterference()),
      memory: {
        // In kilobytes, of the whole process since it began.
        rssBytes: process.resourceUsage().maxRSS * 1024,
        heapBytes: Math.max(watch.heapBytes, usedHeap()),
      },
    };
  }

  #start(): void {
    this.#nextMs = performance.now() + INSTANT_EVERY_MS;
    this.#timer = setTimeout(this.#tick, INSTANT_EVERY_MS);
    this.#collections.observe({ type: 'gc' });
  }

  #stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#collections.disconnect();
  }

  #note(): void {
    const nowMs = this.#catchUp();
    this.#timer = setTimeout(this.#tick, this.#nextMs - nowMs);
  }

  #judge({ loop }: Watch): void {
    // A standstill that has just ended may have kept the timer from noting it.
    this.#catchUp();
    this.#record.judge(loop, this.#reading());
  }

  /** Notes every instant that has passed, with how late this is. */
  #catchUp(): number {
    const nowMs = performance.now();
    for (; this.#nextMs <= nowMs; this.#nextMs += INSTANT_EVERY_MS) {
      this.#record.instant(Math.floor((nowMs - this.#nextMs) * 1000));
      if (++this.#instants % INSTANTS_A_SECOND === 0) this.#second();
    }
    return nowMs;
  }

  #second(): void {
    this.#record.second(this.#reading());
    const bytes = usedHeap();
    for (const watch of this.#watches) watch.heapBytes = Math.max(watch.heapBytes, bytes);
  }

  /** Waiting in the kernel is told by the loop, polling in vain by the pacer; all else is work. */
  #reading(): LoopReading {
    const { active } = performance.eventLoopUtilization();
    return { atUs: this.#clock.nowUs(), busyUs: active * 1000 - this.#pacer.idleUs };
  }

  #collected(entries: readonly PerformanceEntry[]): void {
    for (const { duration } of entries) {
      const us = Math.round(duration * 1000);
      for (const { gc } of this.#watches) {
        gc.count++;
        gc.totalUs += us;
        gc.longestUs = Math.max(gc.longestUs, us);
      }
    }
  }
}

function usedHeap(): number {
  return getHeapStatistics().used_heap_size;
}
