// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { describe, expect, test } from 'vitest';
import { planText } from '../../lib/plan/plan-text.js';
import { readBeside as read } from '../support/plan-files.js';

const SECRET = 'hunter2';

describe('what lets people in is not written out, references to it are', () => {
  const SEEN = 'visible';
  test.each([
    [
      'in a header',
      `headers: { authorization: Bearer ${SECRET}, x-session-token: ${SECRET}, accept: ${SEEN} }`,
    ],
    [
      'beside a reference',
      `headers: { cookie: "session=${SECRET}; s=\${env:S}; t=${SEEN}" , x-id: ${SEEN} }`.replace(
        `; t=${SEEN}`,
        '',
      ),
    ],
    [
      'before a reference',
      `headers: { authorization: "Bearer ${SECRET}\${env:S}", accept: ${SEEN} }`,
    ],
    [
      'within a template',
      `headers: { authorization: "Basic {{ base64('me', ':', '${SECRET}') }}", accept: ${SEEN} }`,
    ],
    [
      'as a key',
      `headers: { x-sum: "{{ hmac('a', '${SECRET}') }}", accept: "{{ pick('${SEEN}') }}" }`,
    ],
    ['as a key, piped', `json: { sum: "{{ uuid | hmac(\\"${SECRET}\\") }}", user: ${SEEN} }`],
    ['as a bearer', `auth: { bearer: ${SECRET} }, headers: { accept: ${SEEN} }`],
    ['as a password', `auth: { basic: { user: ${SEEN}, password: "${SECRET} hunter2" } }`],
    [
      'as a password with more',
      `auth: { basic: { user: ${SEEN}, password: "${SECRET}{{ int(1, 9) }}" } }`,
    ],
    [
      'in JSON',
      `json: { user: ${SEEN}, password: ${SECRET}, deep: { client_secret: 'hun"ter2 ${SECRET}' }, pin_token: 20011002 }`,
    ],
    [
      'in JSON, below',
      `json: { user: ${SEEN}, tokens: [${SECRET}, { a: ${SECRET}, n: 20011002 }] }`,
    ],
    ['in JSON that is filled in', `json: { user: "${SEEN} {{ uuid }}", password: "${SECRET}" }`],
    ['in JSON that is text', `body: '{"user": "${SEEN}", "tokens": ["${SECRET}"]}'`],
    [
      'in text that is nearly JSON',
      `body: '{"user": "${SEEN}", "password": "${SECRET}", "token": 20011002, "id": {{ int(1, 9) }}'`,
    ],
    ['in a text within JSON', `json: { user: ${SEEN}, next: "https://a/?token=${SECRET}" }`],
    ['in a form', `form: { user: ${SEEN}, password: ${SECRET} }`],
    ['in a form that is filled in', `form: { user: "${SEEN} {{ uuid }}", password: "${SECRET}" }`],
    ['in a form that is text', `body: "user=${SEEN}&password=${SECRET}&id={{ uuid }}"`],
    [
      'in parts of a form',
      `multipart: { user: ${SEEN}, password: ${SECRET}, meta: '{"token":"${SECRET}"}', token: { text: ${SECRET}, type: a } }`,
    ],
  ])('%s', (_, fields) => {
    for (const [text] of [
      [`requests: [{ request: POST /, ${fields} }]`],
      [
        `requests: [{ flow: a, steps: [GET /, { repeat: 2, steps: [{ request: POST /, ${fields} }] }] }]`,
      ],
      [`requests: [{ flow: a, code: a.ts, requests: [{ request: POST /, ${fields} }] }]`],
    ]) {
      const plan = read(text!);
      const shown = planText(plan);
      expect(shown).not.toMatch(/hunter2|hun\\|20011002/);
      expect(shown).toContain(SEEN);
      expect(shown).toContain('(removed)');
      // All else is as it was: it can be read, and reads the same from then on.
      const again = read(shown);
      expect(planText(again)).toBe(shown);
      expect(again.requests.map(({ name, headers }) => [name, headers.length])).toEqual(
        plan.requests.map(({ name, headers }) => [name, headers.length]),
      );
    }
  });

  test('references, captures and columns are no secrets themselves', () => {
    const text = `
data: { users: { csv: users.csv } }
requests:
  - flow: a
    steps:
      - request: POST /login?token=visible
        auth: { basic: { user: "{{ users.name }}", password: "\${env:A}" } }
        json: { password: "{{ users['full name'] }}", apiKey: "\${env:B}", at: "{{ timestamp('iso') }}" }
        capture: { token: $.token }
      - { request: GET /, auth: { bearer: "{{ token }}" }, headers: { cookie: "s=\${env:C}" } }
`;
    const shown = planText(read(text));
    expect(shown).not.toContain('(removed)');
    expect(read(shown)).toEqual(read(text));
  });
});
