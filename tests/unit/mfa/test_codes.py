"""What may be typed into a field `code`, and how backup codes are made and kept."""

from __future__ import annotations

import base64
import os

import pytest

from functions.mfa import codes

PLAIN = "B7B2HJD5I5HEZH6KFQBJ2ADQ"


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "1 2 3 4 5 6"])
def test_six_digits_are_a_one_time_code_however_they_are_spaced(typed: str) -> None:
    assert codes.one_time_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "１２３４５６", "-123456-7", PLAIN])
def test_nothing_else_is_a_one_time_code(typed: str) -> None:
    assert codes.one_time_code(typed) is None


@pytest.mark.parametrize(
    "typed", [PLAIN, "B7B2-HJD5-I5HE-ZH6K-FQBJ-2ADQ", "b7b2 hjd5 i5he zh6k fqbj 2adq", "87b2-hjd5-15he-zh6k-fqbj-2adq"]
)
def test_a_backup_code_is_read_in_any_form_and_with_misread_letters(typed: str) -> None:
    assert codes.backup_code(typed) == PLAIN


@pytest.mark.parametrize("typed", ["", PLAIN[:-1], PLAIN + "A", "123456", PLAIN.replace("B", "ß"), "9" * 24])
def test_nothing_else_is_a_backup_code(typed: str) -> None:
    assert codes.backup_code(typed) is None


def test_ten_backup_codes_of_120_bits_each_mf_5() -> None:
    asked: list[int] = []

    def entropy(size: int) -> bytes:
        asked.append(size)
        return os.urandom(size)

    made = codes.new_backup_codes(entropy)
    assert len(set(made)) == 10
    assert asked == [15] * 10
    assert 15 * 8 >= 112
    assert all(len(base64.b32decode(code.replace("-", ""))) == 15 for code in made)


def test_only_hashes_are_kept_and_each_is_its_members_own_mf_5() -> None:
    made = codes.new_backup_codes(os.urandom)
    kept = codes.hashed(made, "m-1")
    assert all(len(one) == 64 for one in kept)
    assert not any(code in "".join(kept) for code in made)
    assert codes.hash_among(codes.backup_code(made[3]) or "", "m-1", kept) == kept[3]
    assert codes.hash_among(codes.backup_code(made[3]) or "", "m-2", kept) is None
    assert codes.hash_among(PLAIN, "m-1", kept) is None
