import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  type CfnFunction,
  Code,
  type IFunction,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { UsageError } from '../errors.js';
import { ALIAS, environmentOf, VERSION_VARIABLE } from './deployment.js';
import { logGroupName } from './part-names.js';
import type { Right } from './rights.js';
import { type CloudSettings, deploymentIn } from './settings.js';
import { policyOf } from './stack-policy.js';
import type { WorkerNetwork } from './subnet-setting.js';

/** What all stacks of a deployment are made from. */
export interface StackInput {
  readonly settings: CloudSettings;
  /** Folder of the built functions: worker/, orchestrator/, merge/. */
  readonly bundles: string;
  /** Of this program: functions tell it to whoever asks. */
  readonly version: string;
}

export interface LiveFunctionProps extends StackInput {
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  /** Its folder among the bundles. */
  readonly bundle: 'worker' | 'orchestrator' | 'merge';
  readonly memoryMb: number;
  readonly rights: readonly Right[];
  /** Remembers its steps; none of this can be changed once it exists. */
  readonly durable?: { readonly executionTimeout: Duration; readonly retentionPeriod: Duration };
  /** Executions that Lambda keeps free for it, and its most. */
  readonly reserved?: number;
  readonly network?: WorkerNetwork;
}

/** The longest that Lambda lets a function live. */
const LIFE = Duration.minutes(15);
/** An event that waited for longer is dropped: whoever sent it has given it up by then. */
const LONGEST_WAIT = Duration.seconds(60);
/** What CloudWatch takes. */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** A function as all of ours are: a log that ends, a role of its own, and an alias that is invoked. */
export class LiveFunction extends Construct {
  /** What is invoked. */
  readonly alias: IFunction;

  constructor(scope: Construct, id: string, props: LiveFunctionProps) {
    super(scope, id);
    const { name, settings, durable, network, reserved } = props;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: logGroupName(name),
      retention: LOG_DAYS.find((days) => days >= settings.retentionDays) ?? LOG_DAYS.at(-1)!,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      roleName: props.roleName,
      description: props.description,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { rights: policyOf(props.rights) },
    });
    const made = new LambdaFunction(this, 'Function', {
      functionName: name,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: codeOf(props),
      memorySize: props.memoryMb,
      timeout: LIFE,
      environment: {
        ...environmentOf(deploymentIn(settings, Aws.ACCOUNT_ID)),
        [VERSION_VARIABLE]: props.version,
      },
      // A copy without rights of its own to add: ours are all that there are.
      role: role.withoutPolicyUpdates(),
      logGroup,
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
      // An execution goes on with the version that it began with, so old ones stay as long as the
      // function does.
      ...(durable && { currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN } }),
    });
    const resource = made.node.defaultChild as CfnFunction;
    // The construct waits for the role's policies, which are part of it, and it is referred to.
    resource.addDeletionOverride('DependsOn');
    // The construct would warn each time of what the function's name takes care of.
    if (durable) {
      resource.durableConfig = {
        executionTimeout: durable.executionTimeout.toSeconds(),
        retentionPeriodInDays: durable.retentionPeriod.toDays(),
      };
    }
    if (network) {
      // Of subnets nothing but ids is known; the construct would ask for their VPC.
      resource.vpcConfig = {
        subnetIds: [...network.subnetIds],
        securityGroupIds: [...network.securityGroupIds],
      };
    }
    // The CDK's classes are not quite its interfaces where optional properties are taken exactly.
    const version = made.currentVersion as IVersion;
    const alias = new Alias(this, 'Live', { aliasName: ALIAS, version });
    // What fails is not done again by Lambda: whoever asked decides.
    alias.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: LONGEST_WAIT });
    this.alias = alias as IFunction;
  }
}

function codeOf({ bundles, bundle }: LiveFunctionProps): Code {
  const folder = join(bundles, bundle);
  if (existsSync(join(folder, 'index.mjs'))) return Code.fromAsset(folder);
  throw new UsageError(
    `${join(folder, 'index.mjs')} is not there: build the functions first, with npm run build`,
  );
}
