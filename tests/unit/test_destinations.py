"""What is chosen, typed or pasted becomes a destination, or a refusal in words of its own (DL-1)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ledgercast.destinations import MOST_ADDRESSES, MOST_DESTINATIONS, Destinations, Refusal, refused_at_send
from ledgercast.domain.pulses import Destination
from ledgercast.domain.sending import Limited, NotSent, Unclear
from ledgercast.domain.workspace import PUBLIC_DOMAINS, Settings, own_domains
from ledgercast.slack.channels import Channel
from ledgercast.slack.finding import SlackRefused, pasted_id
from ledgercast.store.installs import Install

HOME = Install("T1", "Acme", "U1", "A1", "secret", (), "connected")
FINANCE = Channel("C0FINANCE01", "finance", private=False, member=True, archived=False, shared=False)
OPEN = Settings(mail_domains=("firm.example",))


@dataclass
class Slack:
    """Some channels; `refusal` is what is said instead. `asked` counts."""

    channels: Sequence[Channel] = (FINANCE,)
    refusal: str = ""
    asked: list[str] = field(default_factory=list)

    def search(self, words: str, cursor: str) -> tuple[Sequence[Channel], str]:
        raise AssertionError("nothing is searched here")

    def look_up(self, channel: str) -> Channel | None:
        self.asked.append(channel)
        if self.refusal:
            raise SlackRefused(self.refusal)
        return next((one for one in self.channels if one.id == channel), None)


def rules(slack: Slack | None = None, settings: Settings = OPEN, installs: Sequence[Install] = (HOME,)) -> Destinations:
    return Destinations(settings, installs, lambda _install: slack or Slack())


def refusal(given: object, name: str) -> str:
    assert isinstance(given, Refusal), given
    assert given.field == name
    return given.message


@pytest.mark.parametrize(
    "text",
    [
        "C0FINANCE01",
        " C0FINANCE01\n",
        "https://acme.slack.com/archives/C0FINANCE01",
        "https://acme.slack.com/archives/C0FINANCE01/p1764061200000100?thread_ts=1",
        "https://app.slack.com/client/T0ACME001/C0FINANCE01",
        "https://app.slack.com/client/E0ACME001/C0FINANCE01/thread/C0FINANCE01-1",
    ],
)
def test_an_id_or_a_link_is_the_channel_with_its_workspace_and_name(text: str) -> None:
    assert rules().check_slack(text) == Destination(
        "C0FINANCE01", "slack", channel="C0FINANCE01", install="T1", channel_name="finance"
    )


def test_each_case_of_slacks_has_words_of_its_own() -> None:
    def said(settings: Settings = OPEN, **changes: Any) -> str:
        return refusal(rules(Slack([replace(FINANCE, **changes)]), settings).check_slack("C0FINANCE01"), "channel")

    words = [
        said(archived=True),
        said(private=True, member=False),
        said(shared=True),
        said(replace(OPEN, own_channels=False)),
        refusal(rules(Slack([])).check_slack("C0FINANCE01"), "channel"),
        refusal(rules(installs=[]).check_slack("C0FINANCE01"), "channel"),
        refusal(rules(installs=[replace(HOME, state="broken")]).check_slack("C0FINANCE01"), "channel"),
        refusal(rules(Slack(refusal="Slack cannot be asked just now.")).check_slack("C0FINANCE01"), "channel"),
        refusal(rules().check_slack(""), "channel"),
        refusal(rules().check_slack("#finance"), "channel"),
        refusal(rules().check_slack("D0123456789"), "channel"),
    ]

    assert len(set(words)) == len(words)
    told = ("archived", "/invite @Ledgercast", "another company", "allow it under Settings", "no channel C0FINANCE01")
    for part, sentence in zip(told, words, strict=False):
        assert part in sentence


@pytest.mark.parametrize("text", ["finance", "#finance", "C1; DROP", "https://evil.example/C0FINANCE01", "C" * 10_000])
def test_a_name_or_anything_else_is_never_taken_for_an_id_and_slack_is_not_asked(text: str) -> None:
    slack = Slack()

    assert "not a channel's id" in refusal(rules(slack).check_slack(text), "channel")
    assert slack.asked == []


def test_a_shared_channel_takes_an_owner_who_knew_that_it_is_shared() -> None:
    shared = Slack([replace(FINANCE, shared=True)])
    listed = replace(OPEN, slack_channels=("C0FINANCE01",))

    assert "another company" in refusal(rules(shared, listed).check_slack("C0FINANCE01"), "channel")
    confirmed = replace(listed, shared_channels=("C0FINANCE01",))
    assert isinstance(rules(shared, confirmed).check_slack("C0FINANCE01"), Destination)


def test_with_own_channels_off_the_list_alone_opens() -> None:
    closed = replace(OPEN, own_channels=False)

    assert isinstance(rules(settings=closed).check_slack("C0FINANCE01"), Refusal)
    assert isinstance(
        rules(settings=replace(closed, slack_channels=("C0FINANCE01",))).check_slack("C0FINANCE01"), Destination
    )


def test_of_two_workspaces_the_one_that_has_the_channel_is_found_or_the_one_that_was_named() -> None:
    other = replace(HOME, id="T2", team_name="Other")
    ours = Destinations(OPEN, [HOME, other], lambda one: Slack([FINANCE] if one.id == "T2" else []))

    found = ours.check_slack("C0FINANCE01")
    assert isinstance(found, Destination) and found.install == "T2"
    assert isinstance(ours.check_slack("C0FINANCE01", "T1"), Refusal)
    assert "not connected" in refusal(ours.check_slack("C0FINANCE01", "T9"), "channel")


def test_addresses_are_taken_as_people_paste_them_and_each_once() -> None:
    text = '"Doe, Ann" <ann@firm.example>; bo@firm.example,\n\n ANN@Firm.Example  Cy <cy@firm.example>,'

    found = rules().check_addresses(text)

    assert found == Destination("email", "email", addresses=("ann@firm.example", "bo@firm.example", "cy@firm.example"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at least one"),
        (" ,;\n", "at least one"),
        ("ann", "has no @"),
        ("ann@firm.example, bo", "“bo”"),
        ("ann@firm", "such as name@example.com"),
        ("ann@@firm.example", "such as name@example.com"),
        ("ann@[127.0.0.1]", "such as name@example.com"),
        ("ann@fіrm.example", "plain letters"),
        ("ann@firm.example\u200b", "plain letters"),
        (f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}.example", "longer than"),
        ("a" * 10_001, "too much text"),
        ("<script>alert(1)</script>@firm.example", "“script”"),
        (",".join(["a <"] * 2000), "“a”"),
        ("Doe, Ann <ann@firm.example>", "“Doe”"),
    ],
)
def test_what_is_no_address_is_told_with_what_is_wrong(text: str, said: str) -> None:
    assert said in refusal(rules().check_addresses(text), "addresses")


def test_too_many_addresses_are_refused_and_the_most_are_taken() -> None:
    many = [f"a{n}@firm.example" for n in range(MOST_ADDRESSES + 1)]

    assert str(MOST_ADDRESSES) in refusal(rules().check_addresses("\n".join(many)), "addresses")
    assert isinstance(rules().check_addresses("\n".join(many[1:])), Destination)


def test_domains_that_are_not_allowed_are_named_together_dl_1() -> None:
    said = refusal(rules().check_addresses("a@firm.example b@evil.example c@sub.firm.example"), "addresses")

    assert "evil.example, sub.firm.example" in said
    assert "under Settings" in said
    closed = refusal(rules(settings=Settings()).check_addresses("a@firm.example"), "addresses")
    assert "firm.example" in closed


def test_a_whole_pulse_is_checked_and_the_wrong_one_is_named_by_its_place() -> None:
    slack, mail = {"kind": "slack", "channel": "C0FINANCE01"}, {"kind": "email", "addresses": ["ann@firm.example"]}

    good = rules().check([slack, mail, {"kind": "email", "addresses": "bo@firm.example"}])
    assert isinstance(good, tuple)
    assert [one.id for one in good] == ["C0FINANCE01", "email", "email-2"]
    bad = rules().check([slack, {"kind": "email", "addresses": ["ann"]}])
    assert isinstance(bad, Refusal) and (bad.field, bad.index) == ("addresses", 1)
    for wanted, field_name in (
        ([], "destinations"),
        ([{"kind": "fax"}], "destinations"),
        ([slack, slack], "channel"),
        ([mail, mail], "addresses"),
        ([mail] * (MOST_DESTINATIONS + 1), "destinations"),
        ([{"kind": "slack", "channel": {"$ne": ""}}], "channel"),
        ([{"kind": "email", "addresses": 7}], "addresses"),
    ):
        refusal(rules().check(wanted), field_name)


def test_what_stays_of_a_pulse_keeps_its_id_and_what_is_new_gets_one_that_nobody_had() -> None:
    """The ledger remembers by these ids what a slot was sent: an edit must not send it again (RL-1)."""
    before = (Destination("slack", "slack", channel="C0FINANCE01"), Destination("email", "email", addresses=("a@b.c",)))
    board = replace(FINANCE, id="C0BOARD0001", name="board")
    ours = rules(Slack([FINANCE, board]))
    finance, other = {"kind": "slack", "channel": "C0FINANCE01"}, {"kind": "slack", "channel": "C0BOARD0001"}

    kept = ours.check([other, finance, {"kind": "email", "addresses": ["ann@firm.example"]}], before)

    assert isinstance(kept, tuple)
    assert [one.id for one in kept] == ["C0BOARD0001", "slack", "email"]


@pytest.mark.parametrize(
    ("changes", "settings", "code"),
    [
        ({}, OPEN, None),
        ({"archived": True}, OPEN, "slack.is_archived"),
        ({"shared": True}, OPEN, "deliver.shared_channel"),
        ({"shared": True}, replace(OPEN, slack_channels=("C0FINANCE01",)), "deliver.shared_channel"),
        ({"shared": True}, Settings(slack_channels=("C0FINANCE01",), shared_channels=("C0FINANCE01",)), None),
        ({"shared": True}, Settings(shared_channels=("C0FINANCE01",)), "deliver.shared_channel"),
        ({}, replace(OPEN, own_channels=False), "deliver.not_allowed"),
        ({}, Settings(own_channels=False, slack_channels=("C0FINANCE01",)), None),
    ],
)
def test_at_send_the_channel_is_looked_at_again_dl_1(
    changes: dict[str, Any], settings: Settings, code: str | None
) -> None:
    assert refused_at_send("C0FINANCE01", settings, Slack([replace(FINANCE, **changes)]).look_up) == code


def test_at_send_no_answer_is_no_yes_dl_1() -> None:
    for error in (NotSent("slack.missing_scope"), Limited("slack.ratelimited", 3), Unclear("timeout")):

        def failing(_channel: str, error: Exception = error) -> Channel | None:
            raise error

        with pytest.raises(type(error)):
            refused_at_send("C0FINANCE01", OPEN, failing)
    assert refused_at_send("C0FINANCE01", OPEN, Slack([]).look_up) == "slack.channel_not_found"


def test_at_send_a_name_is_refused_before_slack_is_asked() -> None:
    slack = Slack()

    assert refused_at_send("#finance", OPEN, slack.look_up) == "deliver.not_allowed"
    assert slack.asked == []


def test_to_begin_with_the_owners_domain_is_open_unless_it_is_everybodys() -> None:
    assert own_domains("Owner@Firm.Example") == ("firm.example",)
    assert own_domains("") == own_domains("nonsense") == ()
    assert all(own_domains(f"owner@{one}") == () for one in PUBLIC_DOMAINS)


def test_a_list_that_an_owner_emptied_stays_empty_dl_1() -> None:
    assert Settings.from_item({}, ("firm.example",)).mail_domains == ("firm.example",)
    assert Settings.from_item({"mail_domains": []}, ("firm.example",)).mail_domains == ()


def test_a_link_of_another_site_is_no_channel_of_ours() -> None:
    assert pasted_id("https://app.slack.com/client/T0ACME001") is None
    assert pasted_id("CHANNELNAME") is None


@pytest.mark.parametrize("piece", ["a", " ", "\n", '"', "<", ">", ",", '"a" <', "a<\n", "\t", "é"])
def test_no_text_takes_long_to_read(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    began = time.process_time()

    rules().check_addresses(text)

    assert time.process_time() - began < 0.5
