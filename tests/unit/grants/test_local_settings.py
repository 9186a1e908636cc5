from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledgercast.domain.errors import SettingsError
from ledgercast.settings import Addresses
from local.settings import LocalSettings, XeroApp

APP = {"LEDGERCAST_XERO_CLIENT_ID": "app", "LEDGERCAST_XERO_CLIENT_SECRET": "secret"}
SANDBOX = "http://127.0.0.1:4000"


def test_nothing_set_means_the_sandboxes_and_the_contracts_defaults() -> None:
    settings = LocalSettings.read({})
    assert settings.needs_xero_sandbox
    assert settings.consents_by_itself
    assert (settings.port, settings.out, settings.owner_email) == (8080, Path("out/demo"), "owner@example.com")
    assert settings.xero_webhook_keys == ()
    assert settings.addresses(xero_sandbox=SANDBOX, slack_sandbox=SANDBOX) == Addresses(
        SANDBOX, SANDBOX, SANDBOX, SANDBOX
    )


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert (
        LocalSettings.read({"LEDGERCAST_PORT": "", "LEDGERCAST_NOW": "", "LEDGERCAST_XERO_API_URL": " "}).port == 8080
    )


def test_an_address_set_away_is_used_instead_of_the_sandboxs() -> None:
    names = ("LOGIN", "IDENTITY", "API")
    settings = LocalSettings.read({f"LEDGERCAST_XERO_{name}_URL": "http://localhost:9000/" for name in names})
    assert not settings.needs_xero_sandbox
    assert settings.addresses().xero_api == "http://localhost:9000"


def test_one_address_alone_leaves_the_others_to_the_sandbox() -> None:
    settings = LocalSettings.read({"LEDGERCAST_XERO_API_URL": "http://localhost:9"})
    addresses = settings.addresses(xero_sandbox=SANDBOX)
    assert (addresses.xero_login, addresses.xero_api) == (SANDBOX, "http://localhost:9")
    assert settings.consents_by_itself
    assert not LocalSettings.read({"LEDGERCAST_XERO_LOGIN_URL": "http://localhost:9"}).consents_by_itself


def test_a_real_apps_id_and_secret_mean_the_real_xero() -> None:
    settings = LocalSettings.read(APP)
    assert settings.xero_app == XeroApp("app", "secret")
    assert not settings.needs_xero_sandbox
    assert settings.addresses().xero_login == "https://login.xero.com"


def test_two_webhook_keys_are_read() -> None:
    assert LocalSettings.read({"LEDGERCAST_XERO_WEBHOOK_KEY": "old, new"}).xero_webhook_keys == ("old", "new")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEDGERCAST_XERO_API_URL", "localhost:9000"),
        ("LEDGERCAST_XERO_API_URL", "ftp://localhost:9000"),
        ("LEDGERCAST_XERO_API_URL", "http://localhost:9000/api.xro/2.0"),
        ("LEDGERCAST_XERO_API_URL", "http://localhost:nine"),
        ("LEDGERCAST_XERO_API_URL", "http://localhost:99999"),
        ("LEDGERCAST_XERO_LOGIN_URL", "http://"),
        ("LEDGERCAST_XERO_LOGIN_URL", "http://user:word@localhost"),
        ("LEDGERCAST_XERO_LOGIN_URL", "http://localhost?x=1"),
        ("LEDGERCAST_SLACK_API_URL", "https:"),
        ("LEDGERCAST_PORT", "http"),
        ("LEDGERCAST_PORT", "0"),
        ("LEDGERCAST_PORT", "65536"),
        ("LEDGERCAST_PORT", "²"),
        ("LEDGERCAST_NOW", "yesterday"),
        ("LEDGERCAST_NOW", "2026-11-25T09:00:00"),
        ("LEDGERCAST_OWNER_EMAIL", "owner"),
        ("LEDGERCAST_OWNER_EMAIL", "a b@example.com"),
        ("LEDGERCAST_XERO_CLIENT_ID", "without-a-secret"),
    ],
)
def test_an_unreadable_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        LocalSettings.read({name: value})


def test_our_clock_starts_where_it_is_told_and_runs_on() -> None:
    clock = LocalSettings.read({"LEDGERCAST_NOW": "2026-11-25T10:00:00+01:00"}).clock()
    first, second = clock(), clock()
    start = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert start <= first <= second < start + timedelta(minutes=1)
    assert abs(LocalSettings.read({}).clock()() - datetime.now(UTC)) < timedelta(minutes=1)
