import { type SignedServer, startSigned } from './signed-server.js';

/** A route table: its own subnets, or all others of its network. */
export interface RouteTableSpec {
  readonly id: string;
  readonly network: string;
  readonly subnets: readonly string[] | 'others';
  /** Where everything goes; null: nowhere. `nat-…`, `igw-…`, `tgw-…`. */
  readonly everywhere: string | null;
}

export interface NetworkSpec {
  /** Network by subnet. */
  readonly subnets: Readonly<Record<string, string>>;
  readonly tables: readonly RouteTableSpec[];
}

const SCHEMA = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"';

/** As much of EC2 as tells how subnets are routed: two calls of its query protocol. */
export function startEc2({ subnets, tables }: NetworkSpec): Promise<SignedServer> {
  return startSigned('ec2', ({ body }) => {
    const query = new URLSearchParams(body);
    const action = query.get('Action') ?? '';
    const asked = [...query].filter(([name]) => /^SubnetId\.\d+$/.test(name));
    const items =
      action === 'DescribeSubnets'
        ? `<subnetSet>${asked.map(([, id]) => subnet(id, subnets[id] ?? '')).join('')}</subnetSet>`
        : action === 'DescribeRouteTables'
          ? `<routeTableSet>${tables.map(table).join('')}</routeTableSet>`
          : null;
    if (items === null) {
      const error = `<Error><Code>InvalidAction</Code><Message>no ${action} here</Message></Error>`;
      return answer(400, `<Response><Errors>${error}</Errors></Response>`);
    }
    return answer(200, `<${action}Response ${SCHEMA}>${items}</${action}Response>`);
  });
}

function answer(status: number, text: string) {
  return { status, type: 'text/xml', text };
}

function subnet(id: string, network: string): string {
  return `<item><subnetId>${id}</subnetId><vpcId>${network}</vpcId></item>`;
}

function table({ id, network, subnets, everywhere }: RouteTableSpec): string {
  const associations =
    subnets === 'others'
      ? '<item><main>true</main></item>'
      : subnets.map((one) => `<item><main>false</main><subnetId>${one}</subnetId></item>`).join('');
  const target = everywhere?.startsWith('nat-')
    ? `<natGatewayId>${everywhere}</natGatewayId>`
    : everywhere?.startsWith('tgw-')
      ? `<transitGatewayId>${everywhere}</transitGatewayId>`
      : `<gatewayId>${everywhere}</gatewayId>`;
  const route = (to: string, by: string) =>
    `<item><destinationCidrBlock>${to}</destinationCidrBlock>${by}<state>active</state></item>`;
  const routes = [
    route('10.0.0.0/16', '<gatewayId>local</gatewayId>'),
    ...(everywhere === null ? [] : [route('0.0.0.0/0', target)]),
  ];
  return `<item><routeTableId>${id}</routeTableId><vpcId>${network}</vpcId><associationSet>${associations}</associationSet><routeSet>${routes.join('')}</routeSet></item>`;
}
