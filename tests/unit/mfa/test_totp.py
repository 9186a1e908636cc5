"""One-time codes against the published vectors, and which of them count."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from functions.mfa import totp

RFC_SEED = b"12345678901234567890"

# RFC 6238, appendix B, the rows of SHA-1; ours are the last six of its eight digits.
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize(("second", "eight_digits"), VECTORS.items())
def test_codes_match_the_published_vectors_mf_1(second: int, eight_digits: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    assert totp.accepted_step(RFC_SEED, eight_digits[2:], at) == second // 30


def test_the_vectors_are_refused_a_digit_beside_mf_1() -> None:
    at = datetime.fromtimestamp(59, UTC)
    assert totp.accepted_step(RFC_SEED, "287083", at) is None


def test_the_present_step_and_the_one_before_count_and_no_other_mf_2() -> None:
    # given a code of the vectors, whose step is known
    step, shown = 1111111111 // 30, "050471"
    accepted = [
        offset
        for offset in range(-3, 4)
        if totp.accepted_step(RFC_SEED, shown, datetime.fromtimestamp((step - offset) * 30 + 29, UTC)) is not None
    ]
    # then it counts in its own step and in the next, never before its time and never later
    assert accepted == [-1, 0]


def test_a_step_counts_only_after_the_last_accepted_one_mf_2() -> None:
    at, step = datetime.fromtimestamp(1111111111, UTC), 1111111111 // 30
    assert totp.accepted_step(RFC_SEED, "050471", at, after=step - 1) == step
    assert totp.accepted_step(RFC_SEED, "050471", at, after=step) is None
    assert totp.accepted_step(RFC_SEED, "050471", at, after=step + 5) is None


def test_every_candidate_is_compared_in_constant_time_mf_2(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    real = hmac.compare_digest

    def spy(left: str, right: str) -> bool:
        compared.append(right)
        return real(left, right)

    monkeypatch.setattr("functions.mfa.totp.hmac.compare_digest", spy)
    at = datetime.fromtimestamp(1111111111, UTC)
    for typed in ("050471", "000000"):
        totp.accepted_step(RFC_SEED, typed, at)
    assert compared == ["050471", "050471", "000000", "000000"]


def test_the_set_up_address_is_what_authenticators_read_mf_1() -> None:
    address = totp.setup_address(RFC_SEED, "ada+x@example.com")
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Ledgercast:ada+x@example.com"
    assert asked == {"secret": [totp.secret_text(RFC_SEED)], "issuer": ["Ledgercast"]}
    assert totp.secret_text(RFC_SEED) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
