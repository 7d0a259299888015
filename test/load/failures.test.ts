import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { failureClass } from '../../lib/load/failure-classes.js';
import type { ErrorRow } from '../../lib/measure/fragment-content.js';
import type { PlanRequest } from '../../lib/plan/plan.js';
import type { Report } from '../../lib/report/report-schema.js';
import { fullBacklog } from '../support/full-backlog.js';
import { isochrone } from '../support/isochrone.js';
import { GET, poolRig, server } from '../support/pool-rig.js';
import { answer, type scriptedServer } from '../support/scripted-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

type Script = Parameters<typeof scriptedServer>[0];

const AUTHORITY = fileURLToPath(new URL('../support/certs/authority.crt', import.meta.url));
const folder = temporaryFolder();

/** Every message says what happened and what to do, in the words of its class. */
function expectHelp({ code, message }: Pick<ErrorRow, 'code' | 'message'>): void {
  const { advice } = failureClass(code)!;
  expect(message.endsWith(`: ${advice}`), message).toBe(true);
  expect(message.length).toBeLessThan(160);
}

describe('an exchange fails', () => {
  const head = 'HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n';
  const soon = (act: () => void) => setTimeout(act, 10);
  const cases: readonly [
    name: string,
    code: number,
    what: RegExp,
    sample: RegExp | null,
    script: Script,
  ][] = [
    ['by a status of 404', 1404, /^HTTP 404/, /^gone$/, (s) => s.write(answer('gone', 404))],
    ['by a status of 418', 1418, /^HTTP 418/, /^tea$/, (s) => s.write(answer('tea', 418))],
    ['by a status of 503', 1503, /^HTTP 503/, /^busy$/, (s) => s.write(answer('busy', 503))],
    ['by a status of 710', 1599, /^HTTP 710/, /^what$/, (s) => s.write(answer('what', 710))],
    ['by garbage', 1230, /not HTTP/, /^SSH-2.0-OpenSSH/, (s) => s.write('SSH-2.0-OpenSSH\r\n')],
    ['by a close before headers', 1220, /without an answer/, null, (s) => s.end()],
    ['by a reset before headers', 1220, /reset/, /ECONNRESET/, (s) => s.resetAndDestroy()],
    [
      'by a close within headers',
      1220,
      /within its headers/,
      /^HTTP.*-leng$/s,
      (s) => s.end(head.slice(0, 28)),
    ],
    [
      'by a reset within headers',
      1220,
      /reset/,
      /ECONNRESET/,
      (s) => {
        s.write(head.slice(0, 28));
        soon(() => s.resetAndDestroy());
      },
    ],
    [
      'by a reset after headers',
      1220,
      /reset/,
      /ECONNRESET/,
      (s) => {
        s.write(head);
        soon(() => s.resetAndDestroy());
      },
    ],
    ['by a truncated body', 1232, /body/, /^5 bytes/, (s) => s.end(`${head}half`)],
    [
      'by truncated chunks',
      1232,
      /body/,
      /last chunk/,
      (s) => s.end('HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n'),
    ],
    [
      'by headers without an end',
      1231,
      /16 kB/,
      /^HTTP\/1.1 200 X\r\na: bbb/,
      (s) => s.write(`HTTP/1.1 200 X\r\na: ${'b'.repeat(20_000)}\r\n`),
    ],
    ['by no answer at all', 1050, /^no answer within/, null, () => {}],
    [
      'by a body that never ends',
      1050,
      /^no end of the answer/,
      null,
      (s) => s.write(`${head}half`),
    ],
  ];
  it.each(cases)('%s: class %i', async (_name, code, what, sample, script) => {
    const target = await server(script);
    const { send, recorder, content } = poolRig(target.url, { ceiling: 1 });
    await send(1);
    expect(recorder.totals()).toMatchObject({ scheduled: 1, ok: 0, failed: 1, sent: 1 });
    const [error, ...others] = content().errors;
    expect(others).toEqual([]);
    expect(error).toMatchObject({ code, count: 1, message: expect.stringMatching(what) });
    expectHelp(error!);
    if (sample === null) expect(error!.sample).toBeNull();
    else expect(error!.sample).toMatch(sample);
    expect(error!.sample?.length ?? 0).toBeLessThanOrEqual(500);
  });

  it('by an expectation, which names what was expected', async () => {
    const target = await server((socket) => socket.write(answer('nothing here', 200, 'x: y\r\n')));
    const expecting = (expectation: Partial<NonNullable<PlanRequest['expect']>>): PlanRequest => ({
      ...GET,
      name: JSON.stringify(expectation),
      expect: { status: null, headers: [], body: [], ...expectation },
    });
    const { send, recorder, content } = poolRig(target.url, {
      requests: [
        expecting({ status: [[201, 201]] }),
        expecting({ headers: [{ name: 'X', value: { kind: 'contains', text: 'z' } }] }),
        expecting({ body: [{ kind: 'regex', source: '^some', flags: '' }] }),
        expecting({ status: [[200, 299]], body: [{ kind: 'contains', text: 'nothing' }] }),
      ],
    });
    for (let request = 0; request < 4; request++) await send(1, request);
    expect(recorder.totals()).toMatchObject({ ok: 1, failed: 3 });
    const { errors } = content();
    const says = (pattern: RegExp): unknown => expect.stringMatching(pattern);
    expect(errors).toMatchObject([
      { code: 1710, message: says(/^expected another status than 200: /), sample: 'nothing here' },
      { code: 1711, message: says(/^expected header x to contain "z": /), sample: 'y' },
      {
        code: 1712,
        message: says(/^expected the body to match \/\^some\/: /),
        sample: 'nothing here',
      },
    ]);
    for (const error of errors) expectHelp(error);
  });
});

describe('a connection fails', () => {
  it('where nothing listens: every request that waited, unsent', async () => {
    const target = await server(() => {});
    await target.close();
    const { send, recorder, content } = poolRig(target.url);
    await send(30);
    expect(recorder.totals()).toMatchObject({ failed: 30, unsent: 30, sent: 0 });
    const { errors } = content();
    expect(errors).toMatchObject([{ code: 1212, count: 30 }]);
    expectHelp(errors[0]!);
  });

  it('where nobody takes it up', async () => {
    const deaf = await fullBacklog();
    const { send, recorder, content } = poolRig(deaf.url);
    await send(3);
    await deaf.close();
    expect(recorder.totals()).toMatchObject({ failed: 3, unsent: 3 });
    const { errors } = content();
    expect(errors).toMatchObject([{ code: 1211, count: 3 }]);
    expectHelp(errors[0]!);
  });

  it('where nobody knows the host', async () => {
    const { send, content } = poolRig('http://nowhere.invalid:80');
    await send(2);
    const { errors } = content();
    // Which of the two a resolver says depends on whether it can ask anybody.
    expect([1100, 1101]).toContain(errors[0]?.code);
    expectHelp(errors[0]!);
  });

  it('where nobody speaks TLS', async () => {
    const target = await server((socket) => socket.write(answer()), {
      onConnection: (socket) => socket.write('220 mail.example.com ESMTP\r\n'),
    });
    const { send, content } = poolRig(target.url.replace('http:', 'https:'));
    await send(2);
    const { errors } = content();
    expect(errors).toMatchObject([{ code: 1300, count: 2 }]);
    expectHelp(errors[0]!);
  });

  it('where nobody vouches for the certificate, unless insecure is asked for', async () => {
    const target = await server((socket) => socket.write(answer()), { tls: true });
    const strict = poolRig(target.url);
    await strict.send(1);
    const { errors } = strict.content();
    expect(errors).toMatchObject([{ code: 1310, message: expect.stringMatching(/self-signed/) }]);
    expectHelp(errors[0]!);
    const lax = poolRig(target.url, { insecure: true });
    await lax.send(3);
    expect(lax.recorder.totals()).toMatchObject({ ok: 3, failed: 0 });
  });

  it.each([
    ['trusted', null, /./],
    ['expired', 1312, /^the certificate has expired: /],
    ['elsewhere', 1311, /^the certificate is for another host name: /],
  ])('or not, where the certificate is %s and its authority is named', async (name, code, what) => {
    const target = await server((socket) => socket.write(answer()), { tls: name });
    const { out } = await isochrone(
      ['run', target.url, '--requests', '3', '--json', '--allow-undecided', '--quiet'],
      folder,
      { NODE_EXTRA_CA_CERTS: AUTHORITY },
    );
    const { errors, completeness } = JSON.parse(out) as Report;
    if (code === null) {
      expect(completeness.requests.ok).toBe(3);
      return;
    }
    expect(errors).toMatchObject([
      { class: 'tls', code, count: 3, message: expect.stringMatching(what) },
    ]);
    expectHelp(errors[0]!);
  });
});

describe('nothing stops the others', () => {
  it('not a server that closes what idled for a second: GETs are resent or wait, none fails', async () => {
    const idle = new Map<unknown, NodeJS.Timeout>();
    const target = await server((socket) => {
      clearTimeout(idle.get(socket));
      idle.set(
        socket,
        setTimeout(() => socket.end(), 1_000),
      );
      socket.write(answer());
    });
    const { pool, send, recorder } = poolRig(target.url, { floor: 3 });
    await pool.openAhead();
    for (const pauseMs of [0, 990, 1_000, 1_010]) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await send(3);
    }
    const { resent } = recorder.totals();
    expect(recorder.totals()).toMatchObject({ scheduled: 12, ok: 12, failed: 0 });
    expect(pool.facts.replaced + resent).toBeGreaterThan(0);
  });

  it('not an error of our own that one answer brings about', async () => {
    const target = await server((socket) => socket.write(answer()));
    const { pool, recorder, send } = poolRig(target.url, { ceiling: 2 });
    const { ok } = recorder;
    recorder.ok = () => {
      recorder.ok = ok;
      throw new Error('a bug');
    };
    void send(1);
    await send(5);
    expect(recorder.totals().ok).toBe(5);
    expect(pool.waiting).toBe(0);
  });

  it.each([false, true])('not one that does all of this at random (TLS: %s)', async (tls) => {
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const whole = `${answer('0123456789')}`;
    const acts: Script[] = [
      (s) => s.write(whole),
      (s) => s.write(whole),
      (s) => s.end(whole),
      (s) => s.end(whole.slice(0, random(whole.length))),
      (s) => s.destroy(),
      (s) => {
        s.write(whole.slice(0, random(whole.length)));
        setTimeout(() => s.destroy(), random(5));
      },
      (s) => s.write(whole + whole),
      (s) => s.write(Buffer.from([random(256), random(256), 0x15, 3, 1, 0, 2, 2, 40])),
      (s) => {
        s.write(whole);
        setTimeout(() => s.writable && s.write('and more'), random(3));
      },
    ];
    const target = await server((socket, ...rest) => acts[random(acts.length)]!(socket, ...rest), {
      tls,
      onConnection: (socket) => random(8) === 0 && socket.destroy(),
    });
    const { send, recorder } = poolRig(target.url, { ceiling: 8, floor: 4, insecure: true });
    for (let i = 0; i < 20; i++) await send(20);
    const { ok, failed } = recorder.totals();
    expect(ok + failed).toBe(400);
    expect(ok).toBeGreaterThan(50);
    expect(failed).toBeGreaterThan(50);
  });
});
