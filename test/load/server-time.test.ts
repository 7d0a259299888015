import { describe, expect, it } from 'vitest';
import { ServerTime } from '../../lib/load/server-time.js';

const head = (...headers: string[]) => ['HTTP/1.1 200 OK', 'x: y', ...headers, ''].join('\r\n');

describe('Server-Timing', () => {
  const timing = new ServerTime('server-timing');

  it.each([
    ['total;dur=123.4', 123_400],
    ['db;dur=53, app;dur=47.2, total;dur=101', 101_000],
    ['db;dur=53, App;dur=47.2', 47_200],
    ['cache;desc="HIT", db;dur=53, x;dur=1', 53_000],
    ['total, db;desc="a, total;dur=9";dur="7.5"', 7_500],
    ['db;desc="quoted \\" dur=3";dur=2', 2_000],
    ['db ; dur = .5', 500],
    ['cfL4;desc="?proto=TCP", miss', -1],
    ['total;dur=-3', -1],
    ['total;dur=9999999999', -1],
    ['', -1],
  ])('of %j is %i µs', (value, us) => {
    expect(timing.us(head(`Server-Timing: ${value}`))).toBe(us);
  });

  it('may stand on several lines', () => {
    expect(timing.us(head('server-timing: db;dur=3', 'a: b', 'Server-Timing: total;dur=8'))).toBe(
      8_000,
    );
  });

  it('is not taken from another header, or from the status line', () => {
    const without = 'HTTP/1.1 200 server-timing: total;dur=1\r\nx-server-timing: total;dur=2\r\n';
    expect(timing.standsIn(without)).toBe(false);
    expect(timing.us(without)).toBe(-1);
    expect(timing.standsIn(head('SERVER-TIMING: miss'))).toBe(true);
  });
});

describe('a header that the plan names', () => {
  const latency = new ServerTime('x-latency');

  it.each([
    ['12.5', 12_500],
    ['12.5ms', 12_500],
    ['350us', 350],
    ['350µs', 350],
    ['0.2 s', 200_000],
    ['1500ns', 2],
    ['0', 0],
    ['soon', -1],
    ['12 parsecs', -1],
    ['1m2s', -1],
    ['', -1],
  ])('of %j is %i µs', (value, us) => {
    const wire = Buffer.from(head(`X-Latency: ${value}`), 'utf8');
    expect(latency.us(wire.toString('latin1'))).toBe(us);
  });

  it('is one whose name may hold what means something in a pattern', () => {
    expect(new ServerTime('x.time+').us(head('xatime: 5', 'x.time+: 7'))).toBe(7_000);
  });
});
