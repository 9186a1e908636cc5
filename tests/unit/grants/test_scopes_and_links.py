from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.errors import UnknownMetric
from ledgercast.xero.links import report_link
from ledgercast.xero.scopes import CLASSIC, GRANULAR, PROFILES, missing


def test_the_scopes_asked_are_frozen() -> None:
    """OA-4: a change here is a change of what the consent page says; the design decides it, not a refactoring."""
    assert " ".join(GRANULAR) == (
        "openid profile email offline_access accounting.settings.read accounting.contacts.read "
        "accounting.invoices.read accounting.payments.read accounting.reports.profitandloss.read "
        "accounting.reports.banksummary.read accounting.reports.aged.read accounting.reports.balancesheet.read"
    )
    assert " ".join(CLASSIC) == (
        "openid profile email offline_access accounting.reports.read accounting.settings.read accounting.contacts.read"
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_every_accounting_scope_is_read_only(profile: str) -> None:
    """OA-4."""
    accounting = [one for one in PROFILES[profile] if one.startswith("accounting.")]
    assert accounting
    assert all(one.endswith(".read") for one in accounting)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("metric", [one.id for one in METRICS])
def test_either_profile_is_enough_for_every_metric(profile: str, metric: str) -> None:
    assert missing(metric, PROFILES[profile]) == ()


@pytest.mark.parametrize(
    ("metric", "without", "named"),
    [
        ("revenue", "accounting.reports.profitandloss.read", ("accounting.reports.profitandloss.read",)),
        ("cash_position", "accounting.reports.banksummary.read", ("accounting.reports.banksummary.read",)),
        ("net_profit", "accounting.settings.read", ("accounting.settings.read",)),
        ("aged_receivables", "accounting.invoices.read", ()),  # the aged report per contact is left
        ("aged_payables", "accounting.reports.balancesheet.read", ()),  # only a check needs it
    ],
)
def test_a_missing_scope_disables_only_what_needs_it(metric: str, without: str, named: tuple[str, ...]) -> None:
    assert missing(metric, [one for one in GRANULAR if one != without]) == named


def test_ageing_without_either_road_asks_for_the_better_one() -> None:
    assert missing("aged_payables", ["accounting.settings.read"]) == ("accounting.invoices.read",)


@pytest.mark.parametrize("metric", [one.id for one in METRICS])
def test_a_link_goes_through_the_organisation_switch_with_its_short_code_encoded(metric: str) -> None:
    link = report_link("!!aB3-z&x", metric)
    assert link.startswith(
        "https://go.xero.com/organisationlogin/default.aspx?shortcode=%21%21aB3-z%26x&redirecturl=%2F"
    )
    query = parse_qs(urlsplit(link).query)
    assert query["shortcode"] == ["!!aB3-z&x"]
    assert query["redirecturl"][0].startswith("/")


def test_sales_and_bills_lead_to_different_lists() -> None:
    assert "AccountsReceivable" in report_link("!x", "aged_receivables")
    assert "AccountsPayable" in report_link("!x", "aged_payables")


def test_unknown_metrics_are_named_errors() -> None:
    with pytest.raises(UnknownMetric):
        report_link("!x", "ebitda")
    with pytest.raises(UnknownMetric):
        missing("ebitda", GRANULAR)
