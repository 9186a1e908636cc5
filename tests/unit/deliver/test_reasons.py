"""Every way in which Slack or SES can refuse has one sentence that says what to do about it (DL-2)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import botocore.session
import pytest
from botocore.exceptions import ClientError

from ledgercast.domain.sending import Limited, NotSent
from ledgercast.messages import reason, reasons
from ledgercast.slack.errors import INSTRUCTIONS, MAYBE_DONE
from ledgercast.store.ses import failure_of

ROOT = Path(__file__).parents[3]
DOCUMENTED: dict[str, list[str]] = json.loads((ROOT / "tests/fixtures/slack/errors.json").read_text())
"""What Slack's reference (August 2026) lists for each method, by method."""

DOES = re.compile(
    r"\b(Connect|Choose|Ask|ask|type|report|Send it again|send again|Unarchive|Set it up|Free|Edit|Look|Check|check|"
    r"Publish|Resume|Reconnect|See|allow it|Invite|left out|before its replies)\b"
)


def test_every_reason_in_the_source_has_its_sentence() -> None:
    folders = ("functions/deliver", "functions/stream", "ledgercast/slack", "ledgercast/store")
    files = [one for folder in folders for one in (ROOT / folder).glob("*.py")]
    files += [ROOT / "ledgercast" / name for name in ("destinations.py", "parts.py", "resolve.py")]
    files += [ROOT / "ledgercast/domain/recipients.py"]
    used = {code for file in files for code in re.findall(r'"((?:slack|mail|deliver)\.[a-z_]+)"', file.read_text())}

    assert len(used) > 30
    assert not used - set(reasons())


def test_every_method_that_is_called_is_among_the_documented_ones() -> None:
    source = "".join(file.read_text() for file in (ROOT / "ledgercast/slack").glob("*.py"))
    called = set(re.findall(r"client\.((?:auth|chat|conversations|files)_\w+)", source)) - {"auth_revoke"}

    assert called == {method.replace(".", "_") for method in DOCUMENTED}


@pytest.mark.parametrize("method", DOCUMENTED)
def test_every_error_that_slack_documents_has_an_instruction_of_ours_dl_2(method: str) -> None:
    assert len(DOCUMENTED[method]) > 25
    for word in DOCUMENTED[method]:
        assert f"slack.{word}" in INSTRUCTIONS, word


def test_every_instruction_says_what_to_do_in_one_or_two_plain_sentences() -> None:
    for code, sentence in INSTRUCTIONS.items():
        assert DOES.search(sentence), code
        assert len(sentence) <= 160 and sentence.endswith("."), code
        assert "_" not in sentence, f"{code}: Slack's words are not people's"


def test_a_word_of_slacks_that_is_new_is_told_as_it_is() -> None:
    assert "'brand_new'" in reason("slack.brand_new")


def test_what_may_have_been_done_is_never_taken_for_a_no() -> None:
    assert set(MAYBE_DONE) <= set(DOCUMENTED["chat.postMessage"])


def test_every_error_that_ses_documents_has_a_sentence_of_its_own_kind() -> None:
    model = botocore.session.get_session().get_service_model("sesv2")
    shapes = model.operation_model("SendEmail").error_shapes
    assert len(shapes) >= 8
    for shape in shapes:
        failed = failure_of(refusal(shape.name, 429 if shape.name == "TooManyRequestsException" else 400))
        assert isinstance(failed, NotSent), shape.name
        assert failed.reason in reasons() and failed.reason != "mail.refused", shape.name
        assert isinstance(failed, Limited) == (shape.name == "TooManyRequestsException")


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException", "X"])
def test_any_other_refusal_of_ses_leads_to_its_console(code: str) -> None:
    failed = failure_of(refusal(code, 403))

    assert isinstance(failed, NotSent) and "SES console" in reason(failed.reason)


def test_an_account_in_the_sandbox_of_ses_is_told_how_to_leave_it() -> None:
    words = "Email address is not verified. The following identities failed the check in region EU-WEST-1: a@b.example"
    failed = failure_of(refusal("MessageRejected", 400, words))

    assert isinstance(failed, NotSent) and "production access" in reason(failed.reason)


def refusal(code: str, status: int, words: str = "") -> ClientError:
    response = {"Error": {"Code": code, "Message": words}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendEmail")  # type: ignore[arg-type]
