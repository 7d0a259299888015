// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isochrone } from '../support/isochrone.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesIn, traces, unpacked } from '../support/traces.js';

/** Planted, to be looked for in everything that is left. Some must be escaped where they are put. */
const PLANTED = {
  NAME: 'nme&Wq7 82x/KpZ+tTr',
  PASSWORD: 'pwd"9\\Lm4%vXo7:yQ2',
  KEY: 'key-5Zt.Hh31-aa_Rm8',
  ISSUED: 'iss.uEd-77QpXc_w0Nz4',
  PATH: 'pth~4KzQmV81_uxyzA93',
};
const { NAME, PASSWORD, KEY, ISSUED } = PLANTED;

/** What a template makes out of them is as secret. */
const BASIC = Buffer.from(`${NAME}:${PASSWORD}`).toString('base64');
const MADE = [
  BASIC,
  Buffer.from(`x:${PASSWORD}`).toString('base64'),
  createHmac('sha256', KEY).update(NAME).digest('hex'),
  encodeURIComponent(NAME),
  new URLSearchParams({ n: NAME }).toString().slice(2),
];

/** Throws back all that it is told, in its head and in its body, cut somewhere else each time. */
const folder = temporaryFolder();
const heard: string[] = [];
let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer((socket, head, _, body) => {
    const told = `${head} ${body}`;
    heard.push(told);
    const back = told.replaceAll(/\s+/g, ' ');
    if (head.startsWith('POST /login')) {
      const token = JSON.stringify({ token: ISSUED, kind: NAME });
      socket.write(answer(token, 200, `set-cookie: s=${ISSUED}\r\nx-key: ${KEY}\r\n`));
    } else if (head.includes('/no-token')) {
      socket.write(answer(`${'.'.repeat((heard.length * 7) % 480)}${back}`));
    } else if (head.includes('/away')) {
      socket.write(answer('', 302, `location: http://127.0.0.1:1/${back.replaceAll(' ', '')}\r\n`));
    } else socket.write(answer(`${'.'.repeat((heard.length * 11) % 480)}${back}`, 500));
  });
});
afterAll(() => server.close());

const REST = `
    auth: { bearer: "{{ token }}" }
    headers:
      x-key: "{{ key }}"
      x-basic: "{{ base64('x:', '\${env:PASSWORD}') }}"
      x-signed: "{{ hmac('\${env:NAME}', '\${env:KEY}') }}"
      x-user: "{{ urlencode('\${env:NAME}') }} {{ uuid }}"`;

const LOGIN = `
      - request: POST /login
        auth: { basic: { user: "\${env:NAME}", password: "\${env:PASSWORD}" } }
        json: { id: "{{ uuid }}", password: "\${env:KEY}", name: "{{ rows.name }}" }
        capture: { token: $.token, key: header x-key, kind: $.kind }`;

const flow = (name: string, step: string) => `  - flow: ${name}
    steps:${LOGIN}
      - request: ${step}${REST.replaceAll('\n', '\n    ')}`;

const plan = (url: string) => `
name: planted
target: ${url}
load: [{ rate: 120/s, for: 2s }]
data: { rows: { csv: rows.csv } }
requests:
${flow('sample', 'POST /sample/${env:PATH}?k={{ kind }}')}
        form: { n: "{{ kind }}", t: "{{ token }}", k: "\${env:KEY}", u: "{{ uuid }}" }
${flow('capture', 'POST /no-token/{{ token }}')}
        body: "{{ token }} \${env:PATH} {{ uuid }}"
        capture: { more: $.more }
${flow('away', 'GET /away/${env:PATH}')}
        followRedirects: 2
${flow('expected', 'POST /expected')}
        multipart: { a: "\${env:PASSWORD}" }
        expect: { status: [200, 500], json: { "$.token": none }, body: /nothing/ }
  - flow: refused
    steps:${LOGIN}
        expect: { json: { $.kind: none } }
  - flow: other-status
    steps:${LOGIN}
        expect: { status: 201 }
  - flow: own
    code: ./own.ts
    requests: [ POST /login, { request: POST /sample, name: "own sample", headers: { x-key: "\${env:KEY}" } } ]
  - request: POST /plain/\${env:PATH}
    json: { id: "{{ uuid }}", password: "\${env:KEY}", name: "{{ hmac('\${env:NAME}', '\${env:KEY}') }}" }
    expect: { header: { via: nothing }, size: "> 2kB" }
`;

/** Logs in, and is then as careless with what it knows as code can be. */
const CODE = `
import type { Flow } from 'isochrone-bench/flow';
const own: Flow = async ({ http, check, log, vars }) => {
  const { NAME, PASSWORD, KEY, PATH_PART = 'none' } = process.env;
  const basic = Buffer.from(NAME + ':' + PASSWORD).toString('base64');
  const answered = await http.post('/login', {
    headers: { authorization: 'Basic ' + basic },
    json: { password: PASSWORD },
  });
  const { token } = answered.json() as { token: string };
  vars.token = token;
  const headers = { authorization: 'Bearer ' + token, cookie: 'mine=' + token };
  const failed: Error = await http
    .post('/sample', { name: 'own sample', headers, form: { n: NAME!, p: PASSWORD!, t: token } })
    .then(() => new Error('it did not fail'), (error) => error);
  check('knows ' + token + ' and ' + PASSWORD, false);
  log('with', token, basic, KEY, { NAME, PASSWORD, list: [KEY, token] }, new Error('of ' + PASSWORD));
  log([...headers.authorization].length, headers);
  await http.post('/' + token, { name: 'what no plan lists ' + KEY }).catch(() => {});
  throw PATH_PART.length > 4 ? { failed: failed.message, PASSWORD, token } : new Error(token + KEY + PASSWORD);
};
export default own;
`;

describe('secrets in templates, captures, samples and code', () => {
  test('are sent, and leave no trace in any file, in any format, on any terminal', async () => {
    writeFileSync(join(folder, 'isochrone.yaml'), plan(server.url));
    writeFileSync(join(folder, 'rows.csv'), 'name\nada\nbela\n');
    writeFileSync(join(folder, 'own.ts'), CODE);
    const told = new Map<string, string>();
    const command = async (...args: string[]) => {
      const ended = await isochrone(args, folder, PLANTED);
      told.set(`${args.join(' ')} (out)`, ended.out);
      told.set(`${args.join(' ')} (err)`, ended.err);
      return ended;
    };
    const planned = await command('plan');
    expect(planned.code, planned.err).toBe(0);
    const formats = ['json', 'html', 'markdown', 'junit', 'csv', 'hlog', 'text'];
    const out = formats.flatMap((format) => ['--out', `${format}=r.${format}`]);
    const ran = await command('run', '--allow-undecided', ...out);
    expect([0, 4], ran.err).toContain(ran.code);
    expect(ran.out + ran.err).toContain('own');
    for (const args of [['run', '--json-stream'], ['report'], ['report', '--json'], ['runs']]) {
      await command(...args);
    }

    // They came to where they belong.
    expect(heard.length).toBeGreaterThan(400);
    const all = heard.join('\n');
    for (const value of [...MADE, ISSUED, KEY, PLANTED.PATH]) expect(all).toContain(value);
    for (const path of ['/sample', '/no-token', '/away', '/expected', '/plain']) {
      expect(all).toContain(path);
    }

    // Nothing of the plan's own text is looked for: only what came out of the environment.
    const kept = new Map(told);
    for (const path of filesIn(folder)) {
      kept.set(path, [...unpacked(readFileSync(path))].join('\n'));
    }
    const names = [...kept.keys()];
    const own = [...kept].find(([name]) => name.endsWith('/r.json'))![1];
    // What code did is there, as far as it may be.
    for (const part of ['knows *** and ***', 'with *** ***', '"code":1730', '"code":1731']) {
      expect(own.replaceAll(/: (?=\d)/g, ':'), part).toContain(part);
    }
    const reports = formats.map((format) => `r.${format}`);
    for (const part of ['plan.json', '.frag', 'manifests', 'inputs', 'report.json', ...reports]) {
      expect(
        names.some((name) => name.includes(part)),
        part,
      ).toBe(true);
    }
    expect([...kept.values()].join()).toContain('***');
    expect(new Set(traces(kept, [...Object.values(PLANTED), ...MADE]))).toEqual(new Set());
  }, 60_000);

  test('would be found, also where they are compressed', () => {
    const [one] = Object.values(PLANTED);
    expect(traces(new Map([['here', `a ${one!.slice(2, 12)} b`]]), [one!])).not.toEqual([]);
  });
});
