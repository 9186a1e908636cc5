"""The deployment: one stack that only composes its constructs and tells the operator their addresses."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from infra.data import Data
from infra.functions import Functions
from infra.keepalive import Keepalive
from infra.mail import Mail
from infra.monitoring import Alarms
from infra.pipeline import Pipeline
from infra.reach import Reach
from infra.schedules import Schedules
from infra.settings import Settings
from infra.streams import Streams
from infra.web import Web


class Ledgercast(cdk.Stack):
    def __init__(self, scope: Construct, name: str, settings: Settings) -> None:
        super().__init__(
            scope,
            name,
            stack_name=f"ledgercast-{settings.stage}",
            description="Ledgercast: Xero's numbers as finished charts in Slack and email, on schedule",
            env=cdk.Environment(region=settings.region),
        )
        data = Data(self, "Data", settings)
        mail = Mail(self, "Mail", settings)
        alarms = Alarms(self, "Alarms", settings)
        reach = Reach(settings, data, mail)
        web = Web(self, "Web", settings, alarms)
        schedules = Schedules(self, "Schedules", settings, alarms)
        streams = Streams(self, "Streams", settings, alarms)
        functions = Functions(self, "Functions", settings, reach, schedules, web.url)
        pipeline = Pipeline(self, "Pipeline", settings, data, functions, alarms)
        schedules.may_start(pipeline.machine)
        web.serve(reach, functions.all, schedules, streams.events, pipeline.machine)
        streams.serve(reach, web)
        Keepalive(self, "Keepalive", settings, reach, schedules, streams.dead, pipeline.machine, web.url, alarms)
        self._tell(
            ApiUrl=web.url,
            XeroRedirectUrl=f"{web.url}/oauth/xero/callback",
            SlackRedirectUrl=f"{web.url}/oauth/slack/callback",
            StateMachineArn=pipeline.machine.state_machine_arn,
            ScheduleGroupName=schedules.group_name,
            SchedulerRoleArn=schedules.role.role_arn,
            XeroWebhookUrl=f"{web.url}/webhooks/xero",
            EventsQueue=streams.events.queue_url,
            EventsDeadQueue=streams.dead.queue_url,
            SchedulerDeadLetterArn=schedules.dead_letters.queue_arn,
            StateTable=data.state.table_name,
            LedgerTable=data.ledger.table_name,
            Bucket=data.bucket.bucket_name,
            KeyArn=data.key.key_arn,
            AppSecretArn=data.app_secret.secret_arn,
            SecretPrefix=settings.secret_prefix,
            Sender=settings.sender,
            SenderDomain=settings.sender_domain,
            Owner=settings.owner,
            **{
                f"SenderDns{number}": f"{record.name} CNAME {record.value}"
                for number, record in enumerate(mail.dns_records, start=1)
            },
        )

    def _tell(self, **outputs: str) -> None:
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)
