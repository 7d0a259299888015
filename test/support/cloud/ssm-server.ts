import { json, type SignedServer, startSigned } from './signed-server.js';

const TYPE = 'application/x-amz-json-1.1';

/**
 * As much of Parameter Store as tells which version of the CDK's bootstrap a region has: GetParameter,
 * in JSON 1.1. `versions`: by region, read at each call; regions in `denied` may not be asked.
 */
export function startSsm(
  versions: Readonly<Record<string, number>>,
  denied: readonly string[] = [],
): Promise<SignedServer> {
  return startSigned('ssm', ({ region, headers, body }) => {
    const refusal = (name: string, message: string) => json({ __type: name, message }, 400, TYPE);
    if (headers['x-amz-target'] !== 'AmazonSSM.GetParameter') {
      return refusal('UnknownOperationException', `no ${headers['x-amz-target']} here`);
    }
    if (denied.includes(region)) {
      return refusal('AccessDeniedException', 'not authorized to perform: ssm:GetParameter');
    }
    const { Name } = JSON.parse(body) as { Name: string };
    const version = versions[region];
    if (Name !== '/cdk-bootstrap/hnb659fds/version' || version === undefined) {
      return refusal('ParameterNotFound', '');
    }
    return json({ Parameter: { Name, Type: 'String', Value: String(version) } }, 200, TYPE);
  });
}
