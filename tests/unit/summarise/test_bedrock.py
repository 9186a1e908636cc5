"""The real call: Converse as botocore describes it, once, and ten seconds in all (AI-1)."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber

from functions.summarise.bedrock import MOST_TOKENS, Bedrock, NoAnswer
from functions.summarise.prompt import Prompt
from ledgercast.ai import SECONDS
from ledgercast.store.connect import ASKING

MODEL = "eu.amazon.nova-lite-v1:0"
PROMPT = Prompt("the rules", "the facts")
REQUEST = {
    "modelId": MODEL,
    "system": [{"text": "the rules"}],
    "messages": [{"role": "user", "content": [{"text": "the facts"}]}],
    "inferenceConfig": {"maxTokens": MOST_TOKENS},
}


@pytest.fixture(scope="module")
def client() -> Any:
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1")
    return session.client("bedrock-runtime", config=ASKING)


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubbed:
        yield stubbed
        stubbed.assert_no_pending_responses()


def answer(*content: dict[str, Any], stopped: str = "end_turn") -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": stopped,
        "usage": {"inputTokens": 3, "outputTokens": 5, "totalTokens": 8},
        "metrics": {"latencyMs": 12},
    }


def why(client: Any) -> str:
    with pytest.raises(NoAnswer) as caught:
        Bedrock(client, MODEL).ask(PROMPT)
    return caught.value.why


def test_the_request_holds_the_prompt_and_nothing_else(client: Any, stubber: Stubber) -> None:
    thinking = {"reasoningContent": {"reasoningText": {"text": "hm 12"}}}
    stubber.add_response("converse", answer(thinking, {"text": "so "}, {"text": "it is"}), REQUEST)

    assert Bedrock(client, MODEL).ask(PROMPT) == "so it is"


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 429, "summary.throttled"),
        ("ServiceQuotaExceededException", 400, "summary.throttled"),
        ("AccessDeniedException", 403, "summary.denied"),
        ("ResourceNotFoundException", 404, "summary.denied"),
        ("ModelTimeoutException", 408, "summary.late"),
        ("ModelErrorException", 424, "summary.failed"),
        ("ModelNotReadyException", 429, "summary.failed"),
        ("ServiceUnavailableException", 503, "summary.failed"),
        ("ValidationException", 400, "summary.failed"),
        ("ExpiredTokenException", 403, "summary.failed"),
    ],
)
def test_each_error_has_its_reason_and_no_second_try(
    client: Any, stubber: Stubber, code: str, status: int, expected: str
) -> None:
    stubber.add_client_error("converse", code, "no", status)

    assert why(client) == expected


@pytest.mark.parametrize(
    ("stopped", "expected"),
    [
        ("guardrail_intervened", "summary.refused"),
        ("content_filtered", "summary.refused"),
        ("max_tokens", "summary.malformed"),
        ("tool_use", "summary.malformed"),
        ("malformed_model_output", "summary.malformed"),
    ],
)
def test_an_answer_that_did_not_end_by_itself_is_none(
    client: Any, stubber: Stubber, stopped: str, expected: str
) -> None:
    stubber.add_response("converse", answer({"text": "{}"}, stopped=stopped))

    assert why(client) == expected


class Raising:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def converse(self, **_: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ReadTimeoutError(endpoint_url="x"), "summary.late"),
        (ConnectTimeoutError(endpoint_url="x"), "summary.late"),
        (EndpointConnectionError(endpoint_url="x"), "summary.unreachable"),
    ],
)
def test_a_lost_connection_has_its_reason(error: Exception, expected: str) -> None:
    assert why(Raising(error)) == expected


def test_the_whole_call_is_bounded_however_the_client_waits() -> None:
    ended = Event()

    class Endless:
        def converse(self, **_: Any) -> Any:
            ended.wait()

    with pytest.raises(NoAnswer) as caught:
        Bedrock(Endless(), MODEL, seconds=0.01).ask(PROMPT)
    ended.set()
    assert caught.value.why == "summary.late"


def test_ten_seconds_are_the_whole_budget_and_there_is_no_retry(client: Any) -> None:
    assert SECONDS == 10
    assert Bedrock(client, MODEL)._seconds == SECONDS
    assert client.meta.config.read_timeout == SECONDS
    assert client.meta.config.connect_timeout < SECONDS
    assert client.meta.config.retries["total_max_attempts"] == 1
