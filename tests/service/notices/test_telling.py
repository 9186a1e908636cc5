"""Telling the owners once (design 9, 10): who hears of it, what a crash or a fault of SES does to it, and its end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from ledgercast import notices
from ledgercast.incident_letters import Letters
from ledgercast.mail import Post
from ledgercast.notices import AGAIN, LONGEST_SEND, Notices
from ledgercast.store.audit import Audit
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.ledger import Ledger
from ledgercast.store.table import Table
from tests.service.grants.conftest import Client, Fate, Killed
from tests.service.keepalive.world import ORIGIN, OTHER_OWNER, OWNER, House

REASON = "xero.role.missing"


@pytest.fixture
def trouble(home: House) -> House:
    """A pulse whose runs fail, written down and not told yet."""
    home.pulse(home.connect()[0])
    home.run("failed", REASON)
    raise_it(home)
    return home


def raise_it(home: House) -> None:
    about = {"pulse": "p1", "slot": "2026-11-25T09:00:00Z", "status": "failed", "until": ""}
    home.incidents.open("pulse", "p1", home.clock(), reason=REASON, about=about)


def mend(home: House) -> None:
    found = home.incidents.get("pulse", "p1")
    assert found
    home.incidents.close(found, home.clock())


def teller(home: House, fate: Fate | None = None, ses: Any = None) -> Notices:
    """One process's own; `fate` ends it at a call of AWS, `ses` stands in for SES."""
    fate = fate or Fate()
    dynamodb, real_ses = (Client(home.session.client(one), fate) for one in ("dynamodb", "sesv2"))
    state, ledger = (Table(dynamodb, name, home.clock) for name in ("state", "ledger"))  # type: ignore[arg-type]
    return Notices(
        IncidentStore(state),
        Letters(home.store, home.connections, home.members, ORIGIN),
        home.members,
        Ledger(ledger),
        Audit(ledger, home.clock),
        Post(ses or real_ses, "ledgercast@example.com", home.clock),  # type: ignore[arg-type]
        home.clock,
        "test",
    )


def tell(home: House) -> int:
    return notices.from_environment("test").tell()


class Ses:
    """SES as its client shows it; `answers` are raised one after another, None sends."""

    def __init__(self, home: House, *answers: Exception | None) -> None:
        self._real = home.session.client("sesv2")
        self._answers = list(answers)

    def send_email(self, **given: Any) -> Any:
        answer = self._answers.pop(0) if self._answers else None
        if answer:
            raise answer
        return self._real.send_email(**given)


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "SendEmail")  # type: ignore[typeddict-item]


def test_every_active_owner_is_told_once_and_nobody_else(trouble: House) -> None:
    """LG-2: each mail is an act in the audit, under ids alone."""
    trouble.member(OTHER_OWNER, "owner")
    trouble.member("member@example.com")
    removed = trouble.member("removed@example.com", "owner")
    trouble.members.set_state(removed.id, "removed")
    trouble.members.create("invited@example.com", "owner", "invited", trouble.clock())
    for _ in range(3):
        tell(trouble)
    assert sorted(one["To"] for one in trouble.letters()) == [OWNER, OTHER_OWNER]
    assert trouble.acts().count("notice.sent ok") == 2


def test_without_an_owner_it_waits_for_one(trouble: House) -> None:
    trouble.members.set_state(trouble.owner.id, "removed")
    assert tell(trouble) == 0
    trouble.member(OTHER_OWNER, "owner")
    assert tell(trouble) == 1
    assert trouble.subjects(OTHER_OWNER)


def test_its_end_is_told_once_and_only_to_who_heard_of_it(trouble: House) -> None:
    tell(trouble)
    trouble.member(OTHER_OWNER, "owner")
    mend(trouble)
    tell(trouble)
    tell(trouble)
    subject = "Revenue (Monthly) of Harbour Coffee"
    assert trouble.subjects(OWNER) == [f"{subject} was not sent", f"{subject} is sent again"]
    assert trouble.subjects(OTHER_OWNER) == []


def test_what_was_over_before_anybody_heard_of_it_stays_unsaid(trouble: House) -> None:
    mend(trouble)
    tell(trouble)
    assert trouble.letters() == []
    assert not any(one.is_due for one in trouble.incidents.list())


def test_the_same_trouble_later_is_another_incident(trouble: House) -> None:
    tell(trouble)
    mend(trouble)
    trouble.pass_by(hours=1)
    raise_it(trouble)
    tell(trouble)
    assert len([one for one in trouble.subjects() if one.endswith("was not sent")]) == 2


def test_a_trouble_that_comes_back_long_after_is_told_though_its_row_lies_there_still(trouble: House) -> None:
    """DynamoDB removes expired rows late."""
    tell(trouble)
    mend(trouble)
    trouble.pass_by(days=60)
    raise_it(trouble)
    assert [one.subject for one in trouble.open()] == ["p1"]


def test_eleven_processes_that_meet_one_trouble_tell_it_once(trouble: House) -> None:
    with ThreadPoolExecutor(11) as pool:
        list(pool.map(lambda _: teller(trouble).tell(), range(11)))
    tell(trouble)
    assert len(trouble.letters()) == 1


def test_what_a_process_does_to_tell(trouble: House) -> None:
    """The order that the kill points below go through."""
    fate = Fate()
    teller(trouble, fate).tell()
    assert fate.calls == [
        "put_item",  # the attempt
        "send_email",
        "put_item",  # its outcome
        "put_item",  # the audit
        "update_item",  # told
    ]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(5))
def test_a_process_killed_anywhere_never_makes_it_two_mails(trouble: House, at: int, when: str) -> None:
    """Nothing is sent twice; what nobody can know is noted as unconfirmed, and nothing is silently lost."""
    with pytest.raises(Killed):
        teller(trouble, Fate(at, when)).tell()
    trouble.pass_by(seconds=LONGEST_SEND.total_seconds())
    for _ in range(3):
        tell(trouble)
    sent = len(trouble.letters())
    assert sent <= 1
    assert sent == 1 or "notice.sent deliver.unconfirmed" in trouble.acts()
    assert not any(one.is_due for one in trouble.incidents.list())


def test_a_send_that_is_still_under_way_is_left_to_whoever_does_it(trouble: House) -> None:
    with pytest.raises(Killed):
        teller(trouble, Fate(0, "after")).tell()
    trouble.pass_by(seconds=LONGEST_SEND.total_seconds() - 1)
    assert tell(trouble) == 0
    assert trouble.acts().count("notice.sent deliver.unconfirmed") == 0


UNKNOWN: list[Callable[[], Exception]] = [
    lambda: ReadTimeoutError(endpoint_url="https://ses"),
    lambda: ConnectionResetError("gone"),
    lambda: refusal("InternalFailure", 500),
]


@pytest.mark.parametrize("fault", UNKNOWN)
def test_an_unknown_answer_counts_as_told_and_is_noted(trouble: House, fault: Callable[[], Exception]) -> None:
    """SES has no way to ask what became of a message."""
    assert teller(trouble, ses=Ses(trouble, fault())).tell() == 1
    trouble.pass_by(days=1)
    tell(trouble)
    assert trouble.letters() == []
    assert trouble.acts().count("notice.sent deliver.unconfirmed") == 1


NOT_SENT: list[tuple[Callable[[], Exception], str]] = [
    (lambda: refusal("SendingPausedException"), "mail.paused"),
    (lambda: refusal("TooManyRequestsException", 429), "mail.throttled"),
    (lambda: refusal("MailFromDomainNotVerifiedException"), "mail.sender_unverified"),
    (lambda: ConnectTimeoutError(endpoint_url="https://ses"), "mail.unreachable"),
]


@pytest.mark.parametrize(("fault", "reason"), NOT_SENT)
def test_what_certainly_did_not_leave_is_tried_again_from_an_hour_later_on(
    trouble: House, fault: Callable[[], Exception], reason: str
) -> None:
    assert teller(trouble, ses=Ses(trouble, fault())).tell() == 0
    assert tell(trouble) == 0, "not at once: every run of a bad hour would ask SES"
    trouble.pass_by(seconds=AGAIN.total_seconds())
    assert tell(trouble) == 1
    assert len(trouble.letters()) == 1
    assert [one for one in trouble.acts() if one.startswith("notice")] == [f"notice.sent {reason}", "notice.sent ok"]


def test_one_owners_bad_address_keeps_no_other_owner_from_hearing(trouble: House) -> None:
    trouble.member(OTHER_OWNER, "owner")
    teller(trouble, ses=Ses(trouble, refusal("MessageRejected"))).tell()
    assert len(trouble.letters()) == 1
    trouble.pass_by(days=1)
    tell(trouble)
    assert sorted(one["To"] for one in trouble.letters()) == [OWNER, OTHER_OWNER]


def test_one_incident_that_cannot_be_written_keeps_no_other_from_being_told(trouble: House) -> None:
    trouble.incidents.open("expiring", "g", trouble.clock(), round="7", about={"days": "x"})
    grant = trouble.connection().grant
    trouble.incidents.open("expiring", grant, trouble.clock(), round="7", about={"days": "x", "since": "", "ends": ""})
    assert tell(trouble) == 1
    assert len(trouble.letters()) == 1
