"""Our readers read what Xero really sent: every report body, error body and time stamp of the samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledgercast.domain.errors import UnknownReportShape
from ledgercast.xero.reports import amount, heading, walk
from tests.samples.conftest import folder

pytestmark = pytest.mark.samples
REPORTS = sorted(
    str(path.relative_to(folder()).with_suffix(""))
    for path in folder().glob("[co]*/*.json")
    if '"Reports"' in path.read_text()
)
#: Reports that no metric reads: percentages (executive summary) stand in their cells.
NOT_READ = ("executive_summary", "trial_balance")
Sample = Callable[[str], Any]


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_walked(sample: Sample, name: str) -> None:
    body = sample(name)
    report = walk(body)
    rows = [row for section in report.sections for row in section.rows]
    if name.endswith(("pl_empty_rows", "reports_empty_array")):
        assert report.empty
        return
    assert rows
    total = json.dumps(body).count('"RowType": "Row"') + json.dumps(body).count('"RowType": "SummaryRow"')
    assert len(rows) == total


@pytest.mark.parametrize("name", [n for n in REPORTS if not n.endswith(NOT_READ) and "aged" not in n])
def test_every_figure_and_column_of_the_reports_we_read_is_understood(sample: Sample, name: str) -> None:
    report = walk(sample(name))
    for section in report.sections:
        for row in section.rows:
            assert all(isinstance(amount(cell.text), Decimal) for cell in row.cells[1:])
    if "bank" not in name:
        assert all(heading(text) for text in report.columns[1:])


def test_a_percentage_is_no_amount(sample: Sample) -> None:
    body = sample("official/executive_summary")
    cells = [cell.text for s in walk(body).sections for row in s.rows for cell in row.cells if "%" in cell.text]
    assert cells
    with pytest.raises(UnknownReportShape):
        amount(cells[0])


def test_the_samples_are_all_there(samples: Path) -> None:
    assert len(REPORTS) >= 11
    assert (samples / "INDEX.md").is_file()
