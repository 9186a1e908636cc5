"""One message to each address through SES, and what each of SES's answers leads to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.deliver.deliver import deliver
from functions.deliver.ses import Mailer
from ledgercast.domain.recipients import address_hash
from ledgercast.domain.sending import NotSent
from ledgercast.store.connect import SENDING
from tests.service.deliver.world import ADDRESSES, SENDER, World
from tests.unit.deliver.samples import EMPTY_FACTS, PNG

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

MAIL = "d-mail"
ANN, BO = (address_hash(address) for address in ADDRESSES)


def test_each_address_gets_a_message_of_its_own_that_shows_no_other(world: World) -> None:
    answer = world.finish(MAIL)

    assert (answer["status"], answer["complete"]) == ("sent", True)
    assert [str(mail["To"]) for mail in world.mails()] == list(ADDRESSES)
    for mail in world.mails():
        assert not mail["Cc"]
        assert not mail["Bcc"]
        assert str(mail["From"]) == f"Ledgercast <{SENDER}>"


def test_the_mail_has_text_html_the_chart_inline_and_the_figures_as_csv(world: World) -> None:
    world.finish(MAIL)

    mail = world.mails()[0]
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "multipart/related"),
        *("text/html", "image/png", "text/csv"),
    ]
    image = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert image.get_content() == PNG
    html = mail.get_body(("html",))
    assert html
    assert f"cid:{str(image['Content-ID']).strip('<>')}" in html.get_content()


def test_asked_again_after_its_end_it_sends_nothing_new_rl_1(world: World) -> None:
    world.finish(MAIL)
    assert world.ask(MAIL)["status"] == "sent"
    assert len(world.mails()) == 2


def test_no_activity_is_said_in_words_rl_5(world: World) -> None:
    world.seed(EMPTY_FACTS, with_summary=False)
    world.finish(MAIL)

    mail = world.mails()[0]
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "no activity" in str(mail["Subject"])


def test_an_address_outside_the_allow_list_is_refused_alone_dl_1_rl_3(world: World) -> None:
    world.have.state.save_settings(world.workspace, {"mail_domains": []})
    assert world.ask(MAIL)["reason"] == "deliver.not_allowed"
    assert world.mails() == []

    world.have.state.save_settings(world.workspace, {"mail_domains": ["firm.example"]})
    assert world.ask(MAIL)["complete"]


class FailingSes:
    """SES's client, failing as told for single addresses and sending the rest."""

    def __init__(self, inner: Any, failures: dict[str, Exception]) -> None:
        self._inner, self._failures, self.asked = inner, failures, 0

    def send_email(self, **given: Any) -> Any:
        self.asked += 1
        address = given["Destination"]["ToAddresses"][0]
        if address in self._failures:
            raise self._failures[address]
        return self._inner.send_email(**given)


def failing(world: World, error: Exception) -> World:
    client: Any = FailingSes(world.cloud.ses, {ADDRESSES[0]: error})
    return world.with_(mailer=lambda: Mailer(client, SENDER))


def refusal(code: str, status: int = 400) -> ClientError:
    body: Any = {"Error": {"Code": code, "Message": f"{ADDRESSES[0]}"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(body, "SendEmail")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("MessageRejected", "mail.rejected"),
        ("MailFromDomainNotVerifiedException", "mail.sender_unverified"),
        ("SendingPausedException", "mail.paused"),
        ("LimitExceededException", "mail.quota"),
        ("SomethingNewException", "mail.refused"),
    ],
)
def test_a_bad_address_fails_alone_with_a_reason_rl_3(world: World, code: str, reason: str) -> None:
    answer = failing(world, refusal(code)).ask(MAIL)

    assert (answer["status"], answer["complete"], answer["reason"]) == ("sent", False, reason)
    assert answer["parts"] == {ANN: "failed", BO: "sent"}


@pytest.mark.parametrize(
    "error",
    [refusal("InternalFailure", 500), refusal("", 503), ReadTimeoutError(endpoint_url="x"), RuntimeError("odd")],
)
def test_an_unknown_answer_of_ses_stays_unconfirmed_for_it_cannot_be_asked(world: World, error: Exception) -> None:
    first = failing(world, error).ask(MAIL)

    assert first["parts"] == {ANN: "unconfirmed", BO: "sent"}
    assert (first["complete"], first["reason"]) == (False, "deliver.unconfirmed")
    again = world.ask(MAIL)
    assert again["parts"] == first["parts"]
    assert [str(mail["To"]) for mail in world.mails()] == [ADDRESSES[1]]


def test_throttling_is_waited_for(world: World) -> None:
    answer = failing(world, refusal("TooManyRequestsException", 429)).ask(MAIL)

    assert answer == {"outcome": "wait", "seconds": 2, "reason": "mail.throttled"}
    assert world.finish(MAIL)["complete"]


def test_with_little_time_left_the_rest_is_for_the_next_invocation(world: World) -> None:
    answer = deliver(world.job(MAIL), world.have, lambda: 5.0)

    assert answer == {"outcome": "wait", "seconds": 1, "reason": "deliver.more"}
    assert len(world.mails()) == 1


def test_the_ledger_knows_addresses_by_their_hash_alone_dl_4(world: World) -> None:
    world.finish(MAIL)

    text = repr(world.rows())
    assert {row["part"] for row in world.rows()} == {ANN, BO}
    for address in ADDRESSES:
        assert address not in text


class _Counting(BaseHTTPRequestHandler):
    """Counts each request as sent, then hangs up without an answer."""

    taken: list[bytes]

    def do_POST(self) -> None:
        self.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def dropping() -> Iterator[tuple[str, list[bytes]]]:
    taken: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Counting,), {"taken": taken}))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", taken
    server.shutdown()
    server.server_close()


def real_client(url: str) -> SESV2Client:
    keys = boto3.Session("x", "x", region_name="eu-west-1")
    return keys.client("sesv2", endpoint_url=url, config=SENDING)


def test_the_real_ses_client_asks_once_when_the_answer_is_dropped(dropping: tuple[str, list[bytes]]) -> None:
    """botocore's own retries are off (design 10): a drop after the commit is one message and one doubt."""
    url, taken = dropping
    client = real_client(url)

    with pytest.raises(Exception, match="ConnectionClosedError") as raised:
        Mailer(client, SENDER).send(ADDRESSES[0], b"From: a\r\n\r\nhello", "tag")

    assert type(raised.value).__name__ == "Unclear"
    assert len(taken) == 1


def test_an_ses_that_is_not_there_is_known_not_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    client = real_client(url)

    with pytest.raises(NotSent, match="unreachable"):
        Mailer(client, SENDER).send(ADDRESSES[0], b"From: a\r\n\r\nhello", "tag")
