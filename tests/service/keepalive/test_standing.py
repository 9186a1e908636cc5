"""A pulse is held while its connection is, and goes on by itself: its state is told, never written."""

from __future__ import annotations

from ledgercast.domain.connections import BY_MEMBER
from local.aws import views
from tests.service.keepalive.world import House


def shown(home: House) -> list[str]:
    return [one["state"] for one in views.pulses(home.store, [])]


def test_a_pulse_is_shown_as_held_while_its_connection_is_shut(home: House) -> None:
    [connection] = home.connect()
    home.pulse(connection)
    assert shown(home) == ["active"]
    home.connections.disconnect(connection.id, BY_MEMBER)
    assert shown(home) == ["held"]
    home.connect()
    assert shown(home) == ["active"]
    home.holds.hold(home.owner.id, "mfa.off")
    assert shown(home) == ["held"]
