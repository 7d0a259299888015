import { json, type SignedServer, startSigned } from './signed-server.js';

const PAGE = 2;

/**
 * As much of Account Management as tells which regions are turned on: ListRegions, in pages of two.
 * `states`: ENABLED, ENABLED_BY_DEFAULT, ENABLING or DISABLED by region, read at each call; null:
 * nobody may ask.
 */
export function startAccount(
  states: () => Readonly<Record<string, string>> | null,
): Promise<SignedServer> {
  return startSigned('account', ({ path, body }) => {
    if (path !== '/listRegions') {
      return json({ __type: 'UnknownOperationException', message: `no ${path} here` }, 404);
    }
    const all = states();
    if (all === null) {
      const message = 'not authorized to perform: account:ListRegions';
      return json({ __type: 'AccessDeniedException', message }, 403);
    }
    const { NextToken = '0' } = JSON.parse(body || '{}') as { NextToken?: string };
    const from = Number(NextToken);
    const Regions = Object.entries(all)
      .slice(from, from + PAGE)
      .map(([RegionName, RegionOptStatus]) => ({ RegionName, RegionOptStatus }));
    const more = from + PAGE < Object.keys(all).length;
    return json({ Regions, ...(more && { NextToken: String(from + PAGE) }) });
  });
}
