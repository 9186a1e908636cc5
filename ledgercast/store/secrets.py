"""Secrets Manager: reading a secret that is a JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ledgercast.domain.errors import SettingsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class Secrets:
    def __init__(self, client: SecretsManagerClient) -> None:
        self._client = client

    def get_json(self, secret: str) -> dict[str, Any]:
        """The secret's present value. Raises SettingsError when it is not a JSON object; the value is never told."""
        text = self._client.get_secret_value(SecretId=secret)["SecretString"]
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise SettingsError(f"The secret {secret} does not hold a JSON object; set it again")
        return body
