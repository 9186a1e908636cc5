"""MF-4 as two simulations: somebody who guesses, and somebody who wants to keep the owner of an account out."""

from __future__ import annotations

from datetime import timedelta

from functions.mfa.check import CLIENT_CODES
from tests.service.mfa.world import Phone, Place
from tests.service.web.browser import Browser

VERIFY = "/security/totp/verify"


def guesser(here: Place, number: int = 0) -> Browser:
    """Somebody with a sign-in link of this account, at some address of many."""
    return here.signed_in(address=f"198.51.100.{number}")


def tried(here: Place, browser: Browser, phone: Phone) -> bool:
    """Whether a wrong code was looked at; otherwise it was only told to wait."""
    answer = browser.post(VERIFY, code=phone.wrong())
    assert answer.status in (422, 429) and answer.alert
    assert (answer.status == 429) == ("Retry-After" in answer.headers)
    return answer.status == 422


def test_guessing_for_a_day_gets_a_hundred_codes_looked_at_mf_4(here: Place) -> None:
    # given somebody who has the link, any number of addresses, and a day
    _, phone, _ = here.protected()
    ends, looked_at = here.clock.time + timedelta(days=1), 0
    while here.clock.time < ends:
        # when each time, with a new session from another address, they try the moment they may again
        answer = guesser(here, looked_at % 250).post(VERIFY, code=phone.wrong())
        looked_at += answer.status == 422
        here.clock.advance(seconds=900 if looked_at > 12 else int(answer.headers.get("Retry-After", 0)))
    # then, with two codes of a million good at a time, less than one guesser in 4,000 gets in
    assert 50 < looked_at < 125
    assert looked_at * 2 / 1_000_000 < 1 / 4_000


def test_a_thousand_at_once_are_no_way_around_mf_4(here: Place) -> None:
    _, phone, _ = here.protected()
    looked_at = sum(tried(here, guesser(here, number), phone) for number in range(40))
    assert looked_at == 5


def test_the_wait_doubles_up_to_a_quarter_of_an_hour_mf_4(here: Place) -> None:
    _, phone, _ = here.protected()
    person, waits = guesser(here), []
    for _ in range(5):
        assert tried(here, person, phone)
    for _ in range(8):
        refused = person.post(VERIFY, code=phone.wrong())
        waits.append(int(refused.headers["Retry-After"]))
        here.clock.advance(seconds=waits[-1])
        person = guesser(here)
        assert tried(here, person, phone)
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_nobody_is_locked_out_for_good_mf_4(here: Place) -> None:
    # given a guesser who went as far as one can, for hours
    _, phone, _ = here.protected()
    for _ in range(30):
        tried(here, guesser(here), phone)
        here.clock.advance(minutes=10)
    # when they stop, the owner of the account is in after a quarter of an hour at most
    here.clock.advance(minutes=15)
    assert here.signed_in().post(VERIFY, code=phone.code()).status == 303
    # and from then on nothing is left of it
    here.machine.next_step()
    assert here.signed_in().post(VERIFY, code=phone.wrong()).status == 422


def test_a_stranger_without_the_link_slows_nobody_mf_4(here: Place) -> None:
    # given a stranger who knows the address of an account, and tries it thousandfold
    _, phone, _ = here.protected()
    stranger = here.browser("198.51.100.1")
    other, _, _ = here.protected("mallory@example.com", address="198.51.100.1")
    for _ in range(35):
        stranger.post(VERIFY, code="000000", email="ada@example.com", member=here.member().id)
        other.post("/security/totp/disable", code="000000", member=here.member().id)
    # then the owner of the account comes in at once
    assert here.signed_in().post(VERIFY, code=phone.code()).status == 303


def test_somebody_with_the_link_slows_nobody_who_is_signed_in_mf_4(here: Place) -> None:
    person, phone, _ = here.protected()
    for number in range(20):
        tried(here, guesser(here, number), phone)
    assert here.session(person) is not None
    assert person.post("/security/backup-codes", code=phone.code()).status == 200


def test_a_backup_code_passes_while_the_account_waits_mf_4(here: Place) -> None:
    # given somebody who holds the link and keeps the account waiting
    _, phone, backup = here.protected()
    for number in range(20):
        tried(here, guesser(here, number), phone)
    # then its owner, who must wait with a code, is in with a backup code
    person = here.signed_in()
    assert person.post(VERIFY, code=phone.code()).status == 429
    assert person.post(VERIFY, code=backup[0]).status == 303


def test_wrong_backup_codes_are_counted_like_others_mf_4(here: Place) -> None:
    here.protected()
    made_up = "-".join(["AAAA"] * 6)
    answers = [guesser(here, number).post(VERIFY, code=made_up).status for number in range(8)]
    assert answers == [422] * 5 + [429] * 3


def test_one_address_tries_so_many_codes_of_however_many_accounts_mf_4(here: Place) -> None:
    # given one address and the links of many accounts
    accounts = [f"person-{number}@example.com" for number in range(12)]
    for email in accounts:
        here.member(email)
        here.edge.members.update(here.member(email).id, {"totp": "on", "seed": b"", "backup": []})
    answers = []
    for number in range(CLIENT_CODES + 10):
        person = here.signed_in(accounts[number % len(accounts)], address="198.51.100.1")
        answers.append(person.post(VERIFY, code="-".join(["AAAA"] * 6)).status)
    assert answers == [422] * CLIENT_CODES + [429] * 10
    # then another address is free, and this one too when its quarter of an hour is over
    assert here.signed_in(accounts[0]).post(VERIFY, code="-".join(["AAAA"] * 6)).status == 422
    here.clock.advance(minutes=15)
    person = here.signed_in(accounts[1], address="198.51.100.1")
    assert person.post(VERIFY, code="-".join(["AAAA"] * 6)).status == 422


def test_unfit_codes_cost_no_try_mf_4(here: Place) -> None:
    _, phone, _ = here.protected()
    person = here.signed_in()
    for _ in range(20):
        assert person.post(VERIFY, code="12345").status == 422
    assert person.post(VERIFY, code=phone.code()).status == 303


def test_first_codes_of_a_set_up_are_slowed_down_too_mf_4(here: Place) -> None:
    person = here.signed_in()
    phone = here.phone(person.get("/security/mfa-required"))
    answers = [person.post("/security/totp/confirm", code=phone.wrong()).status for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2
    here.clock.advance(seconds=30)
    assert person.post("/security/totp/confirm", code=phone.code()).status == 200


def test_failures_are_noted_without_the_code_and_a_flood_of_them_once_mf_4_lg_2(here: Place) -> None:
    _, phone, _ = here.protected()
    wrong = phone.wrong()
    for number in range(40):
        guesser(here, number).post(VERIFY, code=wrong)
    noted = [act for act in here.web.acts() if act.startswith("totp.refused")]
    assert noted == ["totp.refused wrong_code"] * 5 + ["totp.refused throttled"]
    assert f'"{wrong}"' not in here.everything_stored().replace("'", '"')
    entries, _ = here.edge.audit.newest(1)
    assert (entries[0].actor, entries[0].origin) == (here.member().id, "198.51.100.5")
