"""Who unsubscribed is left out, every mail can be unsubscribed from by one click, and none of it is a failure."""

from __future__ import annotations

import pytest

from ledgercast.domain.recipients import address_hash
from ledgercast.store.optouts import OptOuts, Subscription
from tests.service.deliver.world import ADDRESSES, World

MAIL = "d-mail"
ANN, BO = (address_hash(address) for address in ADDRESSES)


@pytest.fixture
def opt_outs(world: World) -> OptOuts:
    return world.have.opt_outs(world.workspace)


def out(world: World, *hashes: str) -> None:
    for one in hashes:
        world.have.opt_outs(world.workspace).opt_out(Subscription(world.workspace, "p-1", one), world.clock())


def test_every_mail_carries_its_own_one_click_link_in_header_and_text(world: World, opt_outs: OptOuts) -> None:
    world.finish(MAIL)

    links = [str(mail["List-Unsubscribe"]) for mail in world.mails()]
    assert len(set(links)) == 2
    for mail, link, address in zip(world.mails(), links, (ANN, BO), strict=True):
        assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
        assert link.startswith("<https://ledger.example/unsubscribe/") and link.endswith(">")
        token = link.removesuffix(">").rpartition("/")[2]
        assert opt_outs.find(token) == Subscription(world.workspace, "p-1", address)
        for kind in ("plain", "html"):
            part = mail.get_body((kind,))
            assert part and token in part.get_content()


def test_the_link_of_a_pulse_and_an_address_stays_the_same(opt_outs: OptOuts) -> None:
    first = opt_outs.token("p-1", "Ann@firm.example")

    assert opt_outs.token("p-1", " ann@FIRM.example") == first
    assert len({first, opt_outs.token("p-2", "ann@firm.example"), opt_outs.token("p-1", "bo@firm.example")}) == 3
    assert len(first) == 22, "128 bits"


def test_who_has_unsubscribed_is_left_out_and_noted_and_the_rest_is_complete(world: World) -> None:
    out(world, ANN)

    answer = world.finish(MAIL)

    assert (answer["status"], answer["complete"], answer["reason"]) == ("sent", True, None)
    assert answer["parts"] == {BO: "sent"}
    assert [str(mail["To"]) for mail in world.mails()] == [ADDRESSES[1]]
    row = next(row for row in world.rows() if row["part"] == ANN)
    assert (row["status"], row["reason"]) == ("refused", "deliver.opted_out")


def test_when_everybody_has_the_owner_is_told_that_nobody_is_left(world: World) -> None:
    out(world, ANN, BO)

    answer = world.finish(MAIL)

    assert (answer["status"], answer["reason"]) == ("failed", "deliver.nobody_left")
    assert world.mails() == []


def test_who_unsubscribed_from_another_pulse_still_gets_this_one(world: World) -> None:
    world.have.opt_outs(world.workspace).opt_out(Subscription(world.workspace, "p-2", ANN), world.clock())

    assert world.finish(MAIL)["parts"] == {ANN: "sent", BO: "sent"}


def test_opting_out_and_in_again_is_remembered_with_its_time(world: World, opt_outs: OptOuts) -> None:
    ann = Subscription(world.workspace, "p-1", ANN)

    assert opt_outs.opt_out(ann, world.clock()) and not opt_outs.opt_out(ann, world.clock())
    assert opt_outs.of_pulse("p-1") == {ANN: int(world.clock().timestamp())}
    assert opt_outs.is_out(ann)
    assert opt_outs.opt_in(ann) and not opt_outs.opt_in(ann)
    assert opt_outs.of_pulse("p-1") == {}


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "../../etc/passwd", "A" * 10_000, "é" * 22])
def test_no_other_token_means_anything(opt_outs: OptOuts, token: str) -> None:
    assert opt_outs.find(token) is None


def test_a_token_of_another_workspace_means_nothing_here(world: World, opt_outs: OptOuts) -> None:
    token = world.have.opt_outs("another").token("p-1", ADDRESSES[0])

    assert opt_outs.find(token) is None
