/** What gave away that something else than the target ended the connection. */
export interface EdgeSign {
  readonly name: string;
  /** The header that told. */
  readonly sign: string;
}

/** The surest first: who says its own name, then who only shows that there is somebody. */
const SIGNS: readonly (readonly [name: string, header: string, value: RegExp])[] = [
  ['Cloudflare', 'cf-ray', /./],
  ['CloudFront', 'x-amz-cf-pop', /./],
  ['CloudFront', 'x-amz-cf-id', /./],
  ['Fastly', 'x-served-by', /^cache-/],
  ['Fastly', 'x-fastly-request-id', /./],
  ['Akamai', 'x-akamai-request-id', /./],
  ['Vercel', 'x-vercel-id', /./],
  ['Netlify', 'x-nf-request-id', /./],
  ['Fly.io', 'fly-request-id', /./],
  ['Azure Front Door', 'x-azure-ref', /./],
  ['Cloudflare', 'server', /^cloudflare/i],
  ['CloudFront', 'server', /^cloudfront/i],
  ['Akamai', 'server', /^akamai/i],
  ['Bunny', 'server', /^bunnycdn/i],
  ['Google', 'via', /\bgoogle$/i],
  ['CloudFront', 'via', /\(CloudFront\)/i],
  ['Varnish', 'via', /\bvarnish\b/i],
  ['Varnish', 'x-varnish', /./],
  ['a proxy', 'via', /./],
  ['a cache', 'age', /^\d/],
  ['a cache', 'x-cache', /./],
  ['a proxy', 'x-served-by', /./],
];

/** Who ended the connection, by the head of an answer; null: as far as it tells, the target. */
export function edgeSign(head: string): EdgeSign | null {
  const headers = new Map<string, string>();
  for (const line of head.split('\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  for (const [name, sign, value] of SIGNS) {
    const found = headers.get(sign);
    if (found !== undefined && value.test(found)) return { name, sign };
  }
  return null;
}
