"""Whether a delivery is Xero's, by its exact bytes and one of at most two keys (WH-1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

import pytest

from functions.webhook.signing import HOLDS, LOOKS_AGAIN, KeyRing, genuine

KEY = "s3cr3t-that-looks-like+base64/but-is-text=="
OLD = "the-key-before"
SPACED = b'{ "events" : [ ],\n  "firstEventSequence":0 , "entropy":"S\\u00f6hne" }'


def sign(body: bytes, key: str = KEY) -> str:
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def test_xeros_signature_is_that_of_the_keys_text() -> None:
    """Computed once by another program: `openssl dgst -sha256 -hmac`."""
    assert genuine(b"ledgercast", "vRVuZnwFkXxay4tGTkBNupTZtNtM3IDIAitVyBSjnsI=", [b"key"])


@pytest.mark.parametrize(
    "body",
    [b"", SPACED, "{“Söhne”: 漢字}".encode(), b"\x00\xff\xfe", b'{"events":[]}\n', b'{"events":[]}\r\n'],
)
def test_the_exact_bytes_count_whatever_they_are(body: bytes) -> None:
    assert genuine(body, sign(body), [KEY.encode()])
    assert not genuine(body + b" ", sign(body), [KEY.encode()])


@pytest.mark.parametrize(
    "told",
    [
        "",
        " ",
        "not base64!",
        sign(SPACED)[:-1],
        sign(SPACED) + "=",
        sign(SPACED).rstrip("="),
        " " + sign(SPACED),
        sign(SPACED) + "\n",
        sign(SPACED).swapcase(),
        sign(SPACED)[::-1],
        sign(SPACED, OLD),
        sign(b"another body"),
        sign(SPACED).replace("=", "\u2550"),
        "\ud800",
        "ä" * 44,
        "A" * 44,
        base64.b64encode(hmac.new(base64.b64decode("c2VjcmV0"), SPACED, hashlib.sha256).digest()).decode(),
        sign(SPACED) + "," + sign(SPACED),
    ],
)
def test_whatever_differs_by_a_character_is_none_wh_2(told: str) -> None:
    assert not genuine(SPACED, told, [KEY.encode()])


def test_the_last_bits_of_base64_are_compared_too() -> None:
    """Of 44 characters the last before "=" has two bits to spare: what decodes alike is another text."""
    good = sign(SPACED)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = good[:-2] + alphabet[alphabet.index(good[-2]) ^ 1] + "="

    assert base64.b64decode(twin) == base64.b64decode(good)
    assert not genuine(SPACED, twin, [KEY.encode()])


def test_every_key_is_compared_in_constant_time_and_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """WH-1"""
    compared: list[bytes] = []
    real = hmac.compare_digest

    def compare(ours: bytes, theirs: bytes) -> bool:
        compared.append(theirs)
        return real(ours, theirs)

    monkeypatch.setattr("functions.webhook.signing.hmac.compare_digest", compare)
    assert genuine(SPACED, sign(SPACED), [KEY.encode(), OLD.encode()])
    assert len(compared) == 2


def test_without_a_key_nobody_comes_in() -> None:
    assert not genuine(SPACED, sign(SPACED, ""), [])


@dataclass
class Secret:
    """What the app's secret holds, and how often it was read."""

    keys: object
    at: float = 1000.0
    reads: list[float] = field(default_factory=list)

    def read(self) -> object:
        self.reads.append(self.at)
        return self.keys

    def ring(self) -> KeyRing:
        return KeyRing(self.read, lambda: self.at)


def test_two_keys_are_accepted_while_they_are_changed_and_a_removed_one_is_dead_within_a_minute() -> None:
    """WH-1: without a deployment"""
    secret = Secret([KEY, OLD])
    ring = secret.ring()
    assert ring.opens(SPACED, sign(SPACED)) and ring.opens(SPACED, sign(SPACED, OLD))
    assert len(secret.reads) == 1

    secret.keys = [KEY]
    secret.at += HOLDS - 1
    assert ring.opens(SPACED, sign(SPACED, OLD))
    secret.at += 1
    assert not ring.opens(SPACED, sign(SPACED, OLD)) and ring.opens(SPACED, sign(SPACED))


def test_a_key_that_was_just_set_works_at_once() -> None:
    """The portal's handshake follows within seconds of pasting the key, and must not fail for a minute."""
    secret = Secret([])
    ring = secret.ring()
    assert not ring.opens(SPACED, sign(SPACED))

    secret.keys = [KEY]
    secret.at += LOOKS_AGAIN
    assert ring.opens(SPACED, sign(SPACED))


def test_a_flood_of_bad_signatures_reads_the_secret_now_and_then_only() -> None:
    secret = Secret([KEY])
    ring = secret.ring()
    for _ in range(100):
        assert not ring.opens(SPACED, "bad")
        secret.at += LOOKS_AGAIN / 50

    assert len(secret.reads) <= 3


@pytest.mark.parametrize("keys", [None, "key", {}, [], [""], [" "], [None, 7, {}], 7])
def test_what_is_no_key_opens_nothing(keys: object) -> None:
    ring = Secret(keys).ring()
    for guess in ("", " ", "key", "None", "7"):
        assert not ring.opens(SPACED, sign(SPACED, guess))


def test_keys_may_stand_with_spaces_around_them_as_pasted() -> None:
    assert Secret([f" {KEY}\n"]).ring().opens(SPACED, sign(SPACED))
