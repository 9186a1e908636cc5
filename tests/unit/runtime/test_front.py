"""The front: a taken port, and helpers that answer this machine alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.aws.clock import LocalClock
from local.aws.gateway import Request
from local.front import Front, PortTaken


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    made = Front(0, LocalClock(tmp_path / "clock"), lambda _name, payload: (payload, False))
    made.helpers["GET", "/_local/mail"] = lambda query, _body: (200, [dict(query)])
    made.helpers["POST", "/_local/clock"] = lambda _query, body: (200, float(body["advance_s"]))
    yield made
    made.stop()


def ask(front: Front, method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> tuple[int, object]:
    given = list({"Host": f"localhost:{front.port}", **headers}.items())
    answer = front.answer(Request(method, path, query, given, body, "127.0.0.1"))
    return answer.status, json.loads(answer.body)


def test_a_taken_port_is_one_sentence_that_says_what_to_do(front: Front, tmp_path: Path) -> None:
    with pytest.raises(PortTaken) as refused:
        Front(front.port, LocalClock(tmp_path / "clock"), lambda _name, payload: (payload, False))

    assert str(refused.value) == f"Port {front.port} is taken; set LEDGERCAST_PORT to a free one."


def test_helpers_get_query_and_body(front: Front) -> None:
    assert ask(front, "GET", "/_local/mail", query="to=a%40b.example") == (200, [{"to": "a@b.example"}])
    assert ask(front, "POST", "/_local/clock", b'{"advance_s": 5}') == (200, 5.0)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"advance_s": "x"}', b'{"advance_s": null}'])
def test_a_request_that_cannot_be_read_is_a_400(front: Front, body: bytes) -> None:
    assert ask(front, "POST", "/_local/clock", body)[0] == 400


def test_other_web_pages_get_nothing(front: Front) -> None:
    own = f"localhost:{front.port}"
    foreign = [
        *({"Host": host} for host in ("evil.example", "localhost.evil.example", "[::1", "")),
        *(
            {"Origin": origin}
            for origin in ("https://evil.example", "null", f"https://{own}", f"http://{own}0", "http://[")
        ),
        *({"Sec-Fetch-Site": site} for site in ("cross-site", "same-site")),
    ]
    for headers in foreign:
        assert ask(front, "GET", "/_local/mail", b"", "", **headers)[0] == 403, headers
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    frame = {**link, "Sec-Fetch-Dest": "iframe"}
    assert ask(front, "GET", "/_local/mail", b"", "", **frame)[0] == 403
    typed = {"Sec-Fetch-Site": "none"}
    for headers in (link, typed, {"Origin": f"http://{own}"}, {"Host": f"127.0.0.1:{front.port}"}):
        assert ask(front, "GET", "/_local/mail", b"", "", **headers)[0] == 200, headers


def test_an_unknown_path_is_a_404(front: Front) -> None:
    assert ask(front, "GET", "/_local/nothing")[0] == 404
    assert ask(front, "GET", "/nothing") == (404, {"message": "Not Found"})


def test_a_form_of_our_own_pages_is_read_as_its_fields_and_may_lead_on(front: Front) -> None:
    front.helpers["POST", "/_local/form"] = lambda _query, body: (303, f"/_local/{body['to']}")
    own = [("Host", f"localhost:{front.port}"), ("Content-Type", "application/x-www-form-urlencoded")]

    answer = front.answer(Request("POST", "/_local/form", "", own, b"to=a%20b&more=", "127.0.0.1"))

    assert (answer.status, dict(answer.headers)["Location"], answer.body) == (303, "/_local/a b", b"")
    assert front.answer(Request("POST", "/_local/form", "", own, b"\xff", "127.0.0.1")).status == 400
