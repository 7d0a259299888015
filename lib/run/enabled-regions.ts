import { AccountClient, paginateListRegions } from '@aws-sdk/client-account';
import { briefClient } from './brief-client.js';

/** Regions that an account must ask for before it can use them may be in any of these states. */
export type RegionState = 'enabled' | 'enabling' | 'disabled';

const STATES: Readonly<Record<string, RegionState>> = {
  ENABLED: 'enabled',
  ENABLED_BY_DEFAULT: 'enabled',
  ENABLING: 'enabling',
};

/** Every region that there is for this account, by name. */
export async function regionStates(home: string): Promise<ReadonlyMap<string, RegionState>> {
  const client = new AccountClient(briefClient(home));
  try {
    const states = new Map<string, RegionState>();
    for await (const { Regions = [] } of paginateListRegions({ client, pageSize: 50 }, {})) {
      for (const { RegionName = '', RegionOptStatus = '' } of Regions) {
        states.set(RegionName, STATES[RegionOptStatus] ?? 'disabled');
      }
    }
    return states;
  } finally {
    client.destroy();
  }
}
