"""Every row of issue point 6: what each fault of Xero's becomes, and that no token leaves with it (XR-1, SX-2)."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from functions.fetch.run import fetch
from functions.fetch.snapshots import MemoryStore
from ledgercast.domain.errors import LedgercastError, SettingsError, XeroUnavailable, XeroUnreachable
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.xero.client import XeroClient
from local.xero import answers
from tests.service.fetch.world import World, world
from tests.unit.fetch.bodies import FOLDER

TODAY = date(2026, 11, 25)
EVENT = {"workspace": "main", "pulse": "p1", "slot": "2026-11-25T09:00:00Z"}
Outcome = dict[str, Any]


class State:
    """One pulse on one connection."""

    def __init__(self, metric: str = "cash_position", pulse: str = "active", connection: str = "connected") -> None:
        self.metric, self.pulse_state, self.connection_state = metric, pulse, connection

    def pulse(self, workspace: str, pulse: str) -> Pulse | None:
        if pulse != "p1":
            return None
        where = Destination("d1", "slack", channel="C1", install="T1")
        state: Any = self.pulse_state
        return Pulse("p1", self.metric, "c1", (where,), "template", state, {})

    def connection(self, workspace: str, connection: str) -> dict[str, Any] | None:
        return {"tenant": "t", "name": "n", "grant": "g", "state": self.connection_state, "scopes": []}


@pytest.fixture
def there() -> Iterator[World]:
    with world(TODAY) as found:
        yield found


def run(there: World, state: State | None = None, event: dict[str, str] | None = None) -> Outcome:
    kept = MemoryStore()
    found: Outcome = fetch(event or EVENT, state or State(), kept, lambda *_: there.another_run(), there.clock)
    return found


def text(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text()


def test_a_ready_run_hands_keys_and_destinations_on_and_no_figures(there: World) -> None:
    assert run(there) == {
        "outcome": "ready",
        "facts": "runs/main/p1/2026-11-25T09:00:00Z/facts.json",
        "empty": False,
        "destinations": [{"id": "d1"}],
        "summary": "template",
        "theme": "light",
        "names_to_ai": False,
    }


@pytest.mark.parametrize(
    ("headers", "outcome", "reason", "seconds"),
    [
        ({"X-Rate-Limit-Problem": "minute", "Retry-After": "17"}, "wait", "xero.limit.minute", 17),
        ({"X-Rate-Limit-Problem": "minute"}, "wait", "xero.limit.minute", 60),
        ({"X-Rate-Limit-Problem": "concurrent"}, "wait", "xero.limit.concurrent", 2),
        ({"X-Rate-Limit-Problem": "concurrent", "Retry-After": "1"}, "wait", "xero.limit.concurrent", 1),
        ({"X-Rate-Limit-Problem": "day", "Retry-After": "66975"}, "defer", "xero.limit.day", 66_975),
        ({"X-Rate-Limit-Problem": "day"}, "defer", "xero.limit.day", 86_400),
    ],
)
def test_a_limit_is_a_wait_or_a_deferral_with_seconds_in_the_state(
    there: World, headers: dict[str, str], outcome: str, reason: str, seconds: int
) -> None:
    there.xero.faults.answer("BankSummary", 429, headers=headers)
    assert run(there) == {"outcome": outcome, "reason": reason, "seconds": seconds}
    assert run(there)["outcome"] == "ready"


def test_a_limit_within_several_calls_keeps_what_was_answered(there: World) -> None:
    there.xero.faults.answer("toDate=2026-03-31", 429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "9"})
    assert run(there, State("cash_in_vs_out"))["outcome"] == "wait"
    before = there.asked()["BankSummary"]
    assert run(there, State("cash_in_vs_out"))["outcome"] == "ready"
    assert before > 0
    assert there.asked()["BankSummary"] == 12  # none of them twice


@pytest.mark.parametrize("name", ["error_401_expired", "error_401_unsuccessful"])
def test_a_refused_token_is_renewed_once_and_the_call_made_once_more(there: World, name: str) -> None:
    there.xero.faults.answer("BankSummary", 401, text(name))
    assert run(there)["outcome"] == "ready"
    assert [call.path for call in there.xero.calls].count("/connect/token") == 1
    there.xero.calls.clear()
    there.clock.pass_by(minutes=11)
    there.xero.faults.answer("BankSummary", 401, text(name), times=2)
    assert run(there) == {"outcome": "failed", "reason": "xero.grant.disconnected"}
    assert [call.status for call in there.xero.calls if "BankSummary" in call.path] == [401, 401]


def test_four_calls_refused_at_once_renew_the_token_once(there: World) -> None:
    there.clock.pass_by(minutes=31)  # the access token's life is over
    assert run(there, State("cash_in_vs_out"))["outcome"] == "ready"
    assert [call.path for call in there.xero.calls].count("/connect/token") == 1


def test_a_missing_scope_fails_without_any_retry(there: World) -> None:
    there.xero.faults.answer("BankSummary", 401, text("error_401_scope"), times=9)
    assert run(there) == {"outcome": "failed", "reason": "xero.scope.missing"}
    assert [call.path for call in there.xero.calls].count("/connect/token") == 0
    assert len([call for call in there.xero.calls if "BankSummary" in call.path]) == 1


@pytest.mark.parametrize("name", ["error_403_lower", "error_403_capital"])
def test_a_403_with_the_organisation_still_connected_is_a_missing_role(there: World, name: str) -> None:
    there.xero.faults.answer("BankSummary", 403, text(name))
    assert run(there) == {"outcome": "failed", "reason": "xero.role.missing"}


def test_a_403_without_the_organisation_is_a_connection_gone(there: World) -> None:
    there.xero.faults.answer("/connections", 200, text("connections_without_names"))
    there.xero.faults.answer("BankSummary", 403, text("error_403_lower"))
    assert run(there) == {"outcome": "failed", "reason": "xero.connection.gone"}


def test_a_403_whose_cause_cannot_be_learned_now_is_tried_again(there: World) -> None:
    there.xero.faults.answer("/connections", 500)
    there.xero.faults.answer("BankSummary", 403, text("error_403_lower"))
    with pytest.raises(XeroUnavailable):
        run(there)


@pytest.mark.parametrize("status", [400, 404, 412, 501])
def test_a_refusal_that_would_come_again_fails_the_run(there: World, status: int) -> None:
    there.xero.faults.answer("BankSummary", status, text("error_400_validation"))
    assert run(there) == {"outcome": "failed", "reason": "xero.rejected"}


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_500_with_html_is_raised_for_retry(there: World, status: int) -> None:
    there.xero.faults.answer("BankSummary", status, "<html>oops</html>", content_type="text/html")
    with pytest.raises(XeroUnavailable) as raised:
        run(there)
    assert raised.value.retryable
    assert run(there)["outcome"] == "ready"


@pytest.mark.parametrize("body", ["<html>maintenance</html>", "<Response/>", "", '"text"', "[1]", '{"cut": '])
def test_a_200_that_is_no_json_object_is_raised_for_retry(there: World, body: str) -> None:
    there.xero.faults.answer("BankSummary", 200, body)
    with pytest.raises(XeroUnavailable):
        run(there)


@pytest.mark.parametrize("kind", ["html", "xml", "text"])
def test_a_503_waits_minutes_in_the_state_machine(there: World, kind: str) -> None:
    there.xero.faults.give("BankSummary", answers.offline(kind))
    assert run(there) == {"outcome": "wait", "reason": "xero.offline", "seconds": 300}


def test_a_503_that_says_how_long_waits_so_long(there: World) -> None:
    there.xero.faults.answer("BankSummary", 503, "offline", headers={"Retry-After": "900"})
    assert run(there)["seconds"] == 900


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_dropped_connection_is_raised_for_retry(there: World, when: str) -> None:
    there.xero.faults.drop("BankSummary", when=when)
    with pytest.raises(XeroUnreachable) as raised:
        run(there)
    assert raised.value.retryable


def test_a_redirect_is_not_followed(there: World) -> None:
    there.xero.faults.answer("BankSummary", 302, headers={"Location": f"{there.xero.url}/elsewhere"})
    with pytest.raises(XeroUnavailable):
        run(there)
    assert not [call for call in there.xero.calls if "elsewhere" in call.path]


def test_slow_and_endless_answers_end_within_the_calls_time() -> None:
    with world(TODAY) as there:
        there.total_seconds = there.read_seconds = 0.3
        there.client = there.another_client()
        there.xero.faults.drip("BankSummary", pause=0.01)
        with pytest.raises(XeroUnreachable):
            run(there)
        gate = there.xero.faults.hold("BankSummary")
        with pytest.raises(XeroUnreachable):
            run(there)
        gate.set()
        there.total_seconds = there.read_seconds = 5.0
        there.client = there.another_client()
        there.xero.faults.endless("BankSummary")
        assert run(there) == {"outcome": "failed", "reason": "xero.too_large"}


def test_nobody_there_is_unreachable(there: World) -> None:
    there.xero.stop()
    with pytest.raises(XeroUnreachable):
        run(there)


def test_an_unknown_shape_fails_the_run_by_name(there: World) -> None:
    there.xero.faults.alter("BankSummary", lambda body: {**body, "Reports": [{"ReportName": "x"}]})
    assert run(there) == {"outcome": "failed", "reason": "xero.report.unknown_shape"}


@pytest.mark.parametrize(
    ("state", "event", "expected"),
    [
        (State(pulse="paused"), EVENT, {"outcome": "skip", "reason": "pulse.held"}),
        (State(pulse="held"), EVENT, {"outcome": "skip", "reason": "pulse.held"}),
        (State(), {**EVENT, "pulse": "deleted"}, {"outcome": "skip", "reason": "pulse.held"}),
        (State(connection="held"), EVENT, {"outcome": "skip", "reason": "pulse.held"}),
        (State(connection="disconnected"), EVENT, {"outcome": "skip", "reason": "xero.grant.disconnected"}),
        (State("no_such_metric"), EVENT, {"outcome": "failed", "reason": "metric.unknown"}),
    ],
)
def test_what_is_not_active_asks_nothing(there: World, state: State, event: dict[str, str], expected: Outcome) -> None:
    assert run(there, state, event) == expected
    assert there.asked().total() == 0


def test_an_empty_organisation_is_ready_and_says_so() -> None:
    with world(TODAY, empty=True) as there:
        assert run(there, State("revenue"))["empty"] is True


FAULTS: list[Callable[[World], object]] = [
    lambda there: there.xero.faults.drop("BankSummary"),
    lambda there: there.xero.faults.answer("BankSummary", 500, "<html>"),
    lambda there: there.xero.faults.answer("BankSummary", 403, text("error_403_lower")),
    lambda there: there.xero.faults.answer("BankSummary", 401, text("error_401_expired"), times=2),
    lambda there: there.xero.faults.answer("BankSummary", 429),
    lambda there: there.xero.faults.answer("BankSummary", 200, "no json"),
    lambda there: there.xero.stop(),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_log_or_trace_holds_the_token(
    there: World, fault: Callable[[World], object], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    there.facts("cash_position")
    there.clock.pass_by(minutes=11)
    there.xero.calls.clear()
    fault(there)
    with pytest.raises(LedgercastError) as raised:
        there.facts("cash_position")
    seen = [repr(there.client), caplog.text, *capsys.readouterr(), *chain(raised.value)]
    tokens = [*there.secrets, there.grant.access_token()]
    assert not [one for one in seen for token in tokens if token in one]


def chain(error: BaseException | None) -> Iterator[str]:
    """Everything a logger could get out of an exception, and of those behind it: there are none of another's making."""
    while error is not None:
        assert isinstance(error, LedgercastError)
        yield repr(error)
        yield repr(vars(error))
        yield "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__


def test_plain_http_is_refused_outside_the_local_runtime() -> None:
    class Tokens:
        def access_token(self) -> str:
            return "token"

        def renew(self, rejected: str) -> str:
            return "token"

    with pytest.raises(SettingsError):
        XeroClient("http://api.example", "t", Tokens()).get("Organisation", {})


def test_the_client_can_only_read() -> None:
    """XR-2: it has no other verb."""
    assert [name for name in dir(XeroClient) if not name.startswith("_")] == ["get"]
