"""The sender's identity at SES: its whole domain, proven by three DKIM records that the operator copies into DNS."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.permits import allow
from infra.settings import Settings


class Mail(Construct):
    """The configuration set is the identity's default, so no call has to name it. Mail leaves by TLS or not at all."""

    def __init__(self, scope: Construct, name: str, settings: Settings) -> None:
        super().__init__(scope, name)
        self.sender = settings.sender
        self._set = ses.ConfigurationSet(
            self,
            "Sending",
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        )
        self._identity = ses.EmailIdentity(
            self, "Sender", identity=ses.Identity.domain(settings.sender_domain), configuration_set=self._set
        )

    @property
    def dns_records(self) -> list[ses.DkimRecord]:
        """CNAME records: name and value."""
        return self._identity.dkim_records

    def send(self) -> iam.PolicyStatement:
        """To send as this sender alone. A raw message is judged as SendRawEmail, whichever call carries it."""
        arn = cdk.Stack.of(self).format_arn
        configuration_set = arn(
            service="ses", resource="configuration-set", resource_name=self._set.configuration_set_name
        )
        return allow(
            "ses:SendEmail",
            "ses:SendRawEmail",
            on=[self._identity.email_identity_arn, configuration_set],
            when={"StringEquals": {"ses:FromAddress": self.sender}},
        )
