import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { storeStackName } from './part-names.js';
import { bucketDenials } from './rights.js';
import type { CloudSettings } from './settings.js';
import { groundOf, statementOf } from './stack-policy.js';

/** Where all runs are kept: the one stack that outlives a deployment. */
export class StoreStack extends Stack {
  constructor(scope: Construct, settings: CloudSettings) {
    const { prefix, home } = settings.deployment;
    super(scope, storeStackName(prefix), {
      env: { region: home },
      description: 'Isochrone: the bucket with all runs',
    });
    const { kmsKey, accessLogs, retentionDays } = settings;
    const ground = groundOf(settings);
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: ground.bucket,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { id: 'raw', prefix: 'raw/', expiration: Duration.days(retentionDays) },
        { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      ...(kmsKey === null
        ? { encryption: BucketEncryption.S3_MANAGED }
        : {
            encryption: BucketEncryption.KMS,
            encryptionKey: Key.fromKeyArn(this, 'Key', kmsKey),
            // Asks the key once for many objects.
            bucketKeyEnabled: true,
          }),
    });
    for (const denial of bucketDenials({ ...ground, bucket: bucket.bucketName })) {
      bucket.addToResourcePolicy(statementOf(denial, true));
    }
    bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    if (accessLogs !== null) {
      // The other bucket's policy is not ours to write; the construct would try.
      (bucket.node.defaultChild as CfnBucket).loggingConfiguration = {
        destinationBucketName: accessLogs,
        logFilePrefix: `${ground.bucket}/`,
      };
    }
    new CfnOutput(this, 'Results', { value: `s3://${ground.bucket}/runs/` });
  }
}
