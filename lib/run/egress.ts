import {
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Route,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import { briefClient } from './brief-client.js';

/** How what runs in a subnet comes to the internet, and so by which address. */
export interface Egress {
  readonly subnet: string;
  /** The table that routes it; null where none was found. */
  readonly table: string | null;
  /** A function has no public address of its own: through a gateway alone it reaches nobody. */
  readonly way: 'translated' | 'gateway' | 'none';
}

const EVERYWHERE = '0.0.0.0/0';

export async function egressOf(
  region: string,
  subnets: readonly string[],
): Promise<readonly Egress[]> {
  if (subnets.length === 0) return [];
  const client = new EC2Client(briefClient(region));
  try {
    const { Subnets = [] } = await client.send(
      new DescribeSubnetsCommand({ SubnetIds: [...subnets] }),
    );
    const networks = new Map(Subnets.map(({ SubnetId, VpcId }) => [SubnetId, VpcId]));
    const Values = [...new Set(Subnets.map(({ VpcId = '' }) => VpcId))];
    const { RouteTables = [] } = await client.send(
      new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values }] }),
    );
    return subnets.map((subnet) => {
      const table = tableOf(subnet, networks.get(subnet), RouteTables);
      return { subnet, table: table?.RouteTableId ?? null, way: wayOf(table?.Routes ?? []) };
    });
  } finally {
    client.destroy();
  }
}

/** A subnet that no table names goes by the main one of its network. */
function tableOf(
  subnet: string,
  network: string | undefined,
  tables: readonly RouteTable[],
): RouteTable | undefined {
  const named = ({ Associations = [] }: RouteTable) =>
    Associations.some(({ SubnetId }) => SubnetId === subnet);
  const main = ({ VpcId, Associations = [] }: RouteTable) =>
    VpcId === network && Associations.some(({ Main }) => Main);
  return tables.find(named) ?? tables.find(main);
}

function wayOf(routes: readonly Route[]): Egress['way'] {
  const route = routes.find(
    ({ DestinationCidrBlock, State }) =>
      DestinationCidrBlock === EVERYWHERE && State !== 'blackhole',
  );
  if (route === undefined) return 'none';
  // Others than NAT, such as a transit gateway or an appliance, lead to one elsewhere.
  return route.GatewayId?.startsWith('igw-') ? 'gateway' : 'translated';
}
