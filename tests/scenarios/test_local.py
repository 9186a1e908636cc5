"""`make local` as a new user meets it: what it prints, the one link, and the door that it opens."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from local.demo.person import Person
from tests.scenarios.test_demo import ROOT, free_port
from tests.workflow.conftest import eventually

pytestmark = pytest.mark.xdist_group("demo")


@dataclass(frozen=True)
class Served:
    url: str
    printed: str
    process: subprocess.Popen[str]

    @property
    def link(self) -> str:
        [found] = re.findall(r"http://\S+", self.printed.partition("Sign in")[2].splitlines()[0])
        return str(found)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LEDGERCAST_", "AWS_"))}
    port = free_port()
    settings = {"LEDGERCAST_PORT": str(port), "LEDGERCAST_OWNER_EMAIL": "o.wner@example.com", "COLUMNS": "60"}
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "run"],
        cwd=ROOT,
        env={**clean, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if "Ctrl-C" in line:
            break
    try:
        yield Served(f"http://localhost:{port}", printed, process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def person(served: Served) -> Person:
    """The owner, in one browser throughout."""
    return Person(served.url, "o.wner@example.com")


def test_it_prints_the_owner_one_link_and_where_the_mail_is(served: Served) -> None:
    assert "o.wner@example.com" in served.printed
    assert served.link.startswith(f"{served.url}/sign-in/verify?token=")
    assert f"{served.url}/_local/inbox" in served.printed
    assert len(re.findall(r"[A-Za-z0-9_-]{43}", served.printed)) == 1, "the link's is the only token it ever prints"


def test_the_link_lets_its_owner_in_once(served: Served) -> None:
    owner, late = Person(served.url, "o.wner@example.com"), Person(served.url, "o.wner@example.com")

    owner.submit(owner.open(served.link), "/sign-in/verify")
    answer = late.open(served.link)

    assert owner.connections() == {}, "nothing is connected before somebody does it"
    assert requests.get(f"{served.url}/_local/pulses", timeout=5).json() == []
    with pytest.raises(Exception, match="400"):
        late.submit(answer, "/sign-in/verify")


def test_a_person_signs_in_by_mail_and_connects(served: Served, person: Person) -> None:
    person.sign_in()

    connection = person.connect_xero()

    assert person.connections() == {connection: "connected"}
    assert person.connect_slack("C0FINANCE01")


def test_editing_a_document_of_the_sandbox_sends_its_event_to_the_stream_that_wants_it(
    served: Served, person: Person
) -> None:
    connection = next(one for one, state in person.connections().items() if state == "connected")
    wanted = {"connection": connection, "channel": "C0FINANCE01", "kinds": ["invoice.created"], "only": "sales"}
    assert person.ask("POST", "/api/v1/stream-routes", wanted)["state"] == "waiting"
    books = f"{served.url}/_local/xero/books"

    told = requests.post(books, json={"do": "raise", "kind": "ACCREC", "amount": "480.00"}, timeout=20).json()

    assert [one["status"] for one in told["attempts"]] == [200]
    assert "Sales invoice" in requests.get(books, timeout=20).text
    eventually(lambda: person.ask("GET", "/api/v1/stream-routes", {})["items"][0]["last_posted_at"], 40)
    assert person.ask("GET", "/api/v1/stream-routes", {})["items"][0]["state"] == "receiving"


def test_ctrl_c_ends_it_with_one_line(served: Served) -> None:
    served.process.send_signal(signal.SIGINT)
    _, said = served.process.communicate(timeout=30)

    assert served.process.returncode == 130
    assert said == "ledgercast: stopped\n"
    assert "Traceback" not in said


def test_what_it_leaves_behind_holds_no_token(served: Served) -> None:
    """LG-1"""
    token = served.link.partition("token=")[2]
    for file in (one for one in Path(ROOT / "out/local").rglob("*") if one.is_file()):
        assert token not in file.read_text(errors="replace"), file
