"""Starts moto, an emulator of AWS, with what our stacks are made of and it does not know.

Where its CloudFormation lacks a kind of resource that its other APIs have, the resource is made by
those; what is made here is what the emulator does not judge.
"""

import json
import sys
from contextlib import suppress

from moto.awslambda import models as functions
from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.parsing import ResourceMap, parse_and_update_resource
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.common_models import CloudFormationModel
from moto.core.responses import EmptyResult
from moto.iam.access_control import PermissionResult
from moto.iam.models import ManagedPolicy, iam_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.server import main
from moto.ssm.models import ssm_backends
from moto.utilities.utils import get_partition


class Made:
    """A resource as moto's CloudFormation keeps it."""

    def __init__(self, identity, gone=lambda: None):
        self.physical_resource_id = identity
        self.gone = gone

    def delete(self, account_id, region):
        # What it belongs to may have been deleted before it.
        with suppress(Exception):
            self.gone()


def teach(kind, make):
    """Adds a kind of resource to moto's CloudFormation; `make` makes one, or makes it anew."""

    def create(cls, name, resource, account, region, **_):
        return make(resource["Properties"], account, region)

    def update(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        return make(cloudformation_json["Properties"], account_id, region_name)

    # moto looks for the service in the name of the module.
    type(
        kind.replace("::", ""),
        (CloudFormationModel,),
        {
            "__module__": "moto.isochrone.models",
            "cloudformation_name_type": staticmethod(lambda: ""),
            "cloudformation_type": staticmethod(lambda: kind),
            "create_from_cloudformation_json": classmethod(create),
            "update_from_cloudformation_json": classmethod(update),
        },
    )


def alias(properties, account, region):
    backend = functions.get_backend(account, region)
    name, function = properties["Name"], properties["FunctionName"]
    version = str(properties["FunctionVersion"])
    with suppress(Exception):
        backend.delete_alias(name, function)
    arn = backend.create_alias(name, function, version, "", None).arn
    return Made(arn, lambda: backend.delete_alias(name, function))


def event_invoke_config(properties, account, region):
    limits = ("MaximumEventAgeInSeconds", "MaximumRetryAttempts")
    config = {name: int(properties[name]) for name in limits}
    function = properties["FunctionName"]
    functions.get_backend(account, region).put_function_event_invoke_config(function, config)
    return Made(f"{function}|{properties['Qualifier']}")


def bucket_policy(properties, account, region):
    bucket, document = properties["Bucket"], json.dumps(properties["PolicyDocument"])
    s3_backends[account][get_partition(region)].put_bucket_policy(bucket, document.encode())
    return Made(bucket)


def alarm(properties, account, region):
    backend = cloudwatch_backends[account][region]
    name = properties["AlarmName"]
    backend.put_metric_alarm(
        name=name,
        namespace=properties["Namespace"],
        metric_name=properties["MetricName"],
        comparison_operator=properties["ComparisonOperator"],
        evaluation_periods=properties["EvaluationPeriods"],
        period=properties["Period"],
        threshold=properties["Threshold"],
        statistic=properties["Statistic"],
        description=properties["AlarmDescription"],
        dimensions=properties["Dimensions"],
        alarm_actions=[],
    )
    return Made(name, lambda: backend.delete_alarms([name]))


def keep_durable_config():
    """Functions tell of their DurableConfig, which moto leaves out."""
    create = functions.LambdaFunction.create_from_cloudformation_json.__func__
    configuration = functions.LambdaFunction.get_configuration

    def created(cls, name, resource, account, region, **more):
        function = create(cls, name, resource, account, region, **more)
        function.durable_config = resource["Properties"].get("DurableConfig")
        return function

    def configured(self, on_create=False):
        durable = getattr(self, "durable_config", None)
        more = {"DurableConfig": durable} if durable else {}
        return {**configuration(self, on_create), **more}

    functions.LambdaFunction.create_from_cloudformation_json = classmethod(created)
    functions.LambdaFunction.get_configuration = configured


def judge_no_policies():
    """Bucket policies are kept and not obeyed: moto reads them without their conditions."""
    FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL


def keep_parameters():
    """Updates give a parameter of the parameter store as it was resolved before."""
    parse = ResourceMap.parse_ssm_parameter

    def parsed(self, value, kind):
        known = ssm_backends[self._account_id][self._region_name].get_parameter(value)
        return parse(self, value, kind) if known else value

    ResourceMap.parse_ssm_parameter = parsed


def update_in_order():
    """Stacks change as CloudFormation changes them: what is referred to first, and what goes last."""

    def references(part):
        if isinstance(part, list):
            return [name for one in part for name in references(one)]
        if not isinstance(part, dict):
            return [part] if isinstance(part, str) else []
        named = [part.get("Ref"), (part.get("Fn::GetAtt") or [None])[0]]
        inner = [one for key, value in part.items() if key not in ("Ref", "Type") for one in references(value)]
        return [name for name in named if name] + inner

    def ordered(resources):
        found = {}

        def visit(name):
            if name in resources and name not in found:
                found[name] = None
                for other in references(resources[name]):
                    visit(other)
                found[name] = found.pop(name)

        for name in resources:
            visit(name)
        return list(found)

    def update(self, template, parameters=None):
        changes = self.build_resource_diff(template, parameters)
        gone = [(self._parsed_resources.get(name), self._resource_json_map[name]) for name in changes["Remove"]]
        self._template = template
        self.input_parameters = parameters or self.input_parameters
        self.load_mapping()
        self.load_parameters()
        self.load_conditions()
        self._resource_json_map = template["Resources"]
        where = {"account_id": self._account_id, "region_name": self._region_name}
        for name in ordered(template["Resources"]):
            if name in changes["Modify"]:
                changed = parse_and_update_resource(name, template["Resources"][name], self, **where)
                self._parsed_resources[name] = changed or self._parsed_resources[name]
            else:
                _ = self[name]
        for resource, definition in gone:
            if resource and definition.get("DeletionPolicy") != "Retain":
                self._delete_resource(resource, definition)

    ResourceMap.update = update


def delete_policies():
    """Managed policies go with their stack."""

    def delete(self, account, region):
        iam_backends[account][get_partition(region)].delete_policy(self.arn)

    ManagedPolicy.delete = delete


def tell_versions():
    """Templates ask a version for its number."""
    version = functions.LambdaVersion
    version.has_cfn_attr = classmethod(lambda cls, name: name == "Version")
    version.get_cfn_attribute = lambda self, name: str(self.version)


class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


def know_change_sets():
    """Each belongs to its stack, and is gone once it is executed: the CDK calls all of them the same."""
    param = CloudFormationResponse._get_param
    delete = CloudFormationResponse.delete_change_set
    create = CloudFormationBackend.create_change_set
    execute = CloudFormationBackend.execute_change_set

    def created(self, stack_name, *rest, **more):
        for identity, stack in list(self.stacks.items()):
            # What was never executed is taken up again.
            if stack.name == stack_name and stack.status == "REVIEW_IN_PROGRESS":
                del self.stacks[identity]
        return create(self, stack_name, *rest, **more)

    def found(self, name, *rest):
        value = param(self, name, *rest)
        if name != "ChangeSetName" or self._get_action() == "CreateChangeSet":
            return value
        stack = param(self, "StackName")
        for one in self.cloudformation_backend.change_sets.values():
            named = value in (one.change_set_name, one.change_set_id)
            if named and stack in (None, one.stack_name, one.stack_id):
                return one.change_set_id
        raise ChangeSetNotFound(f"ChangeSet [{value}] does not exist")

    def deleted(self):
        with suppress(ChangeSetNotFound):
            return delete(self)
        return EmptyResult()

    def executed(self, change_set_name, stack_name=None):
        execute(self, change_set_name, stack_name)
        del self.change_sets[change_set_name]

    CloudFormationResponse._get_param = found
    CloudFormationResponse.delete_change_set = deleted
    CloudFormationBackend.create_change_set = created
    CloudFormationBackend.execute_change_set = executed


teach("AWS::Lambda::Alias", alias)
teach("AWS::Lambda::EventInvokeConfig", event_invoke_config)
teach("AWS::S3::BucketPolicy", bucket_policy)
teach("AWS::CloudWatch::Alarm", alarm)
keep_durable_config()
delete_policies()
keep_parameters()
update_in_order()
know_change_sets()
tell_versions()
judge_no_policies()
main(sys.argv[1:])
