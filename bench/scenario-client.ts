// One client of the scenario benchmark, alone in its process: prints what it cost as JSON.
import { readPlan } from '../lib/plan/read-plan.js';
import { shardCost } from './shard-cost.js';

const [client = '', url = '', warmMs, measureMs] = process.argv.slice(2);
const seconds = Math.ceil((Number(warmMs) + Number(measureMs)) / 1000) + 2;

/** As `examples/login-and-pay.yaml`, without its pause. */
const FLOW = `
  - flow: pay
    steps:
      - request: POST /login
        json: { user: "{{ users.name }}", password: "{{ users.password }}" }
        expect: { status: 200 }
        capture: { token: $.token }
      - request: GET /users
        auth: { bearer: "{{ token }}" }
        capture: { payee: "$.users[0].id" }
      - request: POST /payments
        auth: { bearer: "{{ token }}" }
        headers: { idempotency-key: "{{ uuid }}" }
        json: { to: "{{ payee }}", amount: "{{ int(1, 500) | number }}", currency: EUR }
        expect: { status: 200, json: { $.state: accepted } }
data: { users: { csv: users.csv } }`;

/** The same bytes on the wire, the same each time. */
const PLAIN = `
  - request: POST /login
    json: { user: customer-17, password: secret-17 }
    expect: { status: 200 }
  - request: GET /users
    auth: { bearer: t-0123456789abcdef }
  - request: POST /payments
    auth: { bearer: t-0123456789abcdef }
    headers: { idempotency-key: 7b0c2a52-5b0e-4c3e-9d7a-0d8f6f3f9a11 }
    json: { to: "17", amount: 250, currency: EUR }
    expect: { status: 200 }`;

const rows = Array.from({ length: 100 }, (_, i) => `customer-${i},secret-${i}`);
const plan = readPlan(
  {
    file: 'plan.yaml',
    text: `target: ${url}\nload: [{ users: 64, for: ${seconds}s }]\nrequests:${client === 'flow' ? FLOW : PLAIN}\n`,
  },
  { env: {}, readFile: () => Buffer.from(`name,password\n${rows.join('\n')}\n`) },
);
process.stdout.write(JSON.stringify(await shardCost(plan, Number(warmMs), Number(measureMs))));
process.exit(0);
