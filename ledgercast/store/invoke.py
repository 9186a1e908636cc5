"""Lambda: asking another function of ours for an answer, with a bound on how long it is waited for.

Functions never import each other; what one needs of another it asks for by an event.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

_BUSY = ("TooManyRequestsException", "ResourceConflictException", "EC2ThrottledException")


class StillWorking(Exception):
    """No answer yet: the function goes on by itself, or could not be started for want of room. Ask again shortly."""


class FunctionFailed(Exception):
    """The function ended by an error that it does not answer with. The message is the error's kind and nothing else."""


class Function:
    """`client` gives up after its own read timeout and must not try again by itself (`connect.client(…,
    sending=True)`): a second try would start the work a second time beside the first."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def ask(self, event: dict[str, Any]) -> Any:
        """The function's answer. Raises StillWorking, FunctionFailed."""
        try:
            answer = self._client.invoke(FunctionName=self._name, Payload=json.dumps(event).encode())
        except ReadTimeoutError:
            raise StillWorking from None
        except BotoCoreError as unreachable:
            raise FunctionFailed(type(unreachable).__name__) from None
        except ClientError as refused:
            code = refused.response["Error"]["Code"]
            if code in _BUSY:
                raise StillWorking from None
            raise FunctionFailed(code) from None
        body = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise FunctionFailed(str(body.get("errorType", "Unhandled")) if isinstance(body, dict) else "Unhandled")
        return body
