/** The plan that `isochrone init` writes: every line explained, ready to run. */
export function planTemplate(url = 'http://127.0.0.1:8080'): string {
  return `# A plan for Isochrone. Run it with:  isochrone run
# All fields: isochrone schema, or docs/plan-reference.md.

# What the run is called in lists and reports.
name: my-service

# What is measured: origin and optional path prefix. Paths below are appended to it.
target: ${JSON.stringify(url)}

# How much load, stage after stage. A rate does not wait for answers, as real visitors do not.
load:
  # Connections and caches warm up; measured apart, never mixed into the result.
  - { rate: 10/s, for: 5s, warmup: true }
  # A ramp: from 10 to 50 starts per second.
  - { rate: 10..50/s, for: 10s }
  # A constant rate; objectives can speak of a stage that has a name.
  - { rate: 50/s, for: 30s, name: peak }
# Users that wait for their answers instead:  - { users: 20, for: 30s }   with \`think: 1s..3s\` beside load
# A fixed amount instead:                     - { requests: 1000, users: 20 }

# Arrivals evenly spaced, or random as from many independent people (poisson).
arrivals: even

# What is sent. Of this list one is picked for every start, by weight.
requests:
  - GET /
  # With more to say:
  # - request: POST /items
  #   weight: 3                                        # three of these for each of the others
  #   headers: { authorization: "Bearer \${env:TOKEN}" }  # from the environment, never stored
  #   json: { name: "a thing" }
  #   expect: { status: 201 }                          # absent: every status below 400 is good
  #   timeout: 30s
  # Several steps, one after the other:
  # - flow: pay
  #   steps:
  #     - { request: POST /login, json: { user: ada }, capture: { token: $.token } }
  #     - pause: 1s..3s
  #     - { request: POST /payments, auth: { bearer: "{{ token }}" } }

# What must hold; otherwise the command ends with code 99.
objectives:
  - p95 < 500ms
  - p99 < 1s during peak
  - errors < 1%

# What ends the run early, with code 99 too. Warm-up counts; workers tell every five seconds.
# abort: [ "errors > 50% over 10s" ]

# How requests are sent.
http:
  # How long an answer may take before it counts as failed.
  timeout: 10s
`;
}
