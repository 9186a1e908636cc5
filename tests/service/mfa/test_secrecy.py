"""MF-1, MF-5 and LG-1: where a seed and a code may be seen, which is on one page, once, and nowhere else."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.mfa.seals import Seals
from tests.service.mfa.world import Place, backup_codes_of, secret_of

THEIRS = ("botocore", "boto3", "urllib3", "moto", "responses")
"""In a function these are at the root's level, WARNING; only ours follow POWERTOOLS_LOG_LEVEL."""


def forms_of(secret: str) -> list[str]:
    """A secret of base 32 as it may turn up: as text, as the bytes' own representations, as hex and base 64."""
    raw = base64.b32decode(secret)
    return [secret, repr(raw)[2:-1], raw.hex(), base64.b64encode(raw).decode()]


def test_no_seed_or_code_is_logged_at_debug_or_stored_in_clear_lg_1(
    here: Place, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mfa").setLevel(logging.DEBUG)
    planted: dict[str, list[str]] = {}
    # when somebody sets it up, mistypes, uses codes of every kind, changes, meets a fault and turns it off
    person = here.signed_in()
    page = person.get("/security/mfa-required?next=/oauth/xero/start")
    phone = here.phone(page)
    planted["seed"] = forms_of(secret_of(page))
    planted["wrong code"] = [phone.wrong()]
    person.post("/security/totp/confirm", code=phone.wrong())
    done = person.post("/security/totp/confirm", code=phone.code())
    planted["first code"] = [phone.code()]
    for number, code in enumerate(backup_codes_of(done)):
        planted[f"backup code {number}"] = [code, *forms_of(code.replace("-", ""))]
    here.machine.next_step()
    half = here.signed_in()
    half.post("/security/totp/verify", code="-".join(["AAAA"] * 6))
    half.post("/security/totp/verify", code=backup_codes_of(done)[0])
    planted["used code"] = [phone.code()]
    here.signed_in().post("/security/totp/verify", code=phone.code())
    here.machine.next_step()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(here.kms, "decrypt", _failing_with(secret_of(page)))
        assert person.post("/security/backup-codes", code=phone.code()).status == 500
    new = backup_codes_of(person.post("/security/backup-codes", code=phone.code()))
    planted["new backup code"] = [new[0], *forms_of(new[0].replace("-", ""))]
    # then no log, no row and no error has any of it
    ours = "\n".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if not record.name.startswith(THEIRS)
    )
    out = capsys.readouterr()
    assert "answered" in ours and "failed" in ours
    for name, values in planted.items():
        for value in values:
            assert value not in ours + out.out + out.err, name
            if len(value) > 6:
                assert value not in here.everything_stored(), name
    entries, _ = here.edge.audit.newest(100)
    said = {word for entry in entries for word in (entry.act, entry.actor, entry.origin, entry.subject, entry.outcome)}
    assert not said & {value for values in planted.values() for value in values}


def test_nothing_that_holds_a_secret_shows_it_when_it_is_printed_lg_1(here: Place) -> None:
    here.protected()
    factor = here.deps.factors.read(here.member().id)
    assert repr(factor.seed) not in repr(factor) and factor.backup[0] not in repr(factor)


def test_pages_after_the_first_show_neither_seed_nor_backup_codes_mf_5(here: Place) -> None:
    person = here.signed_in()
    page = person.get("/security/mfa-required")
    phone = here.phone(page)
    shown = person.post("/security/totp/confirm", code=phone.code())
    assert shown.headers["Cache-Control"] == "no-store"
    secrets = [secret_of(page), *backup_codes_of(shown)]
    here.machine.next_step()
    half = here.signed_in()
    later = [
        person.get("/security/mfa-required"),
        person.post("/security/totp/disable", code="000000"),
        person.post("/security/totp/enrol", code="000000"),
        person.post("/security/totp/confirm", code="000000"),
        half.post("/security/totp/verify", code="000000"),
        person.post("/security/backup-codes", code=phone.code()),
    ]
    for answer in later:
        assert answer.status < 500
        assert not any(secret in answer.body for secret in secrets)


def test_a_code_that_was_typed_comes_back_in_no_page(here: Place) -> None:
    person, phone, backup = here.protected()
    half = here.signed_in()
    for typed in (phone.wrong(), "<b>12345</b>", backup[0] + "A"):
        for answer in (
            half.post("/security/totp/verify", code=typed),
            person.post("/security/totp/disable", code=typed),
            person.post("/security/backup-codes", code=typed),
            person.post("/security/totp/enrol", code=typed),
        ):
            assert answer.status in (422, 429) and typed not in answer.body


def test_a_seed_opens_for_its_own_member_alone_mf_1(here: Place) -> None:
    here.protected()
    factor = here.deps.factors.read(here.member().id)
    own = Seals(here.kms, here.key, "main")
    assert len(own.open(factor.member, factor.seed)) == 20
    with pytest.raises(ClientError):
        own.open("m-other", factor.seed)
    with pytest.raises(ClientError):
        Seals(here.kms, here.key, "another").open(factor.member, factor.seed)


def test_a_row_copied_to_another_member_opens_nothing_mf_1(here: Place) -> None:
    # given somebody who can write to the table, and puts their own seed into another's row
    _, phone, backup = here.protected("mallory@example.com")
    here.protected()
    theirs = here.row("mallory@example.com")
    stolen = {"seed": theirs["seed"], "backup": theirs["backup"], "last_step": 0}
    assert here.edge.members.update(here.member().id, stolen)
    # then neither their phone nor their backup codes open it
    half = here.signed_in()
    assert half.post("/security/totp/verify", code=phone.code()).status == 500
    assert half.post("/security/totp/verify", code=backup[0]).status == 422
    assert here.session(half).stage == "link"


def test_the_stored_form_of_backup_codes_is_a_hash_mf_5(here: Place) -> None:
    _, _, backup = here.protected()
    kept = here.row()["backup"]
    assert len(kept) == 10 and all(len(one) == 64 and int(one, 16) for one in kept)
    assert len({code.replace("-", "") for code in backup}) == 10
    assert all(len(base64.b32decode(code.replace("-", ""))) * 8 >= 112 for code in backup)


def _failing_with(words: str) -> Any:
    def fails(**given: Any) -> Any:
        raise RuntimeError(f"the key service said {words} {given}")

    return fails
