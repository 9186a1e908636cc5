"""What owners set: the time zone, who may be written to (DL-1), and how long what was sent is kept (DL-4)."""

from __future__ import annotations

from collections.abc import Mapping

from functions.console.compose import Dependencies
from functions.console.zones import by_region, zone_of, zones
from ledgercast.domain.workspace import MOST_DOMAINS, Settings, mail_domain
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, page, redirect
from ledgercast.web.visit import FormError, Visit

_LONGEST_DOMAIN = 254

DONE = {
    "timezone": "The time zone was changed.",
    "domain_added": "The mail domain may be written to.",
    "domain_removed": "The mail domain was taken off the list: nothing is sent there any more.",
    "own_channels_on": "The channels of your own workspace may be written to.",
    "own_channels_off": "Only the channels on the list may be written to.",
    "channel_added": "The channel may be written to.",
    "channel_removed": "The channel was taken off the list.",
    "slack_connected": "Slack is connected.",
    "slack_removed": "Slack was disconnected, and the app's token deleted.",
    "keeping": "How long charts, texts and numbers are kept was changed. What is older goes with the next daily pass.",
    "left_at_slack": "Slack was disconnected here and the app's token deleted. Slack could not be told: remove the app "
    "there too, under Apps.",
}
"""What the page says after a redirect to `/settings?done=<word>`."""


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/settings", who="owner")(settings)
    app.route("POST", "/settings/timezone", who="owner")(set_timezone)
    app.route("POST", "/settings/keeping", who="owner")(set_keeping)
    app.route("POST", "/settings/own-channels", who="owner")(set_own_channels)
    app.route("POST", "/settings/mail-domains", who="owner")(add_domain)
    app.route("POST", "/settings/mail-domains/remove", who="owner")(remove_domain)


def settings(visit: Visit, deps: Dependencies) -> Reply:
    return _page(deps, notice=DONE.get(visit.query.get("done", "")))


def set_timezone(visit: Visit, deps: Dependencies) -> Reply:
    try:
        wanted = visit.field("timezone", 60, label="Time zone")
        if wanted not in zones():
            raise FormError("timezone", "Time zone: please choose one of the list.")
    except FormError as wrong:
        return _page(deps, 422, alert=str(wrong), wrong="timezone")
    deps.settings.change(lambda _: {"timezone": wanted})
    return _changed(visit, deps, "timezone", "ok", "timezone")


def set_keeping(visit: Visit, deps: Dependencies) -> Reply:
    """How many days charts, texts and numbers are kept: at most as many as the deployment keeps anything."""
    try:
        days = visit.field("days", 10, label="Days")
        if not (days.isascii() and days.isdigit() and 1 <= int(days) <= deps.run_days):
            raise FormError("days", f"Days: please give a whole number from 1 to {deps.run_days}.")
    except FormError as wrong:
        typed = {"days": visit.form.get("days", "")[:50]}
        return _page(deps, 422, alert=str(wrong), wrong="days", typed=typed)
    deps.settings.change(lambda _: {"keep_days": int(days)})
    return _changed(visit, deps, "keeping", "ok", "keeping")


def set_own_channels(visit: Visit, deps: Dependencies) -> Reply:
    """Whether the workspace's own channels are open without a list; shared ones never are."""
    wanted = visit.field("own", 3, label="Channels")
    if wanted not in ("yes", "no"):
        raise FormError("own", "Channels: please choose one of the two.")
    deps.settings.change(lambda _: {"own_channels": wanted == "yes"})
    outcome = "on" if wanted == "yes" else "off"
    return _changed(visit, deps, "own_channels", outcome, f"own_channels_{outcome}")


def add_domain(visit: Visit, deps: Dependencies) -> Reply:
    try:
        domain = _domain(visit)
        deps.settings.change(lambda now: {"mail_domains": _with(now, domain)})
    except FormError as wrong:
        typed = {"domain": visit.form.get("domain", "")[: _LONGEST_DOMAIN + 50]}
        return _page(deps, 422, alert=str(wrong), wrong="domain", typed=typed)
    return _changed(visit, deps, "mail_domains", "added", "domain_added")


def remove_domain(visit: Visit, deps: Dependencies) -> Reply:
    domain = visit.field("domain", _LONGEST_DOMAIN, label="Domain")
    deps.settings.change(lambda now: {"mail_domains": [one for one in now.mail_domains if one != domain]})
    return _changed(visit, deps, "mail_domains", "removed", "domain_removed")


def _domain(visit: Visit) -> str:
    domain = mail_domain(visit.field("domain", _LONGEST_DOMAIN, label="Domain"))
    if domain is None:
        raise FormError("domain", "Domain: that does not look like one, such as example.com.")
    return domain


def _with(now: Settings, domain: str) -> list[str]:
    domains = sorted({*now.mail_domains, domain})
    if len(domains) > MOST_DOMAINS:
        raise FormError("domain", f"Domain: {MOST_DOMAINS} can be allowed at most. Remove one first.")
    return domains


def _changed(visit: Visit, deps: Dependencies, what: str, outcome: str, done: str) -> Reply:
    deps.edge.audit.note("settings.changed", visit.actor, visit.address, what, outcome)
    return redirect(f"/settings?done={done}")


def _page(
    deps: Dependencies,
    status: int = 200,
    *,
    notice: str | None = None,
    alert: str | None = None,
    wrong: str = "",
    typed: Mapping[str, str] | None = None,
) -> Reply:
    """`wrong` names the field that `alert` is about; `typed` is what a refused form held."""
    now = deps.settings.get()
    return page(
        "settings.html.j2",
        status,
        notice=notice,
        alert=alert,
        wrong=wrong,
        typed={"domain": "", "days": str(now.keep_days or deps.run_days), **(typed or {})},
        most_days=deps.run_days,
        settings=now,
        clock=deps.edge.now().astimezone(zone_of(now)),
        regions=by_region(),
        known=zones(),
        installs=deps.installs.list(),
    )
