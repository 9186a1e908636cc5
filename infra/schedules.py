"""Where the pulses' schedules live: their group, the role that starts runs, and the queue for starts that failed.

The schedules themselves are made by the console when a pulse is saved. Each names this role, this queue, and an age of
one hour at most for its event (design 9).
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.monitoring import PERIOD, Alarms
from infra.permits import accept, allow, role
from infra.settings import Settings


class Schedules(Construct):
    def __init__(
        self, scope: Construct, name: str, settings: Settings, machine: sfn.StateMachine, alarms: Alarms
    ) -> None:
        super().__init__(scope, name)
        self.group = scheduler.ScheduleGroup(
            self,
            "Group",
            schedule_group_name=f"ledgercast-{settings.stage}",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            retention_period=cdk.Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        accept(self.dead_letters, "SQS3", "It is the dead-letter queue of the schedules, which name it themselves.")
        self.role = role(
            self,
            "Role",
            "scheduler",
            allow("states:StartExecution", on=[machine.state_machine_arn]),
            allow("sqs:SendMessage", on=[self.dead_letters.queue_arn]),
            when={
                "StringEquals": {
                    "aws:SourceAccount": cdk.Aws.ACCOUNT_ID,
                    "aws:SourceArn": self.group.schedule_group_arn,
                }
            },
        )
        self._watch(alarms)

    def _watch(self, alarms: Alarms) -> None:
        alarms.once(
            "StartsInDeadLetters",
            self.dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum"),
            "A schedule could not start its run.",
            "a-schedule-could-not-start-its-run",
        )
        lost = cloudwatch.Metric(
            namespace="AWS/Scheduler",
            metric_name="InvocationsFailedToBeSentToDeadLetterCount",
            dimensions_map={"ScheduleGroup": self.group.schedule_group_name},
            period=PERIOD,
            statistic="Sum",
        )
        alarms.once(
            "StartsLost",
            lost,
            "A start failed and could not be kept in the dead-letter queue.",
            "a-schedule-could-not-start-its-run",
        )
