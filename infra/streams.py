"""Streams: Xero's webhook, the queue behind it, and the function that tells Slack (design 12).

    Xero ──▶ POST /webhooks/xero ──▶ webhook ──▶ Events ──▶ stream ──▶ Slack
                                                   └─(given up)─▶ EventsDead

The webhook has a route and a throttle of its own, so that neither readers of pages nor a burst of events can crowd out
the other. Limits of concurrency are settings, off by default: a new account's quota is small, and a reservation there
fails the deployment (IN-2).
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.function import Size, function
from infra.monitoring import PERIOD, Alarms
from infra.permits import accept, allow
from infra.reach import Reach
from infra.settings import Settings
from infra.web import Web
from ledgercast.counters import NAMESPACE

WEBHOOK = "POST /webhooks/xero"

# Xero waits five seconds for an answer, a cold start included.
WEBHOOK_SIZE = Size(timeout=4, memory=512)
STREAM_MEMORY = 512

# What one invocation receives for a channel becomes one message: a burst comes in a few seconds (design 12).
BATCH = 100
WINDOW_SECONDS = 3

# A wait for Slack is a message put back: each costs a receive, and a message may wait eight times for its turn and be
# looked up three times before anything is wrong with it. Then the function puts it aside, with the reason; the queue
# does so later, where the function came to no end.
MOST_RECEIVES = 15
GIVEN_UP_AFTER = 2 * MOST_RECEIVES

WAITING_SECONDS = 900
MANY_REFUSED = 10


class Streams(Construct):
    """`events` and `dead` are known before the functions are, which `serve` adds."""

    def __init__(self, scope: Construct, name: str, settings: Settings, alarms: Alarms) -> None:
        super().__init__(scope, name)
        self._settings = settings
        self.dead = self._queue("EventsDead", retention_period=cdk.Duration.days(14))
        accept(self.dead, "SQS3", "It is the dead-letter queue of Xero's deliveries.")
        self.events = self._queue(
            "Events",
            retention_period=cdk.Duration.days(4),
            visibility_timeout=cdk.Duration.seconds(settings.pace.stream_hidden),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=GIVEN_UP_AFTER),
        )
        self._watch(alarms)

    def serve(self, reach: Reach, web: Web) -> None:
        webhook, stream = self._webhook(reach), self._stream(reach)
        web.add(WEBHOOK, webhook, self._settings.webhook_requests_per_second)
        lambda_.EventSourceMapping(
            self,
            "Feed",
            target=stream,
            event_source_arn=self.events.queue_arn,
            batch_size=BATCH,
            max_batching_window=cdk.Duration.seconds(WINDOW_SECONDS),
            report_batch_item_failures=True,
            max_concurrency=self._settings.stream_concurrency,
        )
        reach.accept(self)

    def _queue(self, name: str, **more: Any) -> sqs.Queue:
        return sqs.Queue(self, name, encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=True, **more)

    def _webhook(self, reach: Reach) -> lambda_.Function:
        told = {**reach.told("APP_SECRET"), "LEDGERCAST_EVENTS_QUEUE": self.events.queue_url}
        may = [*reach.secrets(read=["app"]), allow("sqs:SendMessage", on=[self.events.queue_arn])]
        made = function(self, "webhook", self._settings, WEBHOOK_SIZE, told, may)
        resource = made.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        resource.reserved_concurrent_executions = self._settings.webhook_concurrency
        return made

    def _stream(self, reach: Reach) -> lambda_.Function:
        told = {
            **reach.told("STATE_TABLE", "LEDGER_TABLE", "BUCKET", "KEY", "APP_SECRET", "SECRET_PREFIX"),
            "LEDGERCAST_EVENTS_QUEUE": self.events.queue_url,
            "LEDGERCAST_EVENTS_DEAD": self.dead.queue_url,
            "LEDGERCAST_MOST_RECEIVES": str(MOST_RECEIVES),
        }
        fed = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
        may = [
            *reach.tables(
                state=["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"],
                ledger=["GetItem", "Query", "PutItem"],
                index=True,
            ),
            *reach.objects(write=["runs/*/sent/*"]),
            *reach.secrets(read=["app", "grant", "slack"], write=["grant"]),
            reach.sealing("grant"),
            allow(*(f"sqs:{one}" for one in fed), on=[self.events.queue_arn]),
            allow("sqs:SendMessage", on=[self.dead.queue_arn]),
        ]
        size = Size(timeout=self._settings.pace.stream_seconds, memory=STREAM_MEMORY)
        return function(self, "stream", self._settings, size, told, may)

    def _watch(self, alarms: Alarms) -> None:
        alarms.once(
            "EventsPutAside",
            self.dead.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum"),
            "Deliveries of Xero's could not be told.",
            "xeros-events-are-put-aside",
        )
        alarms.once(
            "EventsUnconfirmed",
            self._counted("EventsUnconfirmed", PERIOD),
            "Nobody can say whether a message about Xero's events arrived.",
            "xeros-events-are-unconfirmed",
        )
        alarms.once(
            "EventsWaiting",
            self.events.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum"),
            "A delivery of Xero's has waited for a quarter of an hour.",
            "xeros-events-wait",
            at=WAITING_SECONDS,
        )
        alarms.once(
            "DeliveriesNotTaken",
            self._counted("DeliveriesNotTaken", PERIOD),
            "Xero's deliveries could not be queued.",
            "deliveries-of-xeros-were-not-taken",
        )
        alarms.once(
            "SignaturesRefused",
            self._counted("SignaturesRefused", cdk.Duration.hours(1)),
            "Many deliveries had a signature that fits no key.",
            "xeros-events-are-refused",
            at=MANY_REFUSED,
        )

    def _counted(self, name: str, period: cdk.Duration) -> cloudwatch.Metric:
        """What the functions count in their logs."""
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"stage": self._settings.stage},
            period=period,
            statistic="Sum",
        )
