import { Aws } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Ground, Right } from './rights.js';
import { type CloudSettings, deploymentIn } from './settings.js';

/** The ground of a deployment whose account and partition are known when it is deployed. */
export function groundOf(settings: CloudSettings): Ground {
  const { prefix, home, regions, secrets, bucket } = deploymentIn(settings, Aws.ACCOUNT_ID);
  return {
    partition: Aws.PARTITION,
    account: Aws.ACCOUNT_ID,
    urlSuffix: Aws.URL_SUFFIX,
    prefix,
    home,
    bucket,
    regions,
    secrets,
    kmsKey: settings.kmsKey,
  };
}

export function policyOf(rights: readonly Right[]): PolicyDocument {
  return new PolicyDocument({ statements: rights.map((right) => statementOf(right)) });
}

/** `forAll`: in the policy of a resource, which must say whom it is about. */
export function statementOf(right: Right, forAll = false): PolicyStatement {
  const { sid, denies, actions, resources, conditions } = right;
  return PolicyStatement.fromJson({
    Sid: sid,
    Effect: denies ? 'Deny' : 'Allow',
    ...(forAll && { Principal: '*' }),
    Action: actions,
    Resource: resources,
    ...(conditions && { Condition: conditions }),
  });
}
