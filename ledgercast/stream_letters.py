"""The mails about the stream of Xero's events: it fell silent, is refused, or some of it could not be told (WH-8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Words = tuple[str, tuple[str, ...]]
"""Subject and lines."""


def opened(subject: str, about: dict[str, str], moment: Callable[[datetime], str]) -> Words:
    if subject == "silence":
        return (
            "Xero has stopped sending events",
            (
                f"Nothing has come since {moment(datetime.fromisoformat(about['since']))}, which is unusually long: in "
                "other weeks something came in many of those hours.",
                "Look in Xero's developer portal, under Webhooks of this installation's app. If its state is not OK, "
                "press Send ‘Intent to receive’: what happened in the last 31 days is then sent, and told once.",
                "If it is a holiday, all may be well. Send a test event under Streams to see that this side works.",
            ),
        )
    if subject == "signatures":
        return (
            "Xero's events are refused: their signature fits no key",
            (
                f"Of late {about['count']} deliveries carried a signature that fits no webhook key of this "
                "installation, and none carried a good one. Nothing is told while that goes on, and after a day Xero "
                "turns the webhook off.",
                "Compare the key in Xero's developer portal with the one given to this installation; the operator "
                "gives it anew with “python -m ledgercast admin secrets set”.",
                "If the portal shows deliveries as received, somebody else is knocking: they were kept out.",
            ),
        )
    return (
        "Some of Xero's events could not be told",
        (
            f"{_deliveries(about['count'])} put aside after several tries. Nothing of it is lost.",
            "Streams shows which channel could not be written to, and why. When that is mended, the operator has them "
            "told with “python -m ledgercast admin replay”; what was told already is not told again.",
        ),
    )


def mended(subject: str) -> Words:
    return {
        "silence": ("Xero sends events again", ("Events come as usual. Nothing is left to do.",)),
        "signatures": ("Xero's events are accepted again", ("Their signature fits. Nothing is left to do.",)),
    }.get(subject, ("Nothing of Xero's events is left over", ("No delivery is put aside any more.",)))


def _deliveries(count: str) -> str:
    return "One delivery of Xero's was" if count == "1" else f"{count} deliveries of Xero's were"
