"""What the Lambda works with, put together from its environment, once for each execution environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from functions.webhook.aws import here
from functions.webhook.receive import Door
from functions.webhook.signing import KeyRing
from ledgercast import clock
from ledgercast.settings import required


@cache
def door() -> Door:
    """Raises SettingsError where the deployment lacks a setting."""
    aws = here()
    secret, queue = required("LEDGERCAST_APP_SECRET"), required("LEDGERCAST_EVENTS_QUEUE")

    def keys() -> object:
        answer = aws.ask("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": secret})
        return json.loads(answer["SecretString"]).get("xero_webhook_keys")

    def put(text: str, attributes: Mapping[str, str]) -> None:
        told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        given = {"QueueUrl": queue, "MessageBody": text, "MessageAttributes": told}
        aws.ask("sqs", "AmazonSQS.SendMessage", given)

    return Door(KeyRing(keys), put, clock.now)
