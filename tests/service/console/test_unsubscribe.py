"""Unsubscribing by the link in a mail: by mail programs in one click, by people with a button, by nobody in passing."""

from __future__ import annotations

import pytest

from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.domain.recipients import address_hash
from ledgercast.store.optouts import OptOuts
from tests.service.console.pages import HOSTILE, Pages, assert_inert, furnish
from tests.service.console.world import Console
from tests.service.web.browser import Browser

ANN, BO = "ann@example.com", "bo@example.com"
ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    "multipart/form-data; boundary=x",
)


@pytest.fixture
def pages(desk: Console) -> Pages:
    made = furnish(desk)
    made.connect()
    pulse(made, "Weekly revenue")
    return made


def pulse(pages: Pages, name: str) -> None:
    to = Destination("email", "email", addresses=(ANN, BO))
    made = Pulse("p-1", "revenue", "x-1", (to,), "off", "active", {}, name=name)
    pages.desk.web.state.put({"pk": "WS#main", "sk": "PULSE#p-1", **made.to_item()})


def opt_outs(pages: Pages) -> OptOuts:
    return pages.desk.deps.opt_outs


def link(pages: Pages, address: str = ANN) -> str:
    return f"/unsubscribe/{opt_outs(pages).token('p-1', address)}"


def is_out(pages: Pages, address: str = ANN) -> bool:
    return address_hash(address) in opt_outs(pages).of_pulse("p-1")


def program(pages: Pages, path: str, body: bytes, kind: str) -> int:
    """A mail program's server: no cookie, no origin of ours."""
    headers = {"content-type": kind, "origin": "https://mail.example", "sec-fetch-site": "cross-site"}
    return pages.desk.browser().send("POST", path, body=body, headers=headers).status


@pytest.mark.parametrize(
    ("body", "kind"),
    [(ONE_CLICK, "application/x-www-form-urlencoded"), MULTIPART, (b"", ""), (b"\xff\xfe\x00", "text/plain")],
)
def test_one_click_of_a_mail_program_unsubscribes_without_session_or_redirect(
    pages: Pages, body: bytes, kind: str
) -> None:
    """RFC 8058: a POST without cookies, in either form of body, answered 200."""
    assert program(pages, link(pages), body, kind) == 200

    assert is_out(pages) and not is_out(pages, BO)
    assert pages.desk.web.acts()[-1] == "recipient.opted_out ok"


def test_to_read_the_page_changes_nothing_since_scanners_follow_links(pages: Pages) -> None:
    stranger = pages.desk.browser()

    answer = stranger.get(link(pages))

    assert answer.status == 200 and not is_out(pages)
    assert "Weekly revenue" in answer.body and ANN in answer.body
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert stranger.send("HEAD", link(pages)).status == 200 and not is_out(pages)


def test_a_person_presses_the_button_and_may_take_it_back(pages: Pages) -> None:
    stranger, path = pages.desk.browser(), link(pages)
    stranger.get(path)

    left = stranger.post(path)
    assert left.status == 200 and "You have unsubscribed" in left.body and is_out(pages)
    assert "You have unsubscribed" in stranger.get(path).body

    back = stranger.post(f"{path}/again")
    assert back.status == 200 and "You get the mails again" in back.body and not is_out(pages)
    assert pages.desk.web.acts()[-2:] == ["recipient.opted_out ok", "recipient.opted_in ok"]


def test_a_second_click_is_the_same_and_noted_once(pages: Pages) -> None:
    for _ in range(3):
        assert program(pages, link(pages), ONE_CLICK, "application/x-www-form-urlencoded") == 200

    assert pages.desk.web.acts().count("recipient.opted_out ok") == 1


def test_taking_it_back_needs_our_own_page_se_2(pages: Pages) -> None:
    program(pages, link(pages), ONE_CLICK, "application/x-www-form-urlencoded")

    assert program(pages, f"{link(pages)}/again", b"", "application/x-www-form-urlencoded") == 403
    assert is_out(pages)


@pytest.mark.parametrize("token", ["A" * 22, "x", "no-such-token", "A" * 80])
def test_any_other_token_is_told_in_words_and_does_nothing(pages: Pages, token: str) -> None:
    stranger = pages.desk.browser()
    for answer in (stranger.get(f"/unsubscribe/{token}"), stranger.post(f"/unsubscribe/{token}")):
        assert answer.status == 404 and "not complete" in answer.body
    assert opt_outs(pages).of_pulse("p-1") == {}


def test_the_link_works_when_the_pulse_is_gone_or_has_another_list(pages: Pages) -> None:
    path = link(pages, "cy@example.com")
    stranger = pages.desk.browser()
    assert "cy@" not in stranger.get(path).body and stranger.post(path).status == 200
    pages.desk.web.state.delete("WS#main", "PULSE#p-1")
    assert stranger.get(path).status == stranger.post(path).status == 200


def test_the_pulses_page_shows_who_has_unsubscribed(pages: Pages) -> None:
    member = pages.person("member")
    assert "Unsubscribed" not in member.get("/pulses/p-1").body

    pages.desk.browser().post(link(pages))

    body = member.get("/pulses/p-1").body
    told = body[body.index("Unsubscribed, and left out") :]
    assert ANN in told[:300] and BO not in told[:300]


def test_the_audit_knows_the_reader_by_a_hash_alone_lg_2(pages: Pages) -> None:
    pages.desk.browser().post(link(pages))

    [entry, *_], _ = pages.desk.web.edge.audit.newest(1)
    assert entry.subject == f"p-1/{address_hash(ANN)[:16]}"
    assert "@" not in repr(entry)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_pulses_name_stays_text_sx_3(pages: Pages, name: str) -> None:
    pulse(pages, name)
    stranger: Browser = pages.desk.browser()
    path = link(pages)
    for answer in (stranger.get(path), stranger.post(path), stranger.post(f"{path}/again")):
        assert answer.status == 200
        assert_inert(answer.body)
