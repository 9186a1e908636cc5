"""Lambda `webhook`: Xero's deliveries, verified and queued. The answer has no body and no cookie, whatever it is."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from functions.webhook.aws import Unavailable
from functions.webhook.compose import door
from functions.webhook.receive import STATUS, Outcome, delivery_id, receive
from ledgercast.counters import count
from ledgercast.observability import logger

NOT_NOW = 503  # Xero tries again: at once, then every quarter of an hour for a day

COUNTED: dict[Outcome, str] = {
    "too_large": "DeliveriesTooLarge",
    "refused": "SignaturesRefused",
    "empty": "Handshakes",
    "queued": "DeliveriesQueued",
}

log = logger("webhook")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A request of API Gateway, payload 2.0 → its answer."""
    delivery = delivery_id(event)
    try:
        outcome = receive(event, door())
    except Exception as fault:
        # Whatever it was, it is not in the queue. A request that could not be judged is no 401: the key may be right.
        seen = str(fault) if isinstance(fault, Unavailable) else ""
        more = {"delivery": delivery, "kind": type(fault).__name__, "seen": seen, "error_id": uuid4().hex[:12]}
        log.error("a delivery could not be taken", extra=more)
        count("DeliveriesNotTaken", delivery=delivery)
        return _answer(NOT_NOW)
    log.info("answered", extra={"delivery": delivery, "outcome": outcome})
    count(COUNTED[outcome], delivery=delivery)
    return _answer(STATUS[outcome])


def _answer(status: int) -> dict[str, Any]:
    return {"statusCode": status, "body": ""}
