"""Alarms by email to the owner. Every asynchronous edge has one, and each names its page of the runbook (IN-3)."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.settings import Settings

PERIOD = cdk.Duration.minutes(5)


class Alarms(Construct):
    def __init__(self, scope: Construct, name: str, settings: Settings) -> None:
        super().__init__(scope, name)
        self._topic = sns.Topic(self, "Topic", display_name=f"Ledgercast {settings.stage}", enforce_ssl=True)
        # A topic with a policy of its own loses the default one, by which CloudWatch could publish.
        self._topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                resources=[self._topic.topic_arn],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            )
        )
        self._topic.add_subscription(subscriptions.EmailSubscription(settings.owner))

    def once(self, name: str, metric: cloudwatch.IMetric, what: str, runbook: str, at: int = 1) -> None:
        """Tell the owner as soon as the metric counts `at`; `runbook` is a heading of docs/runbooks.md."""
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=at,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"{what} Runbook: docs/runbooks.md#{runbook}",
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
