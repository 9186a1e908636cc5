"""OA-4: what is asked for is frozen and read-only; what was granted is compared metric by metric."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.errors import SettingsError
from ledgercast.xero.scopes import CLASSIC, GRANULAR, PROFILES, lacking, state_of, wanted

ROOT = Path(__file__).parents[3]


def test_the_granular_profile_is_the_frozen_list() -> None:
    assert " ".join(GRANULAR) == (
        "openid profile email offline_access accounting.settings.read accounting.contacts.read"
        " accounting.invoices.read accounting.payments.read accounting.reports.profitandloss.read"
        " accounting.reports.banksummary.read accounting.reports.aged.read accounting.reports.balancesheet.read"
    )


def test_the_classic_profile_is_the_frozen_list() -> None:
    assert " ".join(CLASSIC) == (
        "openid profile email offline_access accounting.reports.read accounting.settings.read accounting.contacts.read"
    )


@pytest.mark.parametrize("scope", sorted({scope for profile in PROFILES.values() for scope in profile}))
def test_no_scope_writes(scope: str) -> None:
    assert scope.endswith(".read") or scope in ("openid", "profile", "email", "offline_access")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_whole_profile_lacks_nothing(profile: str) -> None:
    assert lacking(PROFILES[profile]) == {}
    assert state_of(PROFILES[profile]) == "connected"


def test_what_is_missing_is_named_for_each_metric() -> None:
    granted = [scope for scope in GRANULAR if "profitandloss" not in scope]
    missing = lacking(granted)
    assert set(missing) == {one.id for one in METRICS if one.source == "Profit and Loss"}
    assert set(missing.values()) == {("accounting.reports.profitandloss.read",)}
    assert state_of(granted) == "needs_scopes"


def test_without_any_scope_every_metric_is_named() -> None:
    assert set(lacking(())) == {one.id for one in METRICS}


def test_an_operator_may_ask_for_less_by_name_and_never_for_more() -> None:
    assert wanted("granular") == GRANULAR
    assert wanted("classic") == CLASSIC
    assert wanted("accounting.settings.read  accounting.invoices.read openid") == (
        *GRANULAR[:4],
        "accounting.settings.read",
        "accounting.invoices.read",
    )


@pytest.mark.parametrize(
    "setting", ["", " ", "Granular", "accounting.transactions", "accounting.invoices", "granular classic", "*"]
)
def test_any_other_name_is_refused_at_the_start(setting: str) -> None:
    with pytest.raises(SettingsError, match="LEDGERCAST_XERO_SCOPES"):
        wanted(setting)
