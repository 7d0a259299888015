import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { briefClient } from './brief-client.js';

/** Where `cdk bootstrap` writes down which version of itself a region has. */
const PARAMETER = '/cdk-bootstrap/hnb659fds/version';

/** What templates of the CDK ask for, too. */
export const OLDEST_BOOTSTRAP = 6;

/** The version of the CDK's bootstrap in a region; null where there is none. */
export async function bootstrapVersion(region: string): Promise<number | null> {
  const client = new SSMClient(briefClient(region));
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: PARAMETER }));
    return Number(Parameter?.Value ?? Number.NaN) || null;
  } catch (error) {
    if ((error as Error).name === 'ParameterNotFound') return null;
    throw error;
  } finally {
    client.destroy();
  }
}
