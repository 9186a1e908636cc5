"""Who may call, how often, in which format, and what a scripted fault does to a call."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
import requests

from local.xero.answers import as_html, offline, unoptimised_filter
from local.xero.generate import generate
from local.xero.limits import Limits
from local.xero.server import XeroSandbox
from tests.unit.xero_sandbox.conftest import Caller, Open, Time
from tests.unit.xero_sandbox.worlds import TODAY


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_only_get_reaches_the_accounting_api(open_sandbox: Open, method: str) -> None:
    caller = open_sandbox()
    assert caller.request(method, "/api.xro/2.0/Invoices").status_code == 405
    assert [(call.method, call.status) for call in caller.xero.calls if call.accounting] == [(method, 405)]


def test_calls_are_recorded_without_secrets(open_sandbox: Open, time: Time) -> None:
    caller = open_sandbox()
    caller.get("Reports/BalanceSheet", date="2026-11-25")
    call = caller.xero.calls[-1]
    assert (call.method, call.path, call.params) == ("GET", "/api.xro/2.0/Reports/BalanceSheet", {"date": "2026-11-25"})
    assert (call.status, call.tenant, call.at) == (200, caller.xero.books[0].organisation.id, time.now)
    kept = repr(caller.xero.calls)
    assert not [s for s in (caller.xero.client_secret, *map(str, caller.tokens.values())) if len(s) > 30 and s in kept]


@pytest.mark.parametrize("style", ["Detail", "detail"])
def test_a_missing_scope_is_401_and_says_so_in_a_header(open_sandbox: Open, style: str) -> None:
    caller = open_sandbox(connect=False).connect("accounting.settings.read")
    caller.xero.accounting.problem_style = "lower" if style == "detail" else "extended"
    answer = caller.get("Reports/ProfitAndLoss")
    assert (answer.status_code, answer.json()[style]) == (401, "AuthorizationUnsuccessful")
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
    assert caller.get("Organisation").status_code == 200


def test_an_unknown_tenant_and_a_bad_token_are_refused(open_sandbox: Open) -> None:
    caller = open_sandbox()
    assert caller.request("GET", "/api.xro/2.0/Organisation", tenant="elsewhere").status_code == 403
    caller.tokens["access_token"] = "nonsense"
    answer = caller.get("Organisation")
    assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthenticationUnsuccessful")


def test_a_user_without_the_reports_role_gets_403_on_reports_alone(open_sandbox: Open) -> None:
    caller = open_sandbox()
    caller.xero.accounting.without_reports.add(caller.xero.identity.consent.user)
    assert caller.get("Reports/BankSummary").status_code == 403
    assert caller.get("Invoices").status_code == 200


def test_xml_unless_json_is_asked_for(open_sandbox: Open) -> None:
    caller = open_sandbox()
    headers = {"Authorization": f"Bearer {caller.tokens['access_token']}"}
    headers["xero-tenant-ID"] = caller.xero.books[0].organisation.id
    answer = requests.get(f"{caller.xero.url}/api.xro/2.0/Organisation", headers=headers, timeout=5)
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert "<Organisation><Name>Harbour &amp; Pine" in answer.text


def test_today_is_the_organisations_own(open_sandbox: Open, time: Time) -> None:
    time.now = datetime(2026, 10, 31, 12, 30, tzinfo=UTC)  # already November in Auckland
    caller = open_sandbox(generate(date(2026, 11, 1), timezone="NEWZEALANDSTANDARDTIME", currency="NZD"))
    titles = caller.read("Reports/ProfitAndLoss")["Reports"][0]["ReportTitles"]
    assert titles[-1] == "1 November 2026 to 30 November 2026"


def test_sixty_calls_a_minute(open_sandbox: Open, time: Time) -> None:
    caller = open_sandbox()
    answers = [caller.get("Organisation") for _ in range(61)]
    assert [a.status_code for a in answers] == [200] * 60 + [429]
    assert answers[0].headers["X-MinLimit-Remaining"] == "59"
    assert answers[0].headers["X-DayLimit-Remaining"] == "999"
    refused = answers[-1]
    assert (refused.headers["X-Rate-Limit-Problem"], refused.headers["Retry-After"]) == ("minute", "60")
    assert refused.content == b""
    time.pass_by(seconds=60)
    assert caller.get("Organisation").status_code == 200


def test_the_days_allowance_ends_at_midnight(open_sandbox: Open, time: Time) -> None:
    caller = open_sandbox()
    caller.xero.limits.per_day = 1
    caller.get("Organisation")
    refused = caller.get("Organisation")
    assert refused.headers["X-Rate-Limit-Problem"] == "day"
    assert refused.headers["Retry-After"] == str(13 * 3600 + 1800)
    time.pass_by(hours=13)
    caller.tokens = caller.refresh(caller.tokens["refresh_token"]).json()
    assert caller.get("Organisation").status_code == 429
    time.pass_by(minutes=30)
    caller.tokens = caller.refresh(caller.tokens["refresh_token"]).json()
    assert caller.get("Organisation").status_code == 200


def test_five_calls_at_once(open_sandbox: Open, time: Time) -> None:
    caller, limits = open_sandbox(), Limits()
    tenant = caller.xero.books[0].organisation.id
    assert [limits.enter(tenant, time()) for _ in range(5)] == [None] * 5
    caller.xero.accounting.limits = limits
    refused = caller.get("Organisation")
    assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "concurrent")
    assert "Retry-After" not in refused.headers
    limits.leave(tenant)
    assert caller.get("Organisation").status_code == 200


def test_held_calls_wait_until_they_are_let_go(open_sandbox: Open) -> None:
    caller = open_sandbox()
    release = caller.xero.faults.hold("Organisation")
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(caller.get("Organisation").status_code))
    waiting.start()
    assert requests.get(f"{caller.xero.url}/.well-known/openid-configuration", timeout=5).ok
    assert answers == []
    release.set()
    waiting.join(5)
    assert answers == [200]


def test_scripted_answers_are_given_so_often_and_no_more(open_sandbox: Open) -> None:
    caller = open_sandbox()
    caller.xero.faults.answer("Reports/ProfitAndLoss", 500, "<html>", times=2, content_type="text/html")
    caller.xero.faults.give("Invoices.*where", unoptimised_filter())
    assert [caller.get("Reports/ProfitAndLoss").status_code for _ in range(3)] == [500, 500, 200]
    assert caller.get("Invoices").status_code == 200
    assert caller.get("Invoices", where='Type=="ACCREC"').json()["Type"] == "QueryParseException"


@pytest.mark.parametrize("kind", ["html", "xml", "text"])
def test_maintenance_in_three_formats(open_sandbox: Open, kind: str) -> None:
    caller = open_sandbox()
    caller.xero.faults.give("Organisation", offline(kind))
    answer = caller.get("Organisation")
    assert answer.status_code == 503
    assert "offline for maintenance" in answer.text


def test_a_dropped_connection_before_and_after_the_work(open_sandbox: Open) -> None:
    caller = open_sandbox()
    for when, used in (("before", 0), ("after", 1)):
        caller.xero.faults.drop("Organisation", when=when)
        with pytest.raises(requests.ConnectionError):
            caller.get("Organisation")
        remaining = int(caller.get("Organisation").headers["X-MinLimit-Remaining"])
        assert remaining == 60 - 1 - used - (1 if when == "after" else 0)
    assert [call.status for call in caller.xero.calls if call.accounting] == [0, 200, 0, 200]


def test_a_slow_an_endless_and_a_disguised_answer(open_sandbox: Open) -> None:
    caller = open_sandbox()
    caller.xero.faults.drip("Organisation", pause=0.001)
    assert caller.get("Organisation").json()["Status"] == "OK"
    caller.xero.faults.endless("Organisation")
    with caller.session.get(_address(caller), headers=_headers(caller), stream=True, timeout=5) as answer:
        assert len(answer.raw.read(3_000_000)) == 3_000_000
    caller.xero.faults.disguise("Organisation")
    assert caller.get("Organisation").headers["Content-Type"] == "text/html"


def test_a_body_can_be_altered_on_its_way(open_sandbox: Open) -> None:
    caller = open_sandbox()
    caller.xero.faults.alter("BalanceSheet", lambda body: {**body, "Reports": []})
    assert caller.get("Reports/BalanceSheet").json()["Reports"] == []
    assert caller.get("Reports/BalanceSheet").json()["Reports"]


def test_unknown_endpoints_and_pages_of_other_hosts_are_404(open_sandbox: Open) -> None:
    caller = open_sandbox()
    assert caller.get("Reports/AgedReceivables").status_code == 404
    assert requests.get(f"{caller.xero.url}/", timeout=5).status_code == 404
    assert as_html(500, "<x>").body.count(b"&lt;x&gt;") == 1


def test_a_taken_port_is_an_error_at_once_and_stopping_twice_is_not(time: Time) -> None:
    with XeroSandbox(generate(TODAY), time) as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            XeroSandbox(generate(TODAY), time, port=port).start()
    first.stop()
    with pytest.raises(RuntimeError):
        _ = first.url


def _address(caller: Caller) -> str:
    return f"{caller.xero.url}/api.xro/2.0/Organisation"


def _headers(caller: Caller) -> dict[str, str]:
    tenant = caller.xero.books[0].organisation.id
    return {"Authorization": f"Bearer {caller.tokens['access_token']}", "Xero-Tenant-Id": tenant}
