"""Prints all that has a name in an account, as its APIs list it, but for what is the bootstrap's.

Arguments are regions; what belongs to one stands behind its name.
"""

import json
import sys

import boto3


def stacks(region):
    listed = boto3.client("cloudformation", region).describe_stacks()["Stacks"]
    return [f"{one['StackName']}: {one['StackStatus']}" for one in listed]


def functions(region):
    client = boto3.client("lambda", region)
    names = [one["FunctionName"] for one in client.list_functions()["Functions"]]
    return [
        f"{name}:{alias['Name']}"
        for name in names
        for alias in client.list_aliases(FunctionName=name)["Aliases"] or [{"Name": ""}]
    ]


def logs(region):
    groups = boto3.client("logs", region).describe_log_groups()["logGroups"]
    return [f"{one['logGroupName']}, {one.get('retentionInDays')} days" for one in groups]


def alarms(region):
    return [one["AlarmName"] for one in boto3.client("cloudwatch", region).describe_alarms()["MetricAlarms"]]


def rules(region):
    client = boto3.client("events", region)
    return [
        f"{one['Name']} to {target['Arn'].split(':', 6)[-1]}"
        for one in client.list_rules()["Rules"]
        for target in client.list_targets_by_rule(Rule=one["Name"])["Targets"]
    ]


def roles():
    return [one["RoleName"] for one in boto3.client("iam").list_roles()["Roles"]]


def policies():
    return [one["PolicyName"] for one in boto3.client("iam").list_policies(Scope="Local")["Policies"]]


def buckets():
    return [one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"]]


def own(names):
    return sorted(name for name in names if not name.startswith(("cdk-", "CDKToolkit")))


REGIONAL = [stacks, functions, logs, alarms, rules]
GLOBAL = [roles, policies, buckets]
found = {one.__name__: [f"{region} {name}" for region in sys.argv[1:] for name in own(one(region))] for one in REGIONAL}
found.update({one.__name__: own(one()) for one in GLOBAL})
print(json.dumps(found))
