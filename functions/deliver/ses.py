"""SES v2: one raw message to one address, each answer sorted into sent, not sent and unknown (design 10).

The client must not retry by itself: SES has no way to ask what became of a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledgercast.store.ses import failure_of

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class Mailer:
    """Sends from one verified address, whose identity names the configuration set that every message goes by."""

    def __init__(self, client: SESV2Client, sender: str) -> None:
        self._client = client
        self.sender = sender

    def send(self, address: str, mime: bytes, tag: str) -> str:
        """SES's message id. `tag` (letters and digits) comes back with every later event of this message.

        Raises NotSent, Limited and Unclear.
        """
        try:
            answer = self._client.send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": [address]},
                Content={"Raw": {"Data": mime}},
                EmailTags=[{"Name": "ledgercast_key", "Value": tag}],
            )
        except Exception as failed:
            raise failure_of(failed) from None
        return answer["MessageId"]
