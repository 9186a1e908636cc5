"""Least privilege on what really ran: every call of AWS that any function made so far, against its deployed role.

Alone this file sees what the front door, one run and the daily pass ask for; after its neighbours, all of theirs too.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import requests

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import artefact_key
from ledgercast.store.runs import RunStore
from ledgercast.store.settings import SettingsStore
from local.aws.permissions import read_calls, verdict
from local.slack.faults import Fault
from local.xero.events import Event
from tests.workflow.conftest import eventually
from tests.workflow.real.conftest import World
from tests.workflow.real.test_streams import PATH, posted, stream


def test_no_function_asked_for_more_than_its_role_allows(world: World) -> None:
    """IN-1"""
    world.run(world.pulse())
    world.person.sign_in()
    _keeps_a_pulse(world)
    _looks_at_what_ran(world)
    _tells_an_event(world)
    world.runtime.invoke(world.function("keepalive"), b"{}")
    world.runtime.invoke(world.function("keepalive"), b'{"pass":"streams"}')
    SettingsStore(world.system.table).change(lambda _: {"keep_days": 0})
    found, seen = verdict(world.calls), {one.function for one in read_calls(world.calls)}

    assert found.refused == []
    expected = ("console", "mfa", "oauth", "fetch", "render", "summarise", "deliver", "notify", "keepalive", "stream")
    assert seen == {world.function(name) for name in expected}


def _tells_an_event(world: World) -> None:
    """One that Slack puts off, and one that cannot be read. The webhook signs its calls itself: they are not noted."""
    route, tenant = stream(world)
    webhook, events = world.xero.webhook, world.runtime.client("sqs")
    assert webhook.set_up(world.runtime.url + PATH).passed
    world.slack.faults.add(Fault("chat.postMessage", "limited", seconds=1))
    events.send_message(QueueUrl=world.runtime.outputs["EventsQueue"], MessageBody="no delivery at all")
    webhook.publish([Event(tenant, "CONTACT", "UPDATE", str(uuid.uuid4()), world.runtime.clock.now())])
    eventually(lambda: posted(world, route), 60)


def _keeps_a_pulse(world: World) -> None:
    """Made, changed, sent by hand and paused; and for the daily pass a schedule that is missing and one too many."""
    body: dict[str, Any] = {
        "connection": world.figures,
        "metric": "cash_position",
        "destinations": [{"kind": "slack", "channel": world.channel(world.pulse())}],
        "schedule": {"every": "month", "day": "last", "at": "09:00", "timezone": "Europe/London"},
    }
    made = world.person.ask("POST", "/api/v1/pulses", body)["id"]
    world.person.ask("PATCH", f"/api/v1/pulses/{made}", {"theme": "dark"})
    page = world.person.open(f"/pulses/{made}")
    slot = page.form(f"/pulses/{made}/send").fields["key"]
    world.person.submit(page, f"/pulses/{made}/send")
    eventually(lambda: (world.system.state.run(WORKSPACE, made, slot) or {}).get("state") == "sent", 60)
    world.person.ask("PATCH", f"/api/v1/pulses/{made}", {"state": "paused"})
    pulses = world.system.pulses
    lost, orphan = pulses.create(replace(world.pulse(), id="p-lost", schedule=body["schedule"]), ""), "p-nobodys"
    pulses.planner.remove(lost.id)
    pulses.planner.ensure(replace(lost, id=orphan))


def _looks_at_what_ran(world: World) -> None:
    """A preview and its chart; a run, its messages and another try of it; and one that is too old to be kept."""
    preview = f"/sources/{world.figures}/metrics/cash_position"
    eventually(lambda: world.person.open(preview).status == 200, 60)
    assert world.person.open(f"{preview}/chart.png?theme=dark").status == 200
    pulse, slot = world.pulse(), "2026-11-25T08:00:00Z"
    world.slack.channels[world.channel(pulse)].archived = True
    assert world.run(pulse, slot).row["state"] == "partly_sent"
    world.slack.channels[world.channel(pulse)].archived = False
    page = world.person.open(f"/activity/{pulse.id}~{slot}")
    letters = [one for one in page.addresses if "/email/" in one]
    assert [world.person.open(one).status for one in letters] == [200, 200]
    world.person.submit(page, f"/activity/{pulse.id}~{slot}/retry")
    eventually(lambda: (world.system.state.run(WORKSPACE, pulse.id, slot) or {}).get("state") == "sent", 60)
    assert world.person.open(f"/activity/{pulse.id}~{slot}/chart.png").status == 200
    SettingsStore(world.system.table).change(lambda _: {"keep_days": 1})
    runs, long_ago = RunStore(world.system.table), world.runtime.clock.now() - timedelta(days=9)
    assert runs.skip(pulse.id, "2026-11-01T09:00:00Z", "schedule.missed", long_ago)
    world.system.artefacts.put_json(artefact_key(WORKSPACE, pulse.id, "2026-11-01T09:00:00Z", "facts.json"), {})


def test_a_stranger_is_told_nothing_and_leaves_with_every_header(world: World) -> None:
    """SE-2: locally too, over plain http"""
    for path in ("/sign-in", "/sources", "/nowhere", "/oauth/xero/callback?code=x&state=y", "/security/mfa-required"):
        answer = requests.get(f"{world.runtime.url}{path}", allow_redirects=False, timeout=20)
        assert answer.status_code in (200, 303, 404), path
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Secure" not in answer.headers.get("Set-Cookie", ""), "there is no https on this machine"
