"""Xero's events on the deployed system: handshake, delivery, queue, message (WH-3, WH-5)."""

from __future__ import annotations

import json
import time
import uuid

import requests

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.streams import KINDS, Route
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.streams import RouteStore
from local.slack.workspace import Channel, Message
from local.xero.events import Event
from tests.workflow.conftest import eventually
from tests.workflow.real.conftest import World

PATH = "/webhooks/xero"


def stream(world: World) -> tuple[Route, str]:
    """A route of the organisation with figures to a channel of its own, and the organisation's id."""
    name = uuid.uuid4().hex[:10]
    channel = f"C0{name.upper()}"
    world.slack.channels[channel] = Channel(channel, name)
    tenant = str((world.system.state.connection(WORKSPACE, world.figures) or {})["tenant"])
    # Other tests have copies of the connection; outside of tests an organisation has one.
    connection = ConnectionStore(world.system.table).id_for(tenant)
    route = Route(f"r-{name}", connection, channel, world.slack_install, name, KINDS)
    assert RouteStore(world.system.table).create(route)
    return route, tenant


def posted(world: World, route: Route) -> list[Message]:
    return [one for one in world.slack.messages if one.channel == route.channel]


def test_a_delivery_passes_the_handshake_the_queue_and_comes_to_its_channel_once(world: World) -> None:
    route, tenant = stream(world)
    webhook = world.xero.webhook
    assert webhook.set_up(world.runtime.url + PATH).passed
    document = next(one for one in world.xero.books[0].documents if one.type == "ACCREC")
    happened = Event(tenant, "INVOICE", "UPDATE", document.id, world.runtime.clock.now())

    for made in webhook.publish([happened]) + webhook.publish([happened]):
        assert made.taken
    eventually(lambda: posted(world, route), 40)
    eventually(lambda: not _queued(world), 40)

    (message,) = posted(world, route)
    assert document.number in json.dumps(message.blocks) and document.id in json.dumps(message.blocks)
    refused = requests.post(world.runtime.url + PATH, data=b"{}", headers={"x-xero-signature": "bad"}, timeout=20)
    assert (refused.status_code, refused.content, "Set-Cookie" in refused.headers) == (401, b"", False)


def test_a_run_of_bad_signatures_is_counted_and_told_to_the_owner_once(world: World) -> None:
    """WH-8: from the webhook's log line by CloudWatch's metric to one mail"""
    stream(world)
    world.runtime.scheduler.advance(10 * 3600)  # past the good ones of the tests before
    for _ in range(10):
        refused = requests.post(world.runtime.url + PATH, data=b"{}", headers={"x-xero-signature": "bad"}, timeout=20)
        assert refused.status_code == 401
    keepalive = next(one.name for one in world.runtime.stack.functions if "keepalive" in one.handler)

    for _ in range(2):
        world.runtime.metrics.collect()
        answer, failed = world.runtime.invoke(keepalive, b'{"pass": "streams"}')
        assert not failed and json.loads(answer)["signatures"] == 1, answer

    owner = world.system.settings.owner_email
    assert len([one for one in world.runtime.mail() if one.to == (owner,) and "fits no key" in one.raw]) == 1


def _queued(world: World) -> int:
    time.sleep(0.2)
    answer = requests.get(f"{world.runtime.url}/_local/queues", timeout=20).json()
    queue = world.runtime.outputs["EventsQueue"].rpartition("/")[2]
    return sum(one["visible"] + one["in_flight"] + one["delayed"] for one in answer if one["name"].endswith(queue))
