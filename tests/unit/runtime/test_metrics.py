"""Counts in the functions' logs become metrics, each once, in our time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledgercast.counters import count
from local.aws.clock import LocalClock
from local.aws.metrics import Metrics

NOW = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)


class CloudWatch:
    def __init__(self) -> None:
        self.put: list[tuple[str, dict[str, Any]]] = []

    def put_metric_data(self, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
        self.put += [(Namespace, one) for one in MetricData]


@pytest.fixture
def cloudwatch() -> CloudWatch:
    return CloudWatch()


@pytest.fixture
def metrics(tmp_path: Path, cloudwatch: CloudWatch) -> Metrics:
    logs = tmp_path / "logs"
    logs.mkdir()
    return Metrics(logs, cloudwatch, LocalClock(tmp_path / "clock", NOW))


def test_a_count_is_read_once_however_often_it_is_looked(
    tmp_path: Path, metrics: Metrics, cloudwatch: CloudWatch, capsys: pytest.CaptureFixture[str]
) -> None:
    count("SignaturesRefused", 3, delivery="d-1")
    line = capsys.readouterr().out
    log = tmp_path / "logs" / "webhook.log"
    log.write_text("a word\n" + line)

    metrics.collect()
    metrics.collect()
    with log.open("a") as more:
        more.write(line + line[:20])
    metrics.collect()

    assert [(namespace, one["MetricName"], one["Value"]) for namespace, one in cloudwatch.put] == [
        ("Ledgercast", "SignaturesRefused", 3.0)
    ] * 2
    assert cloudwatch.put[0][1]["Timestamp"].year == 2030
    assert cloudwatch.put[0][1]["Dimensions"][0]["Name"] == "stage"


@pytest.mark.parametrize("line", ['"_aws"', '{"_aws": 5}', '["_aws"]', json.dumps({"said": '"_aws"'}), '{"_aws": {'])
def test_what_only_looks_like_a_count_is_none(
    tmp_path: Path, metrics: Metrics, cloudwatch: CloudWatch, line: str
) -> None:
    (tmp_path / "logs" / "other.log").write_text(f"{line}\n")

    metrics.collect()

    assert cloudwatch.put == []
