"""The workspace's time zone, and who may be written to: its own to begin with, all others when an owner says so."""

from __future__ import annotations

import html
import re
import threading

import pytest

from functions.console.settings import DONE
from ledgercast.domain.recipients import address_allowed
from ledgercast.domain.workspace import MOST_DOMAINS, Settings, mail_domain
from ledgercast.slack.channels import Channel
from tests.service.console.pages import HOSTILE, TEAM, Pages, assert_inert, furnish
from tests.service.console.world import Console

PICKER = f"/settings/slack/{TEAM}/channels"


def channel(n: int, name: str, **more: bool) -> Channel:
    given = {"private": False, "member": True, "archived": False, "shared": False, **more}
    return Channel(id=f"C{n:09d}", name=name, **given)


@pytest.fixture
def pages(desk: Console) -> Pages:
    made = furnish(desk)
    made.install()
    made.slack.channels = [channel(n, name) for n, name in enumerate(("finance", "board", "sales", "final-accounts"))]
    return made


def kept(pages: Pages) -> Settings:
    return pages.desk.deps.settings.get()


def test_at_first_the_owners_domain_and_the_workspaces_own_channels_are_open_and_nothing_else_dl_1(
    pages: Pages,
) -> None:
    assert kept(pages) == Settings("UTC", ("example.com",), (), {}, own_channels=True, shared_channels=())
    body = pages.person().get("/settings").body
    assert "<b>example.com</b>" in body
    assert 'name="own" value="yes" checked' in body


def test_a_default_that_was_taken_off_stays_off_dl_1(pages: Pages) -> None:
    owner = pages.person()
    owner.post("/settings/mail-domains/remove", domain="example.com")
    assert kept(pages).mail_domains == ()
    assert "no figures are sent by mail" in owner.get("/settings").body


def test_the_workspaces_own_channels_are_closed_and_opened_again(pages: Pages) -> None:
    owner = pages.person()
    assert owner.post("/settings/own-channels", own="no").location == "/settings?done=own_channels_off"
    assert not kept(pages).own_channels
    body = owner.get("/settings?done=own_channels_off").body
    assert "nothing is sent to Slack" in body and 'name="own" value="no" checked' in body
    assert "Allow<span" in owner.get(PICKER).body
    owner.post("/settings/own-channels", own="yes")
    assert kept(pages).own_channels
    assert pages.desk.web.acts()[-2:] == ["settings.changed off", "settings.changed on"]


@pytest.mark.parametrize("own", ["", "maybe", "x" * 10_000])
def test_any_other_answer_changes_nothing(pages: Pages, own: str) -> None:
    answer = pages.person().post("/settings/own-channels", own=own)
    assert (answer.status, "Channels" in answer.alert) == (422, True)
    assert kept(pages).own_channels


def test_in_the_list_only_what_is_not_open_can_be_allowed(pages: Pages) -> None:
    pages.slack.channels = [channel(1, "finance"), channel(2, "with-auditors", shared=True)]
    body = pages.person().get(PICKER).body
    assert body.count("May be written to") == 1 and body.count("Allow<span") == 1


def test_a_time_zone_is_chosen_from_the_known_ones(pages: Pages) -> None:
    owner = pages.person()
    assert owner.post("/settings/timezone", timezone="Europe/London").location == "/settings?done=timezone"
    assert kept(pages).timezone == "Europe/London"
    answer = owner.get("/settings?done=timezone")
    assert '<option value="Europe/London" selected>London</option>' in answer.body
    assert DONE["timezone"] in answer.body


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "europe/london", "posixrules", "x" * 10_000])
def test_any_other_time_zone_is_refused_in_words(pages: Pages, zone: str) -> None:
    answer = pages.person().post("/settings/timezone", timezone=zone)
    assert (answer.status, answer.alert[:9]) == (422, "Time zone")
    assert kept(pages).timezone == "UTC"


def test_a_domain_is_allowed_and_taken_off_again(pages: Pages) -> None:
    owner = pages.person()
    owner.post("/settings/mail-domains", domain=" Finance@Example.COM ")
    owner.post("/settings/mail-domains", domain="example.org")
    owner.post("/settings/mail-domains", domain="example.org")
    assert kept(pages).mail_domains == ("example.com", "example.org")
    assert address_allowed("ada@example.com", kept(pages).mail_domains)
    assert not address_allowed("ada@sub.example.com", kept(pages).mail_domains)
    owner.post("/settings/mail-domains/remove", domain="example.com")
    assert kept(pages).mail_domains == ("example.org",)
    assert pages.desk.web.acts()[-2:] == ["settings.changed added", "settings.changed removed"]


BAD = ["", "example", "exa mple.com", "exämple.com", "xn--.com", "-a.com", "a..b", "*.com", "1.2.3.4", "x" * 10_000]


@pytest.mark.parametrize("domain", BAD)
def test_what_is_no_plain_domain_is_refused_and_stays_in_the_field_dl_1(pages: Pages, domain: str) -> None:
    answer = pages.person().post("/settings/mail-domains", domain=domain)
    assert (answer.status, answer.alert[:6]) == (422, "Domain")
    found = re.search(r'name="domain" type="text" value="([^"]*)"', answer.body)
    assert found and html.unescape(found[1]) == domain[:304]
    assert kept(pages).mail_domains == ("example.com",)


@pytest.mark.parametrize("text", ["example.com@evil.example", "a@b@example.com", "example.com.", "EXAMPLE.com"])
def test_what_is_pasted_means_the_domain_at_its_end(text: str) -> None:
    assert mail_domain(text) == ("evil.example" if "evil" in text else "example.com")


def test_the_list_of_domains_has_an_end(pages: Pages) -> None:
    many = [f"d{n}.example.com" for n in range(MOST_DOMAINS)]
    pages.desk.deps.settings.change(lambda _: {"mail_domains": many})
    answer = pages.person().post("/settings/mail-domains", domain="one-more.example")
    assert answer.status == 422 and str(MOST_DOMAINS) in answer.alert
    assert len(kept(pages).mail_domains) == MOST_DOMAINS


def test_of_two_changes_at_once_neither_is_lost(pages: Pages) -> None:
    both = threading.Barrier(2, timeout=10)
    settings = pages.desk.deps.settings

    def add(domain: str) -> None:
        first: list[int] = []

        def change(now: Settings) -> dict[str, list[str]]:
            if not first:
                first.append(both.wait())
            return {"mail_domains": sorted({*now.mail_domains, domain})}

        settings.change(change)

    threads = [threading.Thread(target=add, args=(domain,)) for domain in ("a.example", "b.example")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept(pages).mail_domains == ("a.example", "b.example", "example.com")


def test_what_another_part_keeps_in_the_settings_stays(pages: Pages) -> None:
    pages.desk.deps.state.save_settings("main", {"mail_domains": ["example.com"], "slack_channels": ["C1234567"]})
    pages.person().post("/settings/timezone", timezone="Asia/Tokyo")
    assert kept(pages) == Settings("Asia/Tokyo", ("example.com",), ("C1234567",), {})


def test_slack_is_shown_with_what_it_allows_and_how_to_mend_it(pages: Pages) -> None:
    owner = pages.person()
    body = owner.get("/settings").body
    assert f'data-slack="{TEAM}" data-state="connected"' in body
    assert f'action="/settings/slack/{TEAM}/disconnect"' in body and f'href="{PICKER}"' in body
    pages.install(state="broken")
    body = owner.get("/settings").body
    assert 'data-state="broken"' in body and f'href="{PICKER}"' not in body
    assert "Connect Slack again" in body


def test_without_slack_the_way_to_connect_it_is_shown(desk: Console) -> None:
    body = furnish(desk).person().get("/settings").body
    assert re.search(r'href="/oauth/slack/start">Connect to Slack</a>', body)


def test_the_picker_lists_searches_and_goes_on_page_by_page(pages: Pages) -> None:
    owner = pages.person()
    first = owner.get(PICKER)
    assert re.findall(r'data-channel="(\w+)"', first.body) == ["C000000000", "C000000001"]
    onward = html.unescape(re.findall(r'href="([^"]+)">Look further', first.body)[0])
    second = owner.get(onward)
    assert re.findall(r'data-channel="(\w+)"', second.body) == ["C000000002", "C000000003"]
    assert "Look further" not in second.body
    found = owner.get(f"{PICKER}?q=%23fina").body
    assert re.findall(r'data-channel="(\w+)"', found) == ["C000000000", "C000000003"]
    assert 'name="q" type="text" value="#fina"' in found


def test_a_pasted_id_finds_its_channel_and_one_that_is_not_there_gets_the_invite_instruction(pages: Pages) -> None:
    owner = pages.person()
    assert re.findall(r'data-channel="(\w+)"', owner.get(f"{PICKER}?q=C000000002").body) == ["C000000002"]
    nothing = owner.get(f"{PICKER}?q=C999999999")
    assert nothing.status == 200 and "/invite @Ledgercast" in nothing.body


def test_a_channel_is_allowed_by_id_with_its_name_for_people(pages: Pages) -> None:
    owner = pages.person()
    owner.get(PICKER)
    assert owner.post(PICKER, channel="C000000000").location == "/settings?done=channel_added"
    assert kept(pages).slack_channels == ("C000000000",)
    assert "#finance" in owner.get("/settings").body
    assert '<span class="state good">May be written to</span>' in owner.get(PICKER).body
    assert owner.post("/settings/channels/C000000000/remove").location == "/settings?done=channel_removed"
    assert kept(pages) == Settings("UTC", ("example.com",), (), {})
    entries, _ = pages.desk.web.edge.audit.newest(2)
    assert {one.subject for one in entries} == {"slack_channels/C000000000"}


def test_a_channel_shared_with_another_company_is_refused_until_an_owner_confirms(pages: Pages) -> None:
    pages.slack.channels = [channel(7, "with-auditors", shared=True)]
    owner = pages.person()
    refused = owner.post(PICKER, channel="C000000007")
    assert refused.status == 409 and "another company" in refused.alert
    assert kept(pages).slack_channels == ()
    assert 'name="shared" value="yes" required' in refused.body
    owner.post(PICKER, channel="C000000007", shared="yes")
    assert kept(pages).slack_channels == kept(pages).shared_channels == ("C000000007",)
    assert "with another company</span></span>" in owner.get("/settings").body
    owner.post("/settings/channels/C000000007/remove")
    assert kept(pages).slack_channels == kept(pages).shared_channels == ()


def test_a_channel_that_was_allowed_before_it_was_shared_is_not_allowed_as_shared(pages: Pages) -> None:
    owner = pages.person()
    owner.post(PICKER, channel="C000000000")
    pages.slack.channels = [channel(0, "finance", shared=True)]
    assert "Allow<span" in owner.get(PICKER).body
    assert owner.post(PICKER, channel="C000000000").status == 409
    assert kept(pages).shared_channels == ()


@pytest.mark.parametrize("wanted", ["", "finance", "#finance", "D0000000001", "C1; DROP", "C999999999", "C" * 10_000])
def test_no_other_channel_is_ever_allowed_dl_1(pages: Pages, wanted: str) -> None:
    answer = pages.person().post(PICKER, channel=wanted)
    assert answer.status == 422 and answer.alert
    assert kept(pages).slack_channels == ()


def test_an_archived_channel_is_refused(pages: Pages) -> None:
    pages.slack.channels = [channel(8, "old", archived=True)]
    assert pages.person().post(PICKER, channel="C000000008").status == 422


def test_what_slack_refuses_is_told_and_nothing_typed_is_lost(pages: Pages) -> None:
    pages.slack.refusal = "Slack no longer knows the app's token."
    owner = pages.person()
    for answer in (owner.get(f"{PICKER}?q=sales"), owner.post(PICKER, channel="C000000002", q="sales")):
        assert (answer.status, answer.alert) == (409, pages.slack.refusal)
        assert 'value="sales"' in answer.body


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_slacks_stay_text_sx_3(pages: Pages, name: str) -> None:
    pages.install(name)
    pages.slack.channels = [channel(1, name, shared=True)]
    owner = pages.person()
    for answer in (
        owner.get(PICKER),
        owner.post(PICKER, channel="C000000001"),
        owner.follow(owner.post(PICKER, channel="C000000001", shared="yes")),
        owner.get("/settings"),
        owner.get("/"),
    ):
        assert answer.status in (200, 409)
        assert_inert(answer.body)


CHANGES = [
    ("/settings/timezone", {"timezone": "Europe/Paris"}),
    ("/settings/own-channels", {"own": "no"}),
    ("/settings/mail-domains", {"domain": "evil.example"}),
    ("/settings/mail-domains/remove", {"domain": "example.com"}),
    (PICKER, {"channel": "C000000000"}),
    ("/settings/channels/C000000000/remove", {}),
]


@pytest.mark.parametrize(("path", "fields"), CHANGES)
def test_members_strangers_and_other_sites_change_nothing_se_2(pages: Pages, path: str, fields: dict[str, str]) -> None:
    before = kept(pages)
    member = pages.person("member")
    assert member.post(path, **fields).status == 403
    assert pages.desk.browser().post(path, **fields).location == "/sign-in"
    owner = pages.person()
    assert owner.post(path, **{**fields, "csrf": "A" * 43}).status == 403
    assert kept(pages) == before
    assert member.get("/settings").status == member.get(PICKER).status == 403


@pytest.mark.parametrize("path", ["/settings/slack/T999/channels", "/settings/channels/C000000009/remove"])
def test_what_is_not_this_workspaces_is_not_found(pages: Pages, path: str) -> None:
    pages.desk.web.state.put({"pk": "WS#other", "sk": "SLACK#T999", "secret": "s", "team_name": "Theirs"})
    owner = pages.person()
    assert owner.post(path, channel="C000000000").status == 404


def test_how_long_what_was_sent_is_kept_is_chosen_within_bounds_and_audited(pages: Pages) -> None:
    owner = pages.person()
    assert 'name="days" type="text" value="400"' in owner.get("/settings").body
    assert owner.post("/settings/keeping", days="30").location == "/settings?done=keeping"
    assert pages.desk.deps.settings.get().keep_days == 30
    assert 'name="days" type="text" value="30"' in owner.get("/settings").body
    [entry], _ = pages.desk.web.edge.audit.newest(1)
    assert (entry.act, entry.subject) == ("settings.changed", "keeping")


@pytest.mark.parametrize("days", ["0", "401", "-1", "ten", "1.5", "٣", "", "9" * 40, "<script>"])
def test_a_number_of_days_that_cannot_be_is_told_and_not_lost(pages: Pages, days: str) -> None:
    answer = pages.person().post("/settings/keeping", days=days)
    assert answer.status == 422 and "Days" in answer.alert
    assert not days or html.escape(days[:50]) in answer.body
    assert pages.desk.deps.settings.get().keep_days == 0
