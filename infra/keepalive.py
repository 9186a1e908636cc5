"""The daily pass and the look at Xero's events: their schedules, and a place for passes that fail (design 6, 9, 12)."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.function import Size, function
from infra.monitoring import PERIOD, Alarms
from infra.permits import accept, accept_wildcard, allow
from infra.reach import ROWS, Reach
from infra.schedules import Schedules
from infra.settings import Settings

# Grants are looked after one by one, and what it cannot do in time waits for the next day.
SIZE = Size(timeout=900, memory=512)
DAILY = "cron(17 3 * * ? *)"  # at night in Europe, and not on the hour, when everybody else's jobs begin
STREAMS = "cron(41 0/6 * * ? *)"  # Xero turns a webhook off after a day of failures
HOURS_OF_TRYING = 6


class Keepalive(Construct):
    """Scheduler hands the event over once; Lambda tries twice more, and then keeps it in `failed`, which rings."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        settings: Settings,
        reach: Reach,
        schedules: Schedules,
        dead_events: sqs.IQueue,
        machine: sfn.StateMachine,
        public_url: str,
        alarms: Alarms,
    ) -> None:
        super().__init__(scope, name)
        failed = self._failed(alarms)
        told = {
            **reach.told("STATE_TABLE", "LEDGER_TABLE", "BUCKET", "KEY", "APP_SECRET", "SECRET_PREFIX", "SENDER"),
            "LEDGERCAST_PUBLIC_URL": public_url,
            **schedules.told(machine),
            "LEDGERCAST_DEAD_LETTERS": schedules.dead_letters.queue_url,
            "LEDGERCAST_EVENTS_DEAD": dead_events.queue_url,
        }
        runs = cdk.Stack.of(self).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{machine.state_machine_name}:*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        may = [
            *reach.tables(state=ROWS, ledger=["GetItem", "Query", "PutItem"], index=True),
            *reach.objects(delete=["snapshots/*", "previews/*", "runs/*"]),
            *reach.secrets(read=["app", "grant"], write=["grant"], make=["grant"]),
            reach.sealing("grant"),
            reach.mail(),
            allow("states:DescribeExecution", on=[runs]),
            *schedules.to_keep("scheduler:GetSchedule"),
            allow("scheduler:ListSchedules", on=["*"]),
            allow("sqs:ReceiveMessage", "sqs:DeleteMessage", on=[schedules.dead_letters.queue_arn]),
            allow("sqs:SendMessage", on=[failed.queue_arn]),
            allow("sqs:GetQueueAttributes", on=[dead_events.queue_arn]),
            # CloudWatch's metrics have no resource of their own.
            allow("cloudwatch:GetMetricStatistics", on=["*"]),
        ]
        made = function(self, "keepalive", settings, SIZE, told, may)
        lambda_.EventInvokeConfig(
            self,
            "Tries",
            function=made,
            retry_attempts=2,
            max_event_age=cdk.Duration.hours(HOURS_OF_TRYING),
            on_failure=destinations.SqsDestination(failed),
        )
        self._start(made, schedules)
        reach.accept(self)
        schedules.accept_pulses(self)
        accept_wildcard(
            self, "*", "Listing schedules and reading metrics take no resource: there is no narrower right."
        )
        accept_wildcard(self, runs, "Each run is an execution of its own; only whether it still runs is asked.")

    def _failed(self, alarms: Alarms) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            "Failed",
            retention_period=cdk.Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        accept(queue, "SQS3", "It is where daily passes that failed are kept.")
        alarms.once(
            "DailyPassFailed",
            queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum"),
            "The daily pass failed three times.",
            "the-daily-pass-failed",
        )
        return queue

    def _start(self, made: lambda_.Function, schedules: Schedules) -> None:
        starter = schedules.starter("DailyRole")
        start = allow("lambda:InvokeFunction", on=[made.function_arn])
        iam.Policy(self, "Start", statements=[start], roles=[starter])
        words = "The daily pass: grants kept alive, owners warned, what hangs closed"
        self._schedule("Daily", DAILY, words, "{}", made, starter, schedules)
        words = "Whether Xero's events come, are accepted and are told"
        self._schedule("Streams", STREAMS, words, '{"pass":"streams"}', made, starter, schedules)

    def _schedule(
        self,
        name: str,
        expression: str,
        words: str,
        given: str,
        made: lambda_.Function,
        starter: iam.Role,
        schedules: Schedules,
    ) -> None:
        scheduler.CfnSchedule(
            self,
            name,
            description=words,
            group_name=schedules.group.schedule_group_name,
            schedule_expression=expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=made.function_arn,
                role_arn=starter.role_arn,
                input=given,
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=HOURS_OF_TRYING * 3600, maximum_retry_attempts=20
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=schedules.dead_letters.queue_arn),
            ),
        )
