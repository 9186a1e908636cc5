"""Where the pulses' schedules live: their group, the role that starts runs, and the queue for starts that failed.

The schedules themselves are made by the console when a pulse is saved. Each names this role, this queue, and an age of
one hour at most for its event (design 9).
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.monitoring import PERIOD, Alarms
from infra.permits import accept, accept_wildcard, allow, role
from infra.settings import Settings

PULSES = "pulse-*"


class Schedules(Construct):
    """`may_start` ties the role to the machine, which is made after it: one of the machine's functions makes schedules
    and so must know the role."""

    def __init__(self, scope: Construct, name: str, settings: Settings, alarms: Alarms) -> None:
        super().__init__(scope, name)
        self.group_name = f"ledgercast-{settings.stage}"
        self.group = scheduler.ScheduleGroup(
            self, "Group", schedule_group_name=self.group_name, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            retention_period=cdk.Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        accept(self.dead_letters, "SQS3", "It is the dead-letter queue of the schedules, which name it themselves.")
        self.role = self.starter("Role")
        self._watch(alarms)

    def starter(self, name: str) -> iam.Role:
        """A role that the schedules of this group alone can assume, and by which what failed is kept."""
        source = {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID, "aws:SourceArn": self.group.schedule_group_arn}
        keep = allow("sqs:SendMessage", on=[self.dead_letters.queue_arn])
        return role(self, name, "scheduler", keep, when={"StringEquals": source})

    def may_start(self, machine: sfn.StateMachine) -> None:
        start = allow("states:StartExecution", on=[machine.state_machine_arn])
        iam.Policy(self, "Start", statements=[start], roles=[self.role])

    def named(self, pattern: str) -> str:
        """The ARN of the group's schedules by their names."""
        return cdk.Stack.of(self).format_arn(
            service="scheduler", resource="schedule", resource_name=f"{self.group_name}/{pattern}"
        )

    def to_plan(self, pattern: str) -> list[iam.PolicyStatement]:
        """To make schedules of such names, which start the machine by this group's role and by no other."""
        to_scheduler = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
        return [
            allow("scheduler:CreateSchedule", on=[self.named(pattern)]),
            allow("iam:PassRole", on=[self.role.role_arn], when=to_scheduler),
        ]

    def to_keep(self, *more: str) -> list[iam.PolicyStatement]:
        """To keep the pulses' schedules as their rows say; `more` are further calls on them."""
        calls = ("scheduler:UpdateSchedule", "scheduler:DeleteSchedule", *more)
        return [*self.to_plan(PULSES), allow(*calls, on=[self.named(PULSES)])]

    def told(self, machine: sfn.StateMachine) -> dict[str, str]:
        """What a function's environment says of them to who plans pulses."""
        return {
            "LEDGERCAST_SCHEDULE_GROUP": self.group_name,
            "LEDGERCAST_SCHEDULER_ROLE": self.role.role_arn,
            "LEDGERCAST_SCHEDULER_DEAD_LETTERS": self.dead_letters.queue_arn,
            "LEDGERCAST_STATE_MACHINE": machine.state_machine_arn,
        }

    def accept_pulses(self, construct: Construct) -> None:
        """The written reason of the wildcard in `to_keep`."""
        accept_wildcard(construct, self.named(PULSES), "Each pulse has a schedule of its own, named by its id.")

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
