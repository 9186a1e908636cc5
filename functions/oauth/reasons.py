"""Why a connect did not come about: each reason a code, a page and its words (OA-5). Nothing of a request is repeated.

The words are general on purpose: what Xero, Slack or the browser sent is in none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledgercast.domain.errors import (
    GrantError,
    InvalidClient,
    LedgercastError,
    RefreshInProgress,
    TokenRejected,
    TokenTooLong,
    XeroError,
)
from ledgercast.domain.sending import Limited, NotSent
from ledgercast.slack.install import UnusableInstall
from ledgercast.store.consents import Provider


class Refused(Exception):
    """The connect ends here. `reason` is a code of this module."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Reason:
    """`again`: trying again can help. Operators find what only they can mend in `operator`."""

    title: str
    message: str
    again: bool = True
    operator: str = ""


_STATE = "It was used already, or took longer than ten minutes. Nothing was connected."
_BOTH: Final[Mapping[str, Reason]] = {
    "state": Reason("This step is over", f"{_STATE} Start again from here."),
    "session": Reason(
        "This belongs to another sign-in",
        "The connect was begun in another sign-in than the one you are in now. Nothing was connected.",
    ),
    "browser": Reason(
        "This belongs to another browser",
        "A connect must end in the browser in which it began. Nothing was connected.",
    ),
    "internal": Reason(
        "Something went wrong on our side",
        "It may have been done in part: look at what is connected before you try again. The log names the fault.",
    ),
}

XERO: Final[Mapping[str, Reason]] = {
    **_BOTH,
    "denied": Reason(
        "You did not allow access", "Xero asked, and the answer was no. Nothing was connected and nothing was read."
    ),
    "provider": Reason("Xero did not go on", "Xero ended the connect with an error of its own. Nothing was connected."),
    "no_code": Reason("Xero's answer was not complete", "It brought no authorisation code. Nothing was connected."),
    "code_refused": Reason(
        "Xero did not take its own code back",
        "A code holds for five minutes and once. Nothing was connected.",
        operator="If it happens every time, compare the redirect address of the app at developer.xero.com with this"
        " site's address followed by /oauth/xero/callback: they must be the same to the letter.",
    ),
    "app_credentials": Reason(
        "Xero does not know this app",
        "The app's id or secret is not the one that Xero has. Nothing was connected.",
        again=False,
        operator="Compare both with the app's configuration at developer.xero.com, then set them anew with"
        " python -m ledgercast admin secrets set.",
    ),
    "not_configured": Reason(
        "No Xero app is set up yet",
        "This deployment does not know the id and secret of a Xero app.",
        again=False,
        operator="Make an app at developer.xero.com, then run python -m ledgercast admin secrets set;"
        " docs/xero-app.md leads through it.",
    ),
    "unavailable": Reason(
        "Xero did not answer", "Xero could not be reached, or asked us to wait. Nothing was connected."
    ),
    "token": Reason(
        "Xero's answer cannot be kept",
        "It has a form that this release does not know. Nothing was connected.",
        again=False,
        operator="Please report it with the time at which it happened.",
    ),
    "busy": Reason(
        "Two connects of the same Xero user met", "Only one of them could be kept. Start again, in one window."
    ),
    "organisations": Reason(
        "Xero did not name the organisation",
        "Access was given, but the list of organisations could not be read. Nothing was connected.",
    ),
    "no_organisation": Reason(
        "There is no organisation to connect",
        "Xero gave access to no organisation. Choose one on Xero's page; a practice cannot be connected.",
    ),
    "choice": Reason("There is nothing left to choose", _STATE),
    "two_apps": Reason(
        "Xero says that the organisation has two apps already",
        "Xero lets an organisation use two apps at most that Xero has not certified. Disconnect one of them in Xero,"
        " under Settings, Connected apps, and start again.",
        operator="Until your app is certified, this limit holds for every organisation. Xero shows it on its own page"
        " and sends nobody back here.",
    ),
    "invalid_scope": Reason(
        "Xero says: invalid scope",
        "This deployment asks for a permission that its Xero app may not ask for. Nothing was connected.",
        again=False,
        operator="Apps made before 2 March 2026 may know the broad permissions only: set LEDGERCAST_XERO_SCOPES to"
        " classic. Otherwise set it to the permissions that the app does have, by name. Xero does not say which one it"
        " refused, shows this on its own page, and sends nobody back here.",
    ),
}

SLACK: Final[Mapping[str, Reason]] = {
    **_BOTH,
    "denied": Reason("You did not allow the app", "Slack asked, and the answer was no. Nothing was installed."),
    "provider": Reason("Slack did not go on", "Slack ended the installation with an error. Nothing was installed."),
    "no_code": Reason("Slack's answer was not complete", "It brought no code. Nothing was installed."),
    "code_refused": Reason(
        "Slack did not take its own code back", "A code holds for ten minutes and once. Nothing was installed."
    ),
    "app_credentials": Reason(
        "Slack does not know this app",
        "The app's id, secret or redirect address is not the one that Slack has.",
        again=False,
        operator="Compare all three with the app's pages at api.slack.com, then set id and secret anew with"
        " python -m ledgercast admin secrets set.",
    ),
    "not_configured": Reason(
        "No Slack app is set up yet",
        "This deployment does not know the id and secret of a Slack app.",
        again=False,
        operator="Make an app from docs/slack-manifest.json at api.slack.com, then run"
        " python -m ledgercast admin secrets set; docs/slack-app.md leads through it.",
    ),
    "unavailable": Reason(
        "Slack did not answer",
        "Slack could not be reached, or asked us to wait. If the app shows in Slack already, start again all the same.",
    ),
    "https_only": Reason(
        "Slack needs an https address",
        "Slack sends people back to https addresses only, and this site's begins with http.",
        again=False,
        operator="For work on this machine set LEDGERCAST_SLACK_BOT_TOKEN and LEDGERCAST_SLACK_CHANNEL instead.",
    ),
    "token_rotation": Reason(
        "The Slack app's tokens expire",
        "Token rotation is on in the Slack app; this release works with lasting bot tokens. Nothing was kept.",
        again=False,
        operator="Slack cannot turn rotation off again: make a new app from docs/slack-manifest.json.",
    ),
    "whole_organisation": Reason(
        "Choose one workspace",
        "The app was allowed for a whole organisation in Slack. Allow it for one workspace. Nothing was kept.",
    ),
    "no_bot": Reason(
        "Slack gave no bot",
        "The installation brought no bot token, so nothing could be sent with it. Nothing was kept.",
        operator="The app needs a bot user and the permissions of docs/slack-manifest.json.",
    ),
}

OF: Final[Mapping[Provider, Mapping[str, Reason]]] = {"xero": XERO, "slack": SLACK}

_SLACK_CODE = ("slack.invalid_code", "slack.code_already_used", "slack.code_expired")
_SLACK_APP = (
    "slack.invalid_client_id",
    "slack.bad_client_secret",
    "slack.invalid_client",
    "slack.bad_redirect_uri",
    "slack.redirect_uri_mismatch",
)


def of_xero(error: LedgercastError) -> str:
    """The reason for what Xero's identity side, or the store of grants, raised."""
    if isinstance(error, TokenRejected):
        return "token" if error.reason == "unknown_token" else "code_refused"
    if isinstance(error, InvalidClient):
        return "app_credentials"
    if isinstance(error, RefreshInProgress):
        return "busy"
    if isinstance(error, TokenTooLong):
        return "token"
    return "unavailable" if isinstance(error, (XeroError, GrantError)) else "internal"


def of_slack(error: Exception) -> str:
    """The reason for what the exchange of Slack's code raised."""
    if isinstance(error, UnusableInstall):
        return error.reason
    if isinstance(error, NotSent) and not isinstance(error, Limited):
        if error.reason in _SLACK_CODE:
            return "code_refused"
        return "app_credentials" if error.reason in _SLACK_APP else "provider"
    return "unavailable"
