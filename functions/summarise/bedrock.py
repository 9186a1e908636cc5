"""Asking a model in Amazon Bedrock (Converse): one request, no second try, ten seconds in all."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    ReadTimeoutError,
)

from functions.summarise.prompt import Prompt
from ledgercast.ai import SECONDS

MOST_TOKENS = 1500

_WHY = {
    "ThrottlingException": "summary.throttled",
    "ServiceQuotaExceededException": "summary.throttled",
    "TooManyRequestsException": "summary.throttled",
    "AccessDeniedException": "summary.denied",
    "ResourceNotFoundException": "summary.denied",
    "ModelTimeoutException": "summary.late",
}
_STOPPED = {
    "content_filtered": "summary.refused",
    "guardrail_intervened": "summary.refused",
    "end_turn": "",
    "stop_sequence": "",
}


class NoAnswer(Exception):
    """The model said nothing that can be used; `why` is a code of `ledgercast.messages`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Model(Protocol):
    """Something that writes. `name` is recorded with every run."""

    name: str

    def ask(self, prompt: Prompt) -> str:
        """The text of its answer. Raises NoAnswer."""
        ...


class Bedrock:
    """`client` is a bedrock-runtime client without retries; `seconds` bounds the whole call, however it trickles."""

    def __init__(self, client: Any, name: str, seconds: float = SECONDS) -> None:
        self._client = client
        self.name = name
        self._seconds = seconds

    def ask(self, prompt: Prompt) -> str:
        answer = _within(self._seconds, lambda: self._converse(prompt))
        why = _STOPPED.get(answer["stopReason"], "summary.malformed")
        if why:
            raise NoAnswer(why)
        content = answer["output"].get("message", {}).get("content", [])
        return "".join(block.get("text", "") for block in content)

    def _converse(self, prompt: Prompt) -> Any:
        try:
            return self._client.converse(
                modelId=self.name,
                system=[{"text": prompt.system}],
                messages=[{"role": "user", "content": [{"text": prompt.message}]}],
                # No temperature: some models refuse the whole request for it.
                inferenceConfig={"maxTokens": MOST_TOKENS},
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise NoAnswer(_WHY.get(code, "summary.failed")) from error
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            raise NoAnswer("summary.late") from error
        except BotoCoreError as error:
            raise NoAnswer("summary.unreachable") from error


def _within(seconds: float, call: Callable[[], Any]) -> Any:
    """The call's answer or its error; NoAnswer when neither has come in time. The thread is left to end by itself.

    botocore's own timeouts bound single reads of the connection, so an answer that trickles could take for ever.
    """
    came: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

    def run() -> None:
        try:
            came.put((call(), None))
        except Exception as error:
            came.put((None, error))

    Thread(target=run, daemon=True).start()
    try:
        answer, error = came.get(timeout=seconds)
    except Empty:
        raise NoAnswer("summary.late") from None
    if error:
        raise error
    return answer
