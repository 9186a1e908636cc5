"""The ways in that the demo does not take: a consent in somebody else's browser, and the mail viewer."""

from __future__ import annotations

import re
import threading

import pytest
import requests

from local.demo import front_door
from local.demo.front_door import consent_elsewhere
from local.demo.person import Person, TurnedAway
from local.xero.identity import Consent
from tests.workflow.real.conftest import World


class Browser:
    """Somebody else's: it opens what is printed, without a cookie of ours, and keeps the last page."""

    def __init__(self) -> None:
        self.pages: list[requests.Response] = []
        self._thread = threading.Thread()

    def open(self, address: str) -> None:
        self._thread = threading.Thread(target=lambda: self.pages.append(requests.get(address, timeout=20)))
        self._thread.start()

    def close(self) -> requests.Response:
        self._thread.join(20)
        return self.pages[-1]


@pytest.fixture(scope="module")
def browser() -> Browser:
    return Browser()


@pytest.fixture(scope="module")
def person(shared: World, browser: Browser) -> Person:
    """Another owner, who consents in a browser of their own."""
    email = "second.owner@example.com"
    shared.person.sign_in()
    shared.person.submit(shared.person.open("/security"), "/security/members", email=email, role="owner")
    front = shared.runtime.front
    made = Person(shared.runtime.url, email, lambda address: consent_elsewhere(front, address, browser.open))
    made.sign_in()
    return made


def test_a_consent_in_another_browser_is_gone_on_with_by_the_person_who_asked(
    world: World, person: Person, browser: Browser
) -> None:
    """OA-1: that browser has no session, so its callback alone connects nothing"""
    tenant = world.xero.books[1].organisation.id
    world.xero.identity.consent = Consent(user="0d0c2f7e-10aa-4c3d-9b64-000000000002", organisations=[tenant])

    person.consent()

    assert person.connections()[world.empty] == "connected"
    assert "goes on by itself" in browser.close().text
    assert front_door.CALLBACK not in world.runtime.front.relays


def test_a_consent_that_is_refused_in_another_browser_ends_on_its_page(
    world: World, person: Person, browser: Browser
) -> None:
    """OA-5"""
    world.xero.identity.consent = Consent(deny=True)

    with pytest.raises(TurnedAway, match="/oauth/xero/problem/denied"):
        person.connect_xero()

    browser.close()


def test_mail_is_shown_with_its_links_open_and_nothing_in_it_running(world: World) -> None:
    answer = requests.get(f"{world.runtime.url}/_local/inbox", timeout=10)

    assert answer.status_code == 200
    assert re.search(rf'<a href="{world.runtime.url}/sign-in/verify\?token=[\w-]+"', answer.text)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<script" not in answer.text
    frames = re.findall(r"<iframe[^>]*>", answer.text.replace("&gt;", ""))
    assert frames
    assert all(frame.startswith("<iframe sandbox ") for frame in frames)


def test_the_token_switch_takes_two_words_and_no_other(world: World) -> None:
    refused = requests.post(f"{world.runtime.url}/_local/xero", json={"token": "exploding"}, timeout=5)

    assert refused.status_code == 400
    assert "failing" in refused.json()["error"]["message"]


def test_another_sites_page_reads_no_mail_and_moves_no_clock(world: World) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        assert requests.get(f"{world.runtime.url}/_local/inbox", headers=headers, timeout=5).status_code == 403
        assert requests.post(f"{world.runtime.url}/_local/xero", headers=headers, timeout=5).status_code == 403
