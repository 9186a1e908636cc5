"""The state machine over the functions, its role and its log."""

from __future__ import annotations

import json

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.data import Data
from infra.function import RETENTION
from infra.functions import SIZES, Functions
from infra.machine import definition
from infra.monitoring import PERIOD, Alarms
from infra.permits import accept, accept_wildcard, allow, role
from infra.settings import Settings
from infra.states import Step


class Pipeline(Construct):
    def __init__(
        self, scope: Construct, name: str, settings: Settings, data: Data, functions: Functions, alarms: Alarms
    ) -> None:
        super().__init__(scope, name)
        steps = {name: Step(one.function_arn, SIZES[name].timeout) for name, one in functions.all.items()}
        machine = definition(steps, data.state.table_name, settings.pace, cdk.Aws.PARTITION)
        self._role = role(
            self,
            "Role",
            "states",
            allow("lambda:InvokeFunction", on=[step.arn for step in steps.values()]),
            allow("dynamodb:UpdateItem", on=[data.state.table_arn]),
            data.through_key("dynamodb"),
            when={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            # Not Stack.to_json_string, which drops every null: `"ResultPath": null` keeps a state's input.
            definition_body=sfn.DefinitionBody.from_string(json.dumps(machine)),
            role=self._role,
            logs=sfn.LogOptions(
                destination=logs.LogGroup(self, "Log", retention=RETENTION, removal_policy=cdk.RemovalPolicy.RETAIN),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,
            ),
        )
        self._accept()
        self._watch(alarms)

    def _accept(self) -> None:
        accept_wildcard(self._role, "*", "The log delivery that Step Functions sets up takes no resource of its own.")
        accept(
            self.machine,
            "SF2",
            "The history of an execution tells every step, and one id runs through all logs; "
            "traces would be one more place to keep clean of names.",
        )

    def _watch(self, alarms: Alarms) -> None:
        alarms.once(
            "RunFailed",
            self.machine.metric_failed(period=PERIOD, statistic="Sum"),
            "A run failed.",
            "a-run-failed",
        )
        alarms.once(
            "RunTimedOut",
            self.machine.metric_timed_out(period=PERIOD, statistic="Sum"),
            "A run was cut off after its longest time.",
            "a-run-was-cut-off",
        )
