/** What a class of failure means, and what to do about it; docs/errors.md holds the same words. */
export interface FailureClass {
  readonly code: number;
  /** Last code of a range that shares one meaning. */
  readonly to?: number;
  readonly what: string;
  /** Follows what happened, after a colon. */
  readonly advice: string;
}

/**
 * Every class in which a request can end. Numbers follow k6's where it has one (1000 general, 1050
 * timeout, 11xx DNS, 12xx TCP, 13xx TLS, 14xx and 15xx HTTP status); ours beside them: 1051 never
 * sent, 1221 stale connection, 123x broken answers, 1312 out of date, 17xx failed expectations.
 */
export const FAILURE_CLASSES: readonly FailureClass[] = [
  {
    code: 1000,
    what: 'an error that has no class of its own',
    advice: 'its own words are all there is; if it comes again, report it',
  },
  {
    code: 1050,
    what: 'no answer, or not the whole of it, within the timeout',
    advice: 'the target is too slow for this load, or `timeout` too short',
  },
  {
    code: 1051,
    what: 'never sent, as no connection came free',
    advice:
      'the target was slow, `http.connections` low, or, where the checks `busy` or `event-loop` are not good, the generator too busy',
  },
  {
    code: 1100,
    what: 'looking up the host failed',
    advice: "no resolver answered; check this machine's DNS, or pin the host with `http.resolve`",
  },
  {
    code: 1101,
    what: 'no such host',
    advice: "check the target's name, or pin it with `http.resolve`",
  },
  {
    code: 1110,
    what: 'the address is not one that may be loaded',
    advice: 'a deployment loads the public internet, and networks that it was told to open',
  },
  {
    code: 1111,
    what: 'a redirect, or what was filled in, names a host that may not be loaded',
    advice:
      'have nothing sent there, or deploy with that host in -c allowedHosts; the sample says why',
  },
  {
    code: 1201,
    what: 'the server closed the connection while we were sending',
    advice: 'it may refuse large bodies, or be restarting; its log tells',
  },
  {
    code: 1210,
    what: 'no way to the host',
    advice: "check the target's address and this machine's network",
  },
  {
    code: 1211,
    what: 'connecting timed out',
    advice: 'a firewall drops what is sent there, or the target takes no more connections',
  },
  {
    code: 1212,
    what: 'connection refused',
    advice: 'nothing listens there; check host and port, and that the service runs',
  },
  {
    code: 1213,
    what: 'connecting failed in another way',
    advice: "the system's own words stand beside it",
  },
  {
    code: 1220,
    what: 'the connection was reset, or closed before the headers were complete',
    advice: 'the target crashed, restarted or sheds load; its log tells',
  },
  {
    code: 1221,
    what: 'a reused connection was closed by the server before it answered',
    advice: 'it closes idle ones early; what might be done twice is not sent again',
  },
  {
    code: 1230,
    what: 'what came back is not HTTP/1.1',
    advice: 'check the port, and http or https; the sample shows what came',
  },
  {
    code: 1231,
    what: 'the response headers are larger than 16 kB',
    advice: 'other clients refuse them too; look for a cookie that grows',
  },
  {
    code: 1232,
    what: 'the connection ended before the body was complete',
    advice: 'the target, or a proxy before it, gave up half-way; its log tells',
  },
  {
    code: 1233,
    what: 'the body is larger than is kept of one',
    advice: 'expect and capture only what stands within that, or nothing of the body',
  },
  {
    code: 1234,
    what: 'the body cannot be unpacked',
    advice: 'the target packs in gzip, br or deflate, once or twice; the sample says what came',
  },
  {
    code: 1235,
    what: 'redirected more often than is followed',
    advice:
      'the target leads in a circle, or `followRedirects` is too low; the sample says where to',
  },
  {
    code: 1236,
    what: 'a redirect leads to nothing that speaks HTTP',
    advice: 'the header `location` of the answer is wrong; the sample shows it',
  },
  {
    code: 1300,
    what: 'the TLS handshake failed',
    advice: 'check that this port speaks TLS 1.2 or later, and that nothing cuts it off',
  },
  {
    code: 1310,
    what: 'the certificate is self-signed, or signed by an unknown authority',
    advice: 'name its authority in NODE_EXTRA_CA_CERTS, or set `http.insecure`',
  },
  {
    code: 1311,
    what: 'the certificate is for another host name',
    advice: 'use the name that it is for, with `http.resolve` if need be, or set `http.insecure`',
  },
  {
    code: 1312,
    what: 'the certificate has expired, or is not valid yet',
    advice: "renew it, check this machine's clock, or set `http.insecure`",
  },
  {
    code: 1400,
    what: 'HTTP 400',
    advice: 'the target does not understand the request; check path, headers and body',
  },
  {
    code: 1401,
    what: 'HTTP 401',
    advice: 'the target wants credentials; give them in `headers`',
  },
  {
    code: 1403,
    what: 'HTTP 403',
    advice: 'check the credentials, and whether a firewall takes the load for an attack',
  },
  {
    code: 1404,
    what: 'HTTP 404',
    advice: "nothing is there; check the path, which follows the target's own",
  },
  {
    code: 1405,
    what: 'HTTP 405',
    advice: 'the path exists for other methods than this one',
  },
  {
    code: 1413,
    what: 'HTTP 413',
    advice: 'the body is larger than the target, or a proxy before it, takes',
  },
  {
    code: 1415,
    what: 'HTTP 415',
    advice: 'the target takes another `content-type`; give it in `headers`',
  },
  {
    code: 1429,
    what: 'HTTP 429',
    advice: 'the target limits the rate; lower the load, or have the limit lifted',
  },
  {
    code: 1402,
    to: 1499,
    what: 'another status from 402 to 499',
    advice: 'the target refuses the request; the sample may say why, `expect` can allow it',
  },
  {
    code: 1500,
    what: 'HTTP 500',
    advice: 'the target failed inside; its log tells',
  },
  {
    code: 1502,
    what: 'HTTP 502',
    advice: 'a proxy got no good answer from the service behind it',
  },
  {
    code: 1503,
    what: 'HTTP 503',
    advice: 'the target is overloaded, restarting or not ready',
  },
  {
    code: 1504,
    what: 'HTTP 504',
    advice: 'a proxy waited in vain for the service behind it',
  },
  {
    code: 1501,
    to: 1599,
    what: 'another status from 501 on; all above 599 are counted as 1599',
    advice: 'the target failed; its log tells',
  },
  {
    code: 1710,
    what: 'expected another status',
    advice: 'the plan expects others; the sample shows how the answer begins',
  },
  {
    code: 1711,
    what: 'expected a header that was missing or different',
    advice: "correct the target or the plan's `expect`; the sample shows what came",
  },
  {
    code: 1712,
    what: 'expected another body',
    advice: "correct the target or the plan's `expect`; the sample shows how it begins",
  },
  {
    code: 1713,
    what: 'expected another value in the JSON of the body',
    advice: "correct the target or the plan's `expect`; the sample shows how it begins",
  },
  {
    code: 1714,
    what: 'expected a body of another size',
    advice: "correct the target or the plan's `expect`; the sample shows how it begins",
  },
  {
    code: 1715,
    what: 'expected the answer sooner',
    advice: 'the target was slower than `expect` allows; an objective can allow for some of them',
  },
  {
    code: 1720,
    what: 'a value that was to be captured is not in the answer',
    advice: 'the sample shows what came; the rest of the iteration is left out',
  },
  {
    code: 1721,
    what: 'the body is no JSON that can be read, and some of it was needed',
    advice: 'JSON is read in UTF-8 and to 100 levels; the sample shows how the body begins',
  },
  {
    code: 1722,
    what: 'a value cannot be put into the request, which was not sent',
    advice: 'the sample shows the value; correct where it is captured, or the row of data',
  },
  {
    code: 1730,
    what: 'the code of a flow threw an error',
    advice: 'the sample shows it; correct the code, or catch what may happen',
  },
  {
    code: 1731,
    what: 'the code of a flow sent a request that the plan does not list, which was not sent',
    advice: "list it among the flow's `requests`, or send it by a `name` that stands there",
  },
];

const EXACT = new Map(
  FAILURE_CLASSES.filter(({ to }) => to === undefined).map((one) => [one.code, one]),
);

export function failureClass(code: number): FailureClass | null {
  const exact = EXACT.get(code);
  if (exact) return exact;
  const holds = ({ code: from, to }: FailureClass) =>
    to !== undefined && code >= from && code <= to;
  return FAILURE_CLASSES.find(holds) ?? null;
}
