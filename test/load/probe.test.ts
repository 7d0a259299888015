import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AddressBook } from '../../lib/load/address-book.js';
import type { Dial } from '../../lib/load/dial.js';
import type { DiallerSetting } from '../../lib/load/dialler.js';
import { Probe } from '../../lib/load/probe.js';
import { RoundTrips } from '../../lib/load/round-trips.js';
import type { RunClock } from '../../lib/load/run-clock.js';
import type { Recorder } from '../../lib/measure/recorder.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { server } from '../support/pool-rig.js';
import { merged } from '../support/quiet-rounds.js';
import { answer } from '../support/scripted-server.js';
import { runShards } from '../support/shard-run.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const SECOND_US = 1_000_000;

interface Options {
  readonly addresses?: readonly string[];
  /** Its place among the shards of the run. */
  readonly nth?: number;
}

/** A probe on simulated time, whose connects take as long as they are told to. */
function rig({ addresses = ['10.0.0.1', '10.0.0.2'], nth = 0 }: Options = {}) {
  const startMs = Date.now();
  const nowUs = () => (Date.now() - startMs) * 1_000;
  const begun: { address: string; atUs: number }[] = [];
  const closed = vi.fn();
  let connecting = 0;
  let answer: ((us: number | null) => void) | null = null;
  const dial: Dial = (to, address, done) => {
    expect(to.secure).toBe(false);
    begun.push({ address, atUs: nowUs() });
    const socket = { destroy: closed };
    answer = (tcpUs) => {
      if (tcpUs === null) done(null, null);
      else done(null, { wire: { socket } as never, tcpUs, tlsUs: -1 });
    };
    return () => done(null, null);
  };
  const book = new AddressBook('10.0.0.1', undefined, () => {});
  vi.spyOn(book, 'addresses', 'get').mockReturnValue(addresses);
  const roundTrips = new RoundTrips();
  const setting: DiallerSetting = {
    destination: { host: 'a', port: 443, secure: true, insecure: false, timeoutUs: SECOND_US },
    clock: { nowUs, monotonicAt: (us: number) => us } as RunClock,
    recorder: {} as Recorder,
    book,
    roundTrips,
    startUs: 0,
    dial,
  };
  const probe = new Probe(setting, nth, () => connecting);
  return {
    probe,
    begun,
    closed,
    roundTrips,
    to: (us: number, others = 0) => {
      connecting = others;
      vi.advanceTimersByTime((us - nowUs()) / 1_000);
    },
    answer: (us: number | null) => {
      answer?.(us);
      answer = null;
    },
  };
}

const addressesOf = (begun: readonly { address: string }[]) => begun.map(({ address }) => address);

describe('a probe', () => {
  it('connects at once and every two seconds, to each address in turn, and closes', () => {
    const { to, answer, begun, closed, probe } = rig();
    for (let us = 50_000; us < 7 * SECOND_US; us += 50_000) {
      to(us);
      answer(100);
    }
    expect(addressesOf(begun)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2']);
    expect(begun[0]!.atUs).toBeLessThan(5_000);
    expect(begun[3]!.atUs - begun[0]!.atUs).toBe(6 * SECOND_US);
    expect(probe.count).toBe(4);
    expect(closed).toHaveBeenCalledTimes(4);
  });

  it('of one shard is not made together with that of another', () => {
    const all = [0, 1, 2, 30].map((nth) => rig({ nth }));
    for (const { to } of all) to(SECOND_US);
    const first = all.map(({ begun }) => begun[0]!.atUs);
    for (const [i, atUs] of first.entries()) {
      if (i > 0) expect(atUs - first[i - 1]!).toBeGreaterThanOrEqual(5_000);
    }
    const late = rig({ nth: 1_037 });
    late.to(2 * SECOND_US);
    expect(late.begun).toHaveLength(1);
  });

  it('tells the round trip of its address', () => {
    const { to, answer, roundTrips } = rig({ addresses: ['10.0.0.1'] });
    to(SECOND_US);
    answer(900);
    to(3 * SECOND_US);
    answer(1_500);
    expect(roundTrips.of('10.0.0.1', 3 * SECOND_US)).toBe(900);
    expect(roundTrips.of('10.0.0.1', 62 * SECOND_US)).toBe(1_500);
  });

  it('waits while another connect is under way, its own included', () => {
    const { to, answer, begun } = rig();
    to(SECOND_US, 1);
    expect(begun).toHaveLength(0);
    to(1.1 * SECOND_US);
    expect(begun).toHaveLength(1);
    to(9 * SECOND_US);
    expect(begun).toHaveLength(1);
    answer(10);
    to(9.1 * SECOND_US);
    expect(begun).toHaveLength(2);
  });

  it('that waited keeps to its own instants afterwards', () => {
    const { to, answer, begun } = rig();
    to(1.5 * SECOND_US, 1);
    to(1.9 * SECOND_US);
    answer(10);
    to(2.1 * SECOND_US);
    expect(begun.map(({ atUs }) => Math.round(atUs / SECOND_US))).toEqual([2, 2]);
  });

  it('that fails tells nothing, and the next one is made all the same', () => {
    const { to, answer, begun, roundTrips } = rig();
    to(SECOND_US);
    answer(null);
    to(3 * SECOND_US);
    expect(begun).toHaveLength(2);
    expect(roundTrips.of('10.0.0.1', 3 * SECOND_US)).toBe(-1);
  });

  it('is not made where no address is known, nor after the end', () => {
    const nowhere = rig({ addresses: [] });
    nowhere.to(5 * SECOND_US);
    expect(nowhere.begun).toHaveLength(0);
    const ended = rig();
    ended.to(SECOND_US);
    ended.probe.close();
    ended.to(9 * SECOND_US);
    expect(ended.begun).toHaveLength(1);
  });
});

describe('a shard that probes', () => {
  beforeEach(() => void vi.useRealTimers());

  it('shows the target connections, probes and scheduled requests, and nothing else', async () => {
    const shown = async (probe: boolean) => {
      const target = await server((socket) => socket.write(answer()));
      const plan = planFor(target.url, constantRate(20, 2.5));
      const frozen = frozenFor({ ...plan, http: { ...plan.http, connections: 3, probe } });
      const [shard] = await runShards(frozen);
      const { connections } = shard!.facts();
      expect(connections.probes).toBe(probe ? 2 : 0);
      expect(connections).toMatchObject({ opened: 3, peak: 3 });
      expect(target.accepted()).toBe(3 + connections.probes);
      expect(target.heads).toHaveLength(50);
      // Once a second, however many connects there were.
      const noted = merged([shard!.flush(true)], 'roundTrip', 'long').count;
      expect(noted).toBeGreaterThanOrEqual(1);
      expect(noted).toBeLessThanOrEqual(3);
      await new Promise((resolve) => setTimeout(resolve, 2_200));
      expect(target.accepted()).toBe(3 + connections.probes);
    };
    await Promise.all([shown(true), shown(false)]);
  });
});
