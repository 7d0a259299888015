import { Aws, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  MERGE_MEMORY_MB,
  mergeName,
  ORCHESTRATOR_MEMORY_MB,
  orchestratorName,
} from './deployment.js';
import {
  controlStackName,
  endedRuleName,
  failedAlarmName,
  mergeRoleName,
  orchestratorRoleName,
  runnerPolicyName,
  timedOutAlarmName,
} from './part-names.js';
import { mergeRights, orchestratorRights, runnerRights } from './rights.js';
import { LiveFunction, type StackInput } from './stack-function.js';
import { groundOf, policyOf } from './stack-policy.js';

/** Longer than any run; like the other it could only be changed together with the function's name. */
const LONGEST_EXECUTION = Duration.days(2);
const EXECUTIONS_KEPT = Duration.days(30);
/** Ends of an orchestrator after which a run has nobody. */
const ENDS = ['FAILED', 'TIMED_OUT', 'STOPPED'];

/** Who leads runs, who makes their reports, and who notices when nobody does. */
export class ControlStack extends Stack {
  constructor(scope: Construct, input: StackInput) {
    const { prefix, home } = input.settings.deployment;
    super(scope, controlStackName(prefix), {
      env: { region: home },
      description: 'Isochrone: the orchestrator, and what makes reports',
    });
    const ground = groundOf(input.settings);
    const orchestrator = orchestratorName(prefix);
    new LiveFunction(this, 'Orchestrator', {
      ...input,
      name: orchestrator,
      roleName: orchestratorRoleName(prefix, home),
      description: 'Isochrone: leads runs',
      bundle: 'orchestrator',
      memoryMb: ORCHESTRATOR_MEMORY_MB,
      rights: orchestratorRights(ground),
      durable: { executionTimeout: LONGEST_EXECUTION, retentionPeriod: EXECUTIONS_KEPT },
    });
    const merge = new LiveFunction(this, 'Merge', {
      ...input,
      name: mergeName(prefix),
      roleName: mergeRoleName(prefix, home),
      description: 'Isochrone: merges what was measured, and makes reports',
      bundle: 'merge',
      memoryMb: MERGE_MEMORY_MB,
      rights: mergeRights(ground),
    });
    const versions = `arn:${Aws.PARTITION}:lambda:${home}:${Aws.ACCOUNT_ID}:function:${orchestrator}:`;
    new Rule(this, 'Ended', {
      ruleName: endedRuleName(prefix),
      description: 'Isochrone: an orchestrator is no more; its run is ended by merge',
      eventPattern: {
        source: ['aws.lambda'],
        detailType: ['Durable Execution Status Change'],
        detail: { status: ENDS, functionArn: Match.prefix(versions) },
      },
      targets: [new LambdaTarget(merge.alias)],
    });
    this.#alarm('Failed', failedAlarmName(prefix), 'DurableExecutionFailed', orchestrator);
    this.#alarm('TimedOut', timedOutAlarmName(prefix), 'DurableExecutionTimedOut', orchestrator);
    const runner = new ManagedPolicy(this, 'Runner', {
      managedPolicyName: runnerPolicyName(prefix, home),
      description: 'Isochrone: start, watch and stop runs, and read their reports',
      document: policyOf(runnerRights(ground)),
    });
    new CfnOutput(this, 'RunnerPolicy', { value: runner.managedPolicyArn });
  }

  #alarm(id: string, alarmName: string, metricName: string, FunctionName: string): void {
    new Alarm(this, id, {
      alarmName,
      alarmDescription: `Isochrone: ${metricName} of ${FunctionName}; its log says why`,
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName,
        dimensionsMap: { FunctionName },
        statistic: 'Sum',
        period: Duration.minutes(5),
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
