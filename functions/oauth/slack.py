"""To Slack and back, and out of it again: an owner's business (design 6). The same state as for Xero; no second factor
is asked for, since what is installed can write and reads no figures."""

from __future__ import annotations

from functions.oauth import flow
from functions.oauth.compose import Dependencies
from functions.oauth.reasons import Refused, of_slack
from ledgercast.domain.sending import NotSent, Unclear
from ledgercast.settings import SLACK_API
from ledgercast.slack.install import Installed, SlackApp, UnusableInstall
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, redirect, redirect_to_provider
from ledgercast.web.visit import Visit


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/oauth/slack/start", who="owner")(start)
    app.route("GET", "/oauth/slack/callback", who="member")(callback)
    app.route("POST", "/settings/slack/{team}/disconnect", who="owner")(disconnect)


@flow.ending("slack")
def start(visit: Visit, deps: Dependencies) -> Reply:
    """To Slack's page that allows the app; optional: `next` to go to afterwards."""
    app, address = deps.slack(), flow.callback_address(deps, "slack")
    if app.api == SLACK_API and not address.startswith("https://"):
        raise Refused("https_only")
    started, cookie = flow.begin(visit, deps, "slack")
    return redirect_to_provider(app.authorise_url(redirect=address, state=started.state), app.api, cookie)


@flow.ending("slack")
def callback(visit: Visit, deps: Dependencies) -> Reply:
    """What Slack sends back. Open to every member, so that it always answers by a redirect; only owners begin it."""
    begun = flow.returned(visit, deps.consents, "slack")
    if not visit.signed_in.is_owner:
        raise Refused("session")
    code, app = flow.code_of(visit), deps.slack()
    install = deps.installs.save(_installed(deps, app, code), visit.actor, visit.now)
    deps.edge.audit.note("slack.installed", visit.actor, visit.address, install.id, install.state)
    return redirect(begun.next or "/settings?done=slack_connected")


def disconnect(visit: Visit, deps: Dependencies) -> Reply:
    """End the token at Slack and forget it here, even where Slack does not answer: nobody has it then."""
    install = deps.installs.get(visit.params["team"])
    if install is None:
        return not_found()
    outcome = "ok"
    try:
        deps.slack().revoke(deps.installs.token(install))
    except (NotSent, Unclear, Refused):
        outcome = "left_at_slack"
    deps.installs.remove(install)
    deps.edge.audit.note("slack.removed", visit.actor, visit.address, install.id, outcome)
    return redirect("/settings?done=" + ("slack_removed" if outcome == "ok" else outcome))


def _installed(deps: Dependencies, app: SlackApp, code: str) -> Installed:
    try:
        return app.exchange(code, redirect=flow.callback_address(deps, "slack"))
    except (NotSent, Unclear, UnusableInstall) as error:
        raise Refused(of_slack(error)) from None
