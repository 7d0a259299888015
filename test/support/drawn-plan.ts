// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.

/** A plan in JSON, which is YAML, with all that requests and flows may say. */
export function drawnPlan(seed: number): string {
  let state = seed;
  const below = (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const one = <T>(...list: T[]): T => list[below(list.length)]!;
  // No key is a backslash alone: JSON.parse of Node 24.21 takes a later key "\\t" for the same one.
  const odd = () => one('a', 'yes', '1', '-', '~', '<<', '#x', 'a: b', "it's", '"', 'a\\');
  const odder = () =>
    one(odd(), ' x ', '\n', '\t', 'ä€😀', '\u0085\u2028\uFEFF', '\x7f', '{}[]', '%41+&=');
  const hole = () =>
    one('{{ uuid }}', "{{ pick('a}}', \"'\") }}", '${env:X}', '{{ t["c d"] }}', '{{ v }}');
  let captured = false;
  const filled = () => {
    const drawn = hole();
    return odd() + (drawn === '{{ v }}' && !captured ? '' : drawn) + odd();
  };
  const some = <T>(make: () => T): T | undefined => (below(3) === 0 ? make() : undefined);
  const json = (depth: number): unknown =>
    one<() => unknown>(
      ...[() => below(1e6) / 8, () => null, () => one(true, false), odder, filled, filled],
      ...(depth > 0
        ? [
            () => [json(depth - 1), json(depth - 1)],
            () => ({ [odder()]: json(depth - 1), [odder()]: json(depth - 1) }),
          ]
        : []),
    )();
  let requests = 0;
  const request = () => ({
    request: `${one('GET', 'POST')} /${requests++}${one('', '?q="ä"', '/{{ uuid }}', '/${env:X}')}`,
    name: some(() => `${odd().replaceAll('"', 'q')} ${requests}`),
    headers: some(() => ({
      accept: one<unknown>(odd(), filled(), [odd(), filled()]),
      'x-b': odd(),
    })),
    auth: some(() =>
      one<unknown>({ bearer: '${env:T}' }, { basic: { user: odd(), password: '{{ uuid }}' } }),
    ),
    ...one<object>(
      {},
      { json: json(3) },
      { form: { [odder()]: one<unknown>(filled(), [odder(), 1, true]), b: odder() } },
      { body: odder() + filled() },
      { bodyFile: one('a.bin', 'large.bin') },
      {
        multipart: {
          [odder()]: one<unknown>(odder(), { text: odder(), type: odd() }),
          f: { file: 'a.bin' },
        },
      },
    ),
    expect: some(() => ({
      status: some(() => one<unknown>(200, '2xx', [201, '300..305'])),
      body: some(() => [odder(), '/^a/m']),
      json: {
        '$.a': one<unknown>(odder(), below(9), true, null, { exists: false }),
        '$[0]': one('> 3', '!= "a"', '== >', '/x/', odder()),
      },
    })),
    timeout: some(() => '3s'),
    followRedirects: some(() => below(21)),
    expectContinue: some(() => true),
  });
  const pause = () => ({ pause: one('1s', '1s..1m', '0.001ms..7h') });
  const flow = (name: number) => {
    const first = {
      ...request(),
      capture: { v: one('$.a', 'header a', 'cookie b', '/(a)\\/"#/s') },
    };
    captured = true;
    const steps = [
      first,
      ...[pause(), request(), { repeat: 1 + below(3), steps: [request(), pause()] }].filter(() =>
        one(true, false),
      ),
    ];
    captured = false;
    return {
      flow: `${odd().replaceAll('"', 'q')} ${name}`,
      weight: some(() => 1 + below(9)),
      steps,
    };
  };
  const code = () => ({
    flow: `code ${requests}`,
    code: 'c.ts',
    requests: [request(), `GET /${requests++}`],
  });
  return JSON.stringify({
    target: 'https://shop.example.com',
    load: [{ rate: '1/s', for: '1m' }],
    data: { t: { csv: 't.csv', pick: one('unique', 'random', 'sequential') } },
    requests: [
      request(),
      flow(1),
      ...one<unknown[]>([], [request(), flow(2)], [code(), request()]),
    ],
  });
}
