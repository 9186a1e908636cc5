"""The deployment: one stack that only composes its constructs and tells the operator their addresses."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from infra.data import Data
from infra.functions import Functions
from infra.mail import Mail
from infra.monitoring import Alarms
from infra.pipeline import Pipeline
from infra.schedules import Schedules
from infra.settings import Settings


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
        functions = Functions(self, "Functions", settings, data, mail)
        pipeline = Pipeline(self, "Pipeline", settings, data, functions, alarms)
        schedules = Schedules(self, "Schedules", settings, pipeline.machine, alarms)
        self._tell(
            StateMachineArn=pipeline.machine.state_machine_arn,
            ScheduleGroupName=schedules.group.schedule_group_name,
            SchedulerRoleArn=schedules.role.role_arn,
            SchedulerDeadLetterArn=schedules.dead_letters.queue_arn,
            StateTable=data.state.table_name,
            LedgerTable=data.ledger.table_name,
            Bucket=data.bucket.bucket_name,
            KeyArn=data.key.key_arn,
            AppSecretArn=data.app_secret.secret_arn,
            SecretPrefix=settings.secret_prefix,
            Sender=settings.sender,
            SenderDomain=settings.sender_domain,
            **{
                f"SenderDns{number}": f"{record.name} CNAME {record.value}"
                for number, record in enumerate(mail.dns_records, start=1)
            },
        )

    def _tell(self, **outputs: str) -> None:
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)
