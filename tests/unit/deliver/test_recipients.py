"""The allow-lists at send: closed when empty, exact, and blind to look-alikes (DL-1)."""

from __future__ import annotations

import pytest

from ledgercast.domain.recipients import address_allowed, address_hash, channel_allowed

DOMAINS = ["firm.example", "Other.Example"]


@pytest.mark.parametrize("address", ["ann@firm.example", "Ann.B+x@FIRM.example", "o'neil@other.example"])
def test_an_address_of_a_listed_domain_passes(address: str) -> None:
    assert address_allowed(address, DOMAINS)


@pytest.mark.parametrize(
    "address",
    [
        *("ann@sub.firm.example", "ann@firm.example.evil.example", "ann@evilfirm.example", "ann@firm.example."),
        *("ann@fіrm.example", "ann@ｆirm.example", "ann@firm。example", "änn@firm.example", "ann@xn--frm-dma.example"),
        *("ann@evil.example@firm.example", "ann@firm.example@evil.example", '"a@evil.example"@firm.example'),
        *("ann@firm.example\n", "ann@firm.example\r\nBcc: x@evil.example", "a b@firm.example", "<ann@firm.example>"),
        *("ann@firm.example,bo@evil.example", "@firm.example", "firm.example", "", "ann@[127.0.0.1]", "ann@firm"),
        *("Ann <ann@firm.example>", "ann(comment)@firm.example", "ann@\u200bfirm.example"),
    ],
)
def test_no_trick_gets_past_the_list(address: str) -> None:
    assert not address_allowed(address, DOMAINS)


def test_an_empty_list_lets_nobody_in() -> None:
    assert not address_allowed("ann@firm.example", [])
    assert not channel_allowed("C0FINANCE01", [])


@pytest.mark.parametrize(
    "channel", ["#finance", "finance", "C0FINANCE02", "c0finance01", "C0FINANCE01\n", "", "D0X", "*"]
)
def test_channels_pass_by_their_exact_id_alone(channel: str) -> None:
    assert not channel_allowed(channel, ["C0FINANCE01", channel if channel != "C0FINANCE02" else ""])


def test_a_listed_channel_passes() -> None:
    assert channel_allowed("C0FINANCE01", ["C0FINANCE01"])


def test_an_address_has_one_hash_however_it_is_written() -> None:
    assert address_hash(" Ann@Firm.example ") == address_hash("ann@firm.example")
    assert len(address_hash("x")) == 64
