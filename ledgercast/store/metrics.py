"""What the functions counted (`ledgercast.counters`), read back from CloudWatch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ledgercast.counters import NAMESPACE

REFUSED: Final = "SignaturesRefused"
ACCEPTED: Final = ("DeliveriesQueued", "Handshakes")
_HOUR: Final = 3600


@dataclass(frozen=True)
class Signatures:
    """How many deliveries were refused for theirs, and how many had a good one."""

    bad: int
    good: int


class Metrics:
    def __init__(self, client: Any, stage: str) -> None:
        self._client = client
        self._stage = stage

    def signatures(self, since: datetime, until: datetime) -> Signatures:
        good = sum(self.total(name, since, until) for name in ACCEPTED)
        return Signatures(self.total(REFUSED, since, until), good)

    def total(self, name: str, since: datetime, until: datetime) -> int:
        """The sum of a count in whole hours that reach back to `since` at least."""
        answer = self._client.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=name,
            Dimensions=[{"Name": "stage", "Value": self._stage}],
            StartTime=since.replace(minute=0, second=0, microsecond=0),
            EndTime=until + timedelta(hours=1),
            Period=_HOUR,
            Statistics=["Sum"],
        )
        return int(sum(point["Sum"] for point in answer["Datapoints"]))
