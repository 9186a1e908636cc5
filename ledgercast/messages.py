"""Every sentence that tells a person why something did not happen, and what mends it.

One function per audience; codes are those of `ledgercast.domain.errors` and of the state machine. Wording lives here
alone, so that tests can assert a code and people can read one style.
"""

from __future__ import annotations

from ledgercast.domain.errors import code_of
from ledgercast.slack.errors import INSTRUCTIONS, instruction

_REASONS = {
    "internal": "Something unexpected happened. The logs of this run name it by its error id.",
    "settings.invalid": "A setting of the deployment is missing or wrong. The function's log names it.",
    "metric.unknown": "The pulse asks for a metric that does not exist. Choose another one for it.",
    "pulse.held": "The pulse was paused or deleted, or its organisation was not connected. Resume the pulse, or "
    "reconnect the organisation under Sources.",
    "pulse.unchanged": "The figures are those that were sent last, and the pulse leaves out what says nothing new.",
    "schedule.missed": "The run could not be started within an hour of its time. Send it again if it is still wanted.",
    "snapshot.in_progress": "Another run was still asking Xero for the same figures. Send it again.",
    "grant.refresh_in_progress": "Xero's access was being renewed for too long. Send it again.",
    "xero.grant.disconnected": "Xero no longer accepts the connection. Reconnect it under Sources.",
    "xero.consent.refused": "The consent in Xero was refused. Start again and allow access.",
    "xero.token.rejected": "Xero refused the authorisation code. Start the connection again.",
    "xero.token.too_long": "Xero's access token is longer than the customer key can encrypt. Please report it.",
    "xero.client.invalid": "Xero does not know the app's id or secret. The operator must correct the app credentials.",
    "xero.unreachable": "Xero did not answer. It is tried again with the next run; check the network if it goes on.",
    "xero.unavailable": "Xero answered with a fault of its own. It is tried again with the next run.",
    "xero.offline": "Xero, or this organisation, is offline for maintenance. It is tried again later.",
    "xero.limit.minute": "Xero's limit of calls per minute held for too long. Send it again in a few minutes.",
    "xero.limit.concurrent": "Other calls to this organisation held Xero's limit for too long. Send it again.",
    "xero.limit.day": "Xero's daily limit of calls is reached. The run is deferred until it resets.",
    "xero.rejected": "Xero refused the question. Asking again gives the same; please report it with the run's id.",
    "xero.too_large": "Xero's answer was larger than is safe to read. Please report it with the run's id.",
    "xero.scope.missing": "The connection lacks a permission for this metric. Reconnect it under Sources.",
    "xero.role.missing": "The Xero user who connected may not read reports. Give them that role in Xero.",
    "xero.connection.gone": "The organisation was disconnected in Xero. Reconnect it under Sources.",
    "xero.report.unknown_shape": "Xero's report has an unknown form: no figure is better than a wrong one.",
    "artefact.missing": "The run's chart or figures are no longer stored. Send it again.",
    "deliver.unconfirmed": "Nobody can say whether this arrived; it was not sent again. Look in the inbox.",
    "deliver.not_allowed": "The recipient is not on the allow-list. An owner can add it under Settings.",
    "deliver.shared_channel": "Another company reads the channel. An owner can allow it under Settings; "
    "or choose another channel for this pulse.",
    "deliver.opted_out": "This person has unsubscribed from the pulse; nothing was sent to them.",
    "deliver.nobody_left": "Everybody on this list has unsubscribed. Edit the pulse: take the list out, or ask others.",
    "deliver.unknown": "It could not be found out in time whether this arrived; it was not sent again. Look there.",
    "deliver.in_progress": "Another process was sending this very message for too long. Send it again.",
    "deliver.more": "The list of addresses was longer than could be sent in time. Send it again to complete it.",
    "deliver.no_thread": "The replies were left out, because the message they belong to did not arrive.",
    "deliver.no_destination": "The pulse no longer has this destination, or it names nobody. Edit the pulse.",
    "deliver.stopped": "Sending was interrupted. What was sent stays sent; send again to complete it.",
    "mail.rejected": "The mail server refused this message or its address. Check the address.",
    "mail.unverified": "SES writes to verified addresses alone while the account is in its sandbox. "
    "Ask AWS for production access, or verify the address at SES.",
    "mail.sender_unverified": "The sender is not verified at SES. Publish the DNS records that the deployment names.",
    "mail.paused": "SES has paused sending for this account. See the SES console for why.",
    "mail.quota": "The account's daily sending quota at SES is used up. Ask AWS for a higher one, then send again.",
    "mail.throttled": "SES limited the rate of sending for longer than is waited. Send it again.",
    "mail.unreachable": "SES could not be reached. Send it again; check the network if it goes on.",
    "mail.refused": "SES refused to send. Check the sender and the state of the account in the SES console.",
    "summary.no_model": "No AI model is chosen here. The operator names one; until then choose Template.",
    "summary.no_activity": "There were no figures to write about, so no model was asked.",
    "summary.late": "The AI model did not answer within ten seconds; the computed summary went out instead.",
    "summary.throttled": "Amazon Bedrock limited the requests; the computed summary went out instead. If it goes on, "
    "ask AWS for a higher quota.",
    "summary.denied": "Amazon Bedrock did not let this deployment use the model. The operator must enable the model in "
    "the Bedrock console, or name another one.",
    "summary.unreachable": "Amazon Bedrock could not be reached; the computed summary went out instead.",
    "summary.failed": "Amazon Bedrock failed or did not accept the request; the computed summary went out instead. The "
    "function's log has its error.",
    "summary.refused": "The AI model declined to write; the computed summary went out instead.",
    "summary.malformed": "The AI model's answer was not as asked: too long, unfinished, or with links or markup. The "
    "computed summary went out instead.",
    "summary.figure": "A figure in the AI text is not in the facts, so the computed summary went out instead.",
    "summary.direction": "The AI text told a rise as a fall, or a loss as a profit; the computed summary went out "
    "instead.",
    "summary.place": "The AI text told a figure of another month or account than its own; the computed summary went "
    "out instead.",
    "summary.name": "The AI text spoke of accounts that cannot be told; the computed summary went out instead.",
    "stream.unreadable": "Xero sent something whose form is not documented. It is kept: please report it.",
    "States.Timeout": "A step took longer than it may. Send it again; the logs of the run tell which.",
}


def reason(code: str) -> str:
    """Why a run ended as it did, in a sentence with what mends it; an unknown code is told as it is."""
    code = code_of(code)
    return _REASONS.get(code) or instruction(code) or f"{_REASONS['internal']} (code {code})"


def reasons() -> dict[str, str]:
    """Every code that has a sentence, for the documentation and for tests of completeness."""
    return {**_REASONS, **INSTRUCTIONS}
